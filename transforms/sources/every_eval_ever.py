"""Every Eval Ever: a JSON file of one model's evaluation results, with their source.

The format: https://github.com/evaleval/every_eval_ever, eval.schema.json; versions 0.0.1 to 0.3.0 are read.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import IO, Any

from transforms.formats import (
    BrokenFileError,
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    Section,
    SourceConfig,
    Upstream,
    collect,
    iter_members,
    results_of_paper,
)
from transforms.sources.pwc import as_percent

PARSER_VERSION = "1"

_NAMESPACED = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")  # paperswithcode.image_classification.imagenet


class Lookups(Section):
    verification: dict[str, str]


class Config(SourceConfig):
    lookups: Lookups


def parse_named(file: IO[bytes], config: Config, name: str) -> Iterator[Parsed]:
    """The record of a file, or those of a bundle; an entry is one result."""
    upstream = Upstream()
    members = iter_members(file, name, config.limits.unpacked_max_bytes)
    return collect(_entries(members, upstream, config), upstream, "records")


def _entries(
    members: Iterator[tuple[str, bytes | BrokenFileError]], upstream: Upstream, config: Config
) -> Iterator[Entry | Reject]:
    for name, content in members:
        if isinstance(content, BrokenFileError):
            yield Reject("unreadable_file", f"{name}: {content}", name)
            continue
        try:
            record = json.loads(content)
        except (ValueError, RecursionError) as error:
            yield Reject("not_json", f"{name}: it is not JSON: {str(error)[:200]}", name)
            continue
        if not isinstance(record, dict) or "evaluation_results" not in record:
            yield Reject("no_record", f"{name}: it has no evaluation_results: is it a record's?", name)
            continue
        yield from _record(Fields(record, upstream), upstream, config, name)


def _record(fields: Fields, upstream: Upstream, config: Config, name: str) -> Iterator[Entry | Reject]:
    model, source = fields.inner("model_info"), fields.inner("source_metadata")
    fields.inner("evaluation_source")  # before 0.1
    about: Row = {
        "task": "",
        "model": model.text("id", "name"),
        "verification": config.lookups.verification.get(source.text("evaluator_relationship") or ""),
        "reported_on": fields.day("evaluation_timestamp"),
    }
    fields.texts("source_data")  # before 0.2
    results = fields.objects("evaluation_results")
    if not about["model"] or not results:
        yield Reject("no_results", f"{name}: it names no model, or has no result", name)
        return
    collection = source.text("source_name")
    for result in results:
        yield _result(about, collection, Fields(result, upstream, "evaluation_results."), name)


def _result(about: Row, collection: str | None, fields: Fields, name: str) -> Entry | Reject:
    data, metric, scored = (
        fields.inner("source_data"),
        fields.inner("metric_config"),
        fields.inner("score_details"),
    )
    dataset = _name_dataset(fields.text("evaluation_name"), data.text("dataset_name") or collection)
    score, bounds = _number(scored.take("score")), [_number(metric.take(name)) for name in ("min_score", "max_score")]
    if score is None or not dataset:
        message = f"{name}: a result has no score that is a number, or no name of what was evaluated"
        return Reject("no_score", message, name)
    value, text = as_percent(score) if bounds == [0, 1] else (score, f"{score:.10g}")
    details = scored.inner("details")
    url, title = details.text("paper_url", "paper_arxiv_url"), details.text("paper_title")
    result: Row = {
        **about,
        "dataset": dataset,
        "metric": metric.text("metric_name", "metric_id") or "score",
        "condition": metric.inner("additional_details").text("condition"),
        "value_text": details.text("value_text", "raw_value") or text,
        "value": value,
        "paper_title": title,
        "paper_url": url,
        "reported_on": fields.day("evaluation_timestamp") or about["reported_on"],
    }
    return results_of_paper([result], title, url)


def _number(value: Any) -> float | None:
    """None of what is no number, or none that a computer can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _name_dataset(evaluation: str | None, dataset: str | None) -> str | None:
    """What was evaluated: a part of a collection with the collection's name, as "Focus" or "Math" alone says nothing.

    >>> _name_dataset("Focus", "RewardBench 2"), _name_dataset("gsm8k", "GSM8K"), _name_dataset("pwc.rocks", "Rocks")
    ('RewardBench 2 Focus', 'GSM8K', 'Rocks')
    """
    if not evaluation or not dataset:
        return evaluation or dataset
    if _NAMESPACED.fullmatch(evaluation) or evaluation.casefold() in dataset.casefold():
        return dataset
    return evaluation if dataset.casefold() in evaluation.casefold() else f"{dataset} {evaluation}"
