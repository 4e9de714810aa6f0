"""Corrections by people: a YAML list, a mapping each, as docs/corrections.md describes.

- paper: "1905.11946"        # an id of the paper, or its title
  claim: "91.7%"             # or `table`, or `reported`: the number as it was read
  dataset: CIFAR-100         # of the row that is meant; of a claim only where the number stands twice
  verdict: changed           # right, wrong, changed or taken_back
  should_be: {metric: accuracy, condition: 5-shot}
  author: Ada
  on: 2026-11-29
  reason: The sentence says so.
  evidence: https://arxiv.org/abs/1905.11946
- same: {dataset: [ImageNet, ILSVRC]}   # or metric or model; the first name stays
  …
- no_name: {dataset: NLP}
  …
- paper: "1905.11946"
  missing: {task: Image Classification, dataset: ImageNet, metric: Top 1 Accuracy, value: "84.4%", model: B7}
  …
"""

from collections.abc import Iterator
from typing import IO, Any

import yaml

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    collect,
    paper_ids,
    printable,
)
from transforms.sources.pwc import parse_number

PARSER_VERSION = "1"

_NUMBERS = ("claim", "table", "reported")
_VERDICTS = ("right", "wrong", "changed", "taken_back")  # of a number
_NAMES = ("dataset", "metric", "model")
_SHOULD_BE = ("task", "metric", "dataset", "condition", "value", "subject")


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The corrections of a file; each that cannot be read is a reject that names its line."""
    upstream = Upstream()
    return collect(_corrections(file, upstream, config.limits.unpacked_max_bytes), upstream, "corrections")


def _corrections(file: IO[bytes], upstream: Upstream, max_bytes: int) -> Iterator[Entry | Reject]:
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        yield Reject("broken_file", f"it has more than {max_bytes:,} bytes; split it")
        return
    try:
        document = yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        yield Reject("broken_file", f"{place}it is no YAML: {getattr(error, 'problem', None) or error}")
        return
    if document is None:
        return
    if not isinstance(document, yaml.SequenceNode):
        yield Reject("broken_file", f"line {document.start_mark.line + 1}: it is no list of corrections")
        return
    for node in document.value:
        line = node.start_mark.line + 1
        try:
            entry = yaml.SafeLoader("").construct_document(node)
            yield read_correction(entry, upstream)
        except (yaml.YAMLError, ValueError, AttributeError, TypeError) as error:
            yield Reject("no_correction", f"line {line}: {error}", printable(str(node.value))[:200])


def read_correction(entry: object, upstream: Upstream) -> Entry:
    """One correction, as YAML gives it. Raises ValueError with what is wrong with it."""
    return _read(Fields(_checked(entry), upstream))


def _checked(entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ValueError("the correction is no mapping")
    for name in ("paper", *_NUMBERS):
        if not isinstance(entry.get(name), str | None):
            raise ValueError(f"put the {name} into quotes: YAML reads {entry[name]} as a number")
    return _with_text_keys(entry)


def _with_text_keys(entry: dict[Any, Any]) -> dict[str, Any]:
    """A mapping whose keys YAML may have read as numbers or days, and all within it, with texts as keys."""
    return {str(name): _with_text_keys(value) if isinstance(value, dict) else value for name, value in entry.items()}


def _read(fields: Fields) -> Entry:
    """Raises ValueError with what is wrong with the correction."""
    said: Row = {
        "author": fields.text("author"),
        "made_on": fields.day("date"),
        "reason": fields.text("reason"),
        "evidence_url": fields.text("evidence"),
    }
    for field, name in (("author", "author"), ("made_on", "date"), ("reason", "reason")):
        if said[field] is None:
            raise ValueError(f"the correction has no '{name}'")
    names = _names(fields, said)
    paper = fields.text("paper")
    missing = fields.inner("missing")
    if names:
        entry = Entry(corrections=names)
    elif not paper:
        raise ValueError("the correction names no 'paper', and is none of names ('same', 'no_name')")
    elif result := _missing(missing, paper):
        added = said | {"target": "result", "verdict": "missing", "value_text": result["value_text"]}
        entry = Entry(_record(paper), results=[result], corrections=[added])
    else:
        entry = Entry(_record(paper), corrections=[said | _number(fields)])
    if left := fields.list_left():
        raise ValueError(f"the correction has unknown fields: {', '.join(left)}")
    return entry


def _record(paper: str) -> Row:
    """The paper as a record: by its id, else by its title."""
    ids = paper_ids([paper])
    is_title = not any(ids.values())
    return {"source_record_id": paper, "title_raw": paper if is_title else "", **ids}


def _names(fields: Fields, said: Row) -> list[Row]:
    """The corrections of names: each further one is the first; one that is none is nothing."""
    same, none = fields.inner("same"), fields.inner("no_name")
    found: list[Row] = []
    for kind in _NAMES:
        first, *others = same.texts(kind) or [""]
        found += [{**said, "target": kind, "verdict": "same", "name": name, "new_name": first} for name in others]
        if (name := none.text(kind)) and kind == "model":
            raise ValueError("a model has no name that is none: say that its rows are wrong")
        if name:
            found.append({**said, "target": kind, "verdict": "none", "name": name})
    return found


def _missing(fields: Fields, paper: str) -> Row | None:
    task, dataset, metric = fields.text("task"), fields.text("dataset"), fields.text("metric")
    value, model, condition = fields.text("value"), fields.text("model"), fields.text("condition")
    if not any((task, dataset, metric, value, model)):
        return None
    if not task or not dataset or not metric or value is None or parse_number(value) is None:
        raise ValueError("a missing result needs 'task', 'dataset', 'metric' and a 'value' that is a number")
    return {
        "task": task, "dataset": dataset, "metric": metric, "model": model, "condition": condition,
        "paper_title": paper, "value_text": value, "value": parse_number(value),
    }  # fmt: skip


def _number(fields: Fields) -> Row:
    """What is said of a number."""
    found = [(target, text) for target in _NUMBERS if (text := fields.text(target))]
    if len(found) != 1:
        raise ValueError("the correction needs one of 'claim', 'table', 'reported': the number as it was read")
    ((target, text),) = found
    verdict, should_be = fields.text("verdict") or "", fields.inner("should_be")
    if verdict not in _VERDICTS:
        raise ValueError(f"'verdict' is {verdict or 'not there'}: it is one of {', '.join(_VERDICTS)}")
    new = {name: should_be.text(name) for name in _SHOULD_BE}
    if (verdict == "changed") != any(new.values()):
        raise ValueError("'changed' goes with 'should_be', and only that")
    value = parse_number(new["value"]) if new["value"] else None
    if new["value"] and value is None:
        raise ValueError(f"the value that it should be is no number: {new['value']}")
    if new["subject"] not in (None, "proposed", "baseline"):
        raise ValueError("the subject is 'proposed' or 'baseline'")
    dataset, metric = fields.text("dataset"), fields.text("metric")
    if target != "claim" and not (dataset and metric):
        raise ValueError("a number of a table or a leaderboard needs its 'dataset' and 'metric'")
    return {
        "target": target, "verdict": verdict, "value_text": text, "char_start": fields.integer("at"),
        "dataset": dataset, "metric": metric, "model": fields.text("model"), "new_task": new["task"],
        "new_metric": new["metric"], "new_dataset": new["dataset"], "new_condition": new["condition"],
        "new_value": value, "new_subject": new["subject"],
    }  # fmt: skip
