"""Evaluation results on the Hugging Face Hub: a model repository's own, the Hub's answer about a model, or a
benchmark's leaderboard.

The formats: https://huggingface.co/docs/hub/eval-results and https://huggingface.co/docs/hub/leaderboard-data-guide
"""

import itertools
import re
from collections.abc import Iterator
from typing import IO, Any

import yaml

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
    broken,
    collect,
    decoded,
    iter_members,
    objects,
    results_of_paper,
)
from transforms.formats.files import BROKEN
from transforms.sources.pwc import as_percent, parse_number

PARSER_VERSION = "1"

_REPOSITORY = re.compile(r"(?P<organisation>[\w.-]+?)--(?P<name>[\w.-]+?)(?:--.*)?\.(?:ya?ml|json)$")
_YAML = (".yaml", ".yml")


class Benchmark(Section):
    id: str
    task: str
    dataset: str
    metric: str


class Lookups(Section):
    no_organisations: list[str]
    benchmarks: list[Benchmark]


class Config(SourceConfig):
    lookups: Lookups


def parse_named(file: IO[bytes], config: Config, name: str) -> Iterator[Parsed]:
    """The results of a file, or of those of a bundle; an entry is one result."""
    upstream = Upstream()
    documents = _documents(iter_members(file, name, config.limits.unpacked_max_bytes))
    try:
        first = next(documents, None)
    except (*BROKEN, ValueError) as error:
        yield from collect(iter([broken(error)]), upstream, "")
        return
    read = itertools.chain([first] if first else [], documents)
    items = (item for member, document in read for item in _entries(member, document, upstream, config))
    yield from collect(items, upstream, _kind(first[1]) if first else "")


def _documents(members: Iterator[tuple[str, bytes | BrokenFileError]]) -> Iterator[tuple[str, Any]]:
    """(name, what it holds) of each file; a Reject where it cannot be read."""
    for name, content in members:
        if isinstance(content, BrokenFileError):
            yield name, Reject("unreadable_file", f"{name}: {content}", name)
        else:
            yield name, _read_yaml(name, content) if name.endswith(_YAML) else _read_json(name, content)


def _read_json(name: str, content: bytes) -> Any:
    found = decoded(content.decode("utf-8", "replace").strip())
    return Reject("not_json", f"{name}: it is not JSON", name) if isinstance(found, str) else found


def _read_yaml(name: str, content: bytes) -> Any:
    """Every value as it is written: the types that YAML finds, and what refers to another part, are nothing of these
    files."""
    try:
        text = content.decode("utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.BaseLoader)):
            return Reject("not_yaml", f"{name}: it has aliases, which results have not", name)
        return yaml.load(text, yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        return Reject("not_yaml", f"{name}: {place}it is no YAML: {getattr(error, 'problem', None) or error}", name)


def _kind(document: Any) -> str:
    if isinstance(document, dict):
        return "model"
    first = document[0] if isinstance(document, list) and document else None
    return "leaderboard" if isinstance(first, dict) and "modelId" in first else "eval_results"


def _entries(name: str, document: Any, upstream: Upstream, config: Config) -> Iterator[Entry | Reject]:
    if isinstance(document, Reject):
        yield document
        return
    kind, match = _kind(document), _REPOSITORY.search(name)
    repository = f"{match['organisation']}/{match['name']}" if match else None
    if kind == "model":
        model = Fields(document, upstream)
        yield from _model(model, model.text("id", "modelId"), upstream, config, name)
    elif not isinstance(document, list):
        yield Reject("no_results", f"{name}: it is no list of results", name)
    elif repository is None:
        whose = "ORG--DATASET.json" if kind == "leaderboard" else "ORG--MODEL--NAME.yaml"
        yield Reject("no_repository", f"{name}: its name does not say whose it is; save it as {whose}", name)
    elif kind == "leaderboard":
        yield from objects(iter(document), lambda row: _ranked(Fields(row, upstream), repository, config))
    else:
        yield from objects(
            iter(document), lambda row: _reported(Fields(row, upstream), repository, "self_reported", config)
        )


def _model(
    model: Fields, repository: str | None, upstream: Upstream, config: Config, name: str
) -> Iterator[Entry | Reject]:
    results = model.objects("evalResults")
    if not repository or not results:
        yield Reject("no_results", f"{name}: it names no model, or has no evalResults", name)
        return
    for each in results:
        fields = Fields(each, upstream, "evalResults.")
        verification = _verification(fields)
        yield _reported(fields.inner("data") if "data" in each else fields, repository, verification, config)


def _ranked(fields: Fields, benchmark: str, config: Config) -> Entry | Reject:
    """A row of a leaderboard, whose dataset is the file's name's."""
    return _result(fields, fields.text("modelId"), (benchmark, None), _verification(fields), config)


def _reported(fields: Fields, model: str, verification: str, config: Config) -> Entry | Reject:
    """An entry of a model's own file."""
    dataset = fields.inner("dataset")
    # Older files call a task the configuration of its dataset.
    return _result(fields, model, (dataset.text("id"), dataset.text("task_id", "config")), verification, config)


def _result(
    fields: Fields, model: str | None, benchmark: tuple[str | None, str | None], verification: str, config: Config
) -> Entry | Reject:
    text, (dataset, task) = fields.text("value"), benchmark
    value = parse_number(text or "")
    if not model or not dataset or value is None:
        message = f"{model}, {dataset}: the result has no model, no dataset, or no value that is a number"
        return Reject("no_value", message, text or "")
    benchmarks = config.lookups.benchmarks
    known = next((each for each in benchmarks if each.id == dataset and task in (each.task, None)), None)
    source = fields.inner("source")
    url = source.text("url")
    if known and abs(value) <= 1:  # boards mix fractions and percent of these shares
        value, text = as_percent(value)
    result: Row = {
        "task": "",
        "dataset": known.dataset if known else f"{dataset} {task}" if task else dataset,
        "metric": known.metric if known else "score",
        "condition": notes.lower() if (notes := fields.text("notes")) else None,
        "model": model,
        "value_text": text,
        "value": value,
        "paper_url": url,
        "reported_on": fields.day("date"),
        "code_urls": [f"https://huggingface.co/{model}"],
        "verification": verification,
    }
    fields.take("verifyToken")  # it proves nothing to us: the Hub says what is verified
    return results_of_paper([result], None, url)


def _verification(fields: Fields) -> str:
    """The Hub's word on it."""
    verified, pull_request = fields.flag("verified"), fields.take("pullRequest")
    if verified:
        return "verified"
    return "self_reported" if pull_request is None else "community"
