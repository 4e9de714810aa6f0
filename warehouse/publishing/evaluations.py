"""Rows of leaderboards in the formats in which others keep evaluations: records of Every Eval Ever, and the
.eval_results files of model repositories on the Hugging Face Hub."""

import re
import uuid
from datetime import datetime
from typing import Any

from transforms.identity.keys import stable_hash
from warehouse.publishing.papers import build_page_url

Facts = dict[str, Any]

SCHEMA_VERSION = "0.3.0"  # of Every Eval Ever: https://github.com/evaleval/every_eval_ever
COLLECTION = "paperhouse"  # of its datastore: data/COLLECTION/DEVELOPER/MODEL/UUID.json
_UNSAFE = re.compile(r"[^\w.+-]+")


def describe_record(entries: list[Facts], version: int, at: datetime) -> tuple[str, Facts]:
    """(path, record of Every Eval Ever) of one model of one paper. entries: rows of _ENTRIES
    (warehouse/operations/evaluations.py) that share paper and model."""
    first = entries[0]
    url, model_id = build_page_url(first), _name_model(first)
    record = {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{COLLECTION}/{model_id}/{at.timestamp():.0f}",
        "retrieved_timestamp": f"{at.timestamp():.0f}",
        "source_metadata": {
            "source_name": first["title"] or first["paper_id"],
            "source_type": "documentation",
            "source_organization_name": COLLECTION,
            "evaluator_relationship": first["evaluator"],
            "additional_details": {"publication": str(version), "paper_id": first["paper_id"], "paper_url": url},
        },
        "eval_library": {"name": "unknown", "version": "unknown"},
        "model_info": {
            "name": first["model"] or f"the method of {first['title'] or first['paper_id']}",
            "id": model_id,
            "additional_details": {
                "deployment_type": "unknown",
                "model_availability": "open_weights" if first["repository"] else "unknown",
            },
        },
        "evaluation_results": [_describe_result(entry, url) for entry in entries],
    }
    # A name of the same content is the same in each publication; the datastore wants one of a random UUID's form.
    name = uuid.UUID(stable_hash(f"{first['paper_id']}|{first['model'] or ''}|{first['evaluator']}", 16), version=4)
    return f"data/{COLLECTION}/{model_id}/{name}.json", record


def _name_model(entry: Facts) -> str:
    """DEVELOPER/MODEL: the repository on the Hub, else the paper and the model's name in it."""
    if entry["repository"]:
        return str(entry["repository"])
    return f"{_safe(entry['paper_id'])}/{_safe(entry['model'] or 'proposed')}"


def _safe(name: str) -> str:
    """The name as a path may have it; a hash tells those apart that are cut or changed to the same."""
    safe = _UNSAFE.sub("-", name).strip(".-").encode()[:80].decode("utf-8", "ignore")
    return safe if safe == name else f"{safe}-{stable_hash(name)[:6]}".lstrip("-")


def _describe_result(entry: Facts, url: str) -> Facts:
    details = {
        "value_text": entry["value_text"],
        "bound": entry["bound"],
        "evidence_kind": entry["evidence_kind"],
        "evidence": entry["evidence"],
        "place": entry["place"],
        "confidence": None if entry["confidence"] is None else f"{entry['confidence']:.3f}",
        "claim_id": entry["claim_id"],
        "cell_id": entry["cell_id"],
        "result_id": entry["result_id"],
        "paper_url": url,
        "paper_title": entry["title"],
        "published_on": entry["published_on"] and str(entry["published_on"]),
    }
    more = {"condition": entry["condition"], "task": entry["task"]}
    metric = {
        "metric_id": entry["metric"].replace(" ", "_"),
        "metric_name": entry["metric"],
        "metric_unit": entry["unit"],
        "lower_is_better": not entry["higher_is_better"],
        "additional_details": {name: value for name, value in more.items() if value},
    }
    if entry["unit"] == "percent" and 0 <= entry["value"] <= 100:
        metric |= {"score_type": "continuous", "min_score": 0, "max_score": 100}
    return {
        "evaluation_result_id": entry["entry_id"],
        "evaluation_name": entry["dataset"],
        "source_data": {"dataset_name": entry["dataset"], "source_type": "other"},
        "metric_config": metric,
        "score_details": {
            "score": entry["value"],
            "details": {name: str(value) for name, value in details.items() if value is not None},
        },
    }


def is_of_repository(entry: Facts) -> bool:
    """Whether it is the paper's own number for the model that its repository has: of the method that it proposes, or of
    a model by the repository's name."""
    if not entry["repository"] or entry["evaluator"] == "third_party":
        return False
    model, name = (_folded(text) for text in (entry["model"] or "", entry["repository"].partition("/")[2]))
    return (entry["model"] is None and entry["evidence_kind"] == "claim") or (bool(model) and model in name)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def describe_hub_results(entries: list[Facts]) -> tuple[str, list[Facts]]:
    """(path, entries) of a model repository's .eval_results file, ready for a pull request: rows of a paper that names
    one model on the Hub, each with the benchmark and task that the Hub knows it by."""
    results = [
        {
            "dataset": {"id": entry["benchmark"], "task_id": entry["benchmark_task"]},
            "value": entry["value"],
            **({"date": str(entry["published_on"])} if entry["published_on"] else {}),
            "source": {"url": build_page_url(entry), "name": entry["title"] or entry["paper_id"]},
            **({"notes": notes} if (notes := entry["condition"] or entry["evidence"]) else {}),
        }
        for entry in entries
    ]
    return f"{entries[0]['repository']}/.eval_results/{COLLECTION}.yaml", results
