"""The frozen dumps of Papers with Code, which closed in July 2025: papers, links to code, evaluation tables, methods
and datasets.

Each dump is a JSON array, plain or gzip, or Parquet in one or more files; the fields of its first entry decide which.
What an entry is: of papers and links one object, of evaluation tables one row of a leaderboard or a description of a
task or dataset, of methods and datasets one object. A row is a paper's record too, where it names a paper.
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Any

from transforms.formats import (
    Entry,
    Fields,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    acl_id,
    arxiv_id,
    broken,
    collect,
    decoded,
    doi,
    first_id,
    is_parquet,
    iter_json_array,
    iter_parquet,
    links,
    objects,
    open_decompressed,
    openreview_id,
    results_of_paper,
)
from transforms.formats.files import BROKEN

PARSER_VERSION = "5"

# A number as leaderboards write it: 77.3, 77.3%, 1,234.5, 28.4 ± 0.2, 1.2e-3, 24M, 0.46B.
_NUMBER = re.compile(
    r"^[~≈<>≤≥]?\s*(?P<number>[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)(?:e(?P<power>[+-]?\d+)|\s*(?P<magnitude>[kmbgt]))?"
    r"\s*%?\s*(?:(?:±|\+/-|\+-)\s*[\d.]+\s*[%kmbgt]?|\([^)]*\))?$",
    re.I,
)
_POWERS = {"k": "3", "m": "6", "b": "9", "g": "9", "t": "12"}
# CVPR 2019 6: the month last.
_PROCEEDING = re.compile(r"^(?P<venue>.*?\w)[ -](?P<year>(?:19|20)\d\d)(?:[ -]\d{1,2})?$")
_URL = re.compile(r"^(?:https?://|www\.)\S*$", re.I)


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """One dump. Papers and links give records, evaluation tables results and records, methods and datasets terms."""
    upstream = Upstream()
    try:
        most = config.limits.unpacked_max_bytes
        values = iter_parquet(file, most) if is_parquet(file) else iter_json_array(open_decompressed(file, most))
        first = next(values, None)
    except (*BROKEN, ValueError) as error:
        yield from collect(iter([broken(error)]), upstream, "")
        return
    name, read = _dump(first)
    if first is None or read is None:
        items: Iterator[Entry | Reject] = iter(
            [Reject("unknown_dump", "it is none of the five dumps of Papers with Code", str(first))] if first else []
        )
    elif name == "evaluation_tables":
        items = _evaluation_rows(itertools.chain([first], values), upstream)
    else:
        items = objects(itertools.chain([first], values), lambda entry: read(Fields(entry, upstream)))
    yield from collect(items, upstream, name)


def _dump(first: Any) -> tuple[str, Callable[[Fields], Entry | Reject] | None]:
    """(name of the dump, reader of its entries), by the fields that only that dump has."""
    fields = set(first) if isinstance(first, dict) else set()
    signs: list[tuple[str, str, Callable[[Fields], Entry | Reject]]] = [
        ("repo_url", "links", _repo_link),
        ("sota", "evaluation_tables", _method),
        ("subtasks", "evaluation_tables", _method),
        ("introduced_year", "methods", _method),
        ("introduced_date", "datasets", _dataset),
        ("abstract", "papers", _paper),
    ]
    return next(((name, read) for sign, name, read in signs if sign in fields), ("", None))


def _paper(fields: Fields) -> Entry | Reject:
    url, title = fields.text("paper_url"), _title(fields.text("title"))
    proceeding = _PROCEEDING.match(fields.text("proceeding") or "")
    url_abs, url_pdf, conference_url = fields.text("url_abs"), fields.text("url_pdf"), fields.text("conference_url_abs")
    places = [place for place in (url_abs, url_pdf, conference_url) if place]
    record: Row = {
        "source_record_id": url,
        "title_raw": title,
        "abstract_raw": fields.text("abstract"),
        "authors": fields.texts("authors"),
        "arxiv_id": arxiv_id(fields.text("arxiv_id")) or first_id(arxiv_id, places),
        "doi": first_id(doi, places),
        "acl_id": first_id(acl_id, places),
        "openreview_id": fields.text("openreview_id") or first_id(openreview_id, places),
        "published_on": fields.day("date"),
        "keywords": fields.texts("tasks"),
        "venue": proceeding["venue"] if proceeding else None,
        "venue_year": int(proceeding["year"]) if proceeding else None,
    }
    return Entry(record) if title else Reject("no_title", f"the paper {url} has no title", url or "")


def _repo_link(fields: Fields) -> Entry | Reject:
    url, title, repository = fields.text("paper_url"), _title(fields.text("paper_title")), fields.text("repo_url")
    places = [place for place in (fields.text("paper_url_abs"), fields.text("paper_url_pdf")) if place]
    record: Row = {
        "source_record_id": url,
        "title_raw": title,
        "arxiv_id": arxiv_id(fields.text("paper_arxiv_id")) or first_id(arxiv_id, places),
        "acl_id": first_id(acl_id, places),
        "openreview_id": first_id(openreview_id, places),
    }
    framework = fields.text("framework")
    about: Row = {
        "is_official": fields.flag("is_official"),
        "mentioned_in_paper": fields.flag("mentioned_in_paper"),
        "framework": framework if framework not in ("none", "None") else None,
    }
    if not title or not repository:
        return Reject(
            "no_title" if not title else "no_url",
            f"the link of {url} has no {'paper title' if not title else 'repo_url'}",
            url or "",
        )
    return Entry(record, links("repo_url", repository, **about))


def _evaluation_rows(tasks: Iterator[Any], upstream: Upstream, parent: Row | None = None) -> Iterator[Entry | Reject]:
    """The rows of the tasks and of their subtasks; parent is the task that these are parts of."""
    for task in tasks:
        if not isinstance(task, dict):
            yield Reject("not_an_object", "the task is not an object", str(task))
            continue
        fields = Fields(task, upstream)
        about: Row = {
            "task": task_name if _is_name(task_name := fields.text("task") or "") else "",
            "parent_task": parent["task"] if parent else None,
            "areas": fields.texts("categories") or (parent["areas"] if parent else None),
        }
        description = fields.text("description")
        if description and about["task"]:
            term = {"kind": "task", "name": about["task"], "description": description, "areas": about["areas"]}
            yield Entry(terms=[term])
        datasets, subtasks = fields.objects("datasets"), fields.objects("subtasks")
        for dataset in datasets:
            yield from _dataset_rows(about, Fields(dataset, upstream, "datasets."), upstream)
        yield from _evaluation_rows(iter(subtasks), upstream, about)


def _dataset_rows(task: Row, dataset: Fields, upstream: Upstream) -> Iterator[Entry | Reject]:
    name, sota = dataset.text("dataset") or "", dataset.inner("sota")
    parts, rows = dataset.objects("subdatasets"), sota.objects("rows")
    description, pages = dataset.text("description"), dataset.objects("dataset_links")
    if description and _is_name(name):
        url = next((str(page["url"]) for page in pages if page.get("url")), None)
        yield Entry(terms=[{"kind": "dataset", "name": name, "description": description, "url": url}])
    sota.take("metrics")
    for row in rows:
        yield _evaluation_row(task, name, Fields(row, upstream, "datasets.sota.rows."))
    for part in parts:
        yield from _dataset_rows(task, Fields(part, upstream, "datasets."), upstream)


def _evaluation_row(task: Row, dataset: str, row: Fields) -> Entry | Reject:
    named, url, model, metrics = (
        row.text("paper_title"),
        row.text("paper_url"),
        row.text("model_name"),
        _metrics(row.take("metrics")),
    )
    title = _title(named)
    url = url or (named if not title else None)
    reported_on, extra = row.day("paper_date"), row.flag("uses_additional_data")
    code = [str(link["url"]) for link in row.objects("code_links") if link.get("url")]
    row.take("model_links")
    if not all(map(_is_name, [dataset, *(metrics if isinstance(metrics, dict) else [])])):
        message = f"{task['task']}, {dataset}, {model}: the row has no name of a dataset, or of a metric"
        return Reject("no_name", message, title or "")
    if not isinstance(metrics, dict):
        return Reject("no_metrics", f"{task['task']}, {dataset}, {model}: the row has no metrics", title or "")
    about: Row = {
        **task, "dataset": dataset, "model": model, "uses_additional_data": extra,
        "condition": "extra data" if extra else None,
        "paper_title": title, "paper_url": url, "reported_on": reported_on, "code_urls": code or None,
    }  # fmt: skip
    results = [
        {**about, "metric": str(metric), "value_text": str(text).strip(), **result_value(str(text))}
        for metric, text in metrics.items()
    ]
    listed = [each for target in code for each in links("code_links", target)]
    published_on = reported_on if title else None  # without one it is the day of the entry
    return results_of_paper(results, title, url, listed, published_on=published_on)


def _metrics(given: Any) -> Any:
    """The value of each metric. A row of Parquet has a null for each metric that other rows have, or holds a map as
    a list of entries, or JSON."""
    given = decoded(given)
    if isinstance(given, list):
        given = {
            name: each.get("value")
            for each in given
            if isinstance(each, dict) and isinstance(name := each.get("key") or each.get("name"), str)
        }
    if not isinstance(given, dict):
        return given
    return {name: value for name, value in given.items() if value is not None} or None


def _method(fields: Fields) -> Entry | Reject:
    paper, year = fields.inner("paper"), fields.integer("introduced_year")
    areas = [str(each.get("collection")) for each in fields.objects("collections") if each.get("collection")]
    term: Row = {
        **_term("method", fields, paper),
        "introduced_on": date(year, 1, 1) if year and 1900 <= year <= 2100 else None,
        "areas": areas or None,
    }
    if not term["paper_title"]:
        term |= {"paper_title": fields.text("source_title"), "paper_url": fields.text("source_url")}
    return _named(term)


def _dataset(fields: Fields) -> Entry | Reject:
    areas = [str(each.get("task")) for each in fields.objects("tasks") if each.get("task")]
    homepage = fields.text("homepage")
    term = {
        **_term("dataset", fields, fields.inner("paper")),
        "introduced_on": fields.day("introduced_date"),
        "areas": areas or None,
    }
    term["url"] = homepage or term["url"]
    return _named(term)


def _term(kind: str, fields: Fields, paper: Fields) -> Row:
    term: Row = {
        "kind": kind,
        "name": fields.text("name"),
        "full_name": fields.text("full_name"),
        "description": fields.text("description"),
        "url": fields.text("url"),
        "paper_title": paper.text("title"),
        "paper_url": paper.text("url"),
    }
    return term


def _named(term: Row) -> Entry | Reject:
    return (
        Entry(terms=[term]) if term["name"] else Reject("no_name", f"the {term['kind']} has no name", str(term["url"]))
    )


def _is_name(text: object) -> bool:
    """Whether the text names anything: a path of an address cannot be empty, nor of dots alone."""
    return bool(str(text).strip(" ."))


def _title(text: str | None) -> str | None:
    """The title, unless a URL stands in its place."""
    return None if text is None or _URL.match(text) else text


def parse_number(text: str) -> float | None:
    """The number that a result's text is, with its magnitude, without its percent sign and spread; None where it is
    none, or none that a computer can hold.

    >>> [parse_number(text) for text in ("77.3%", "1,234", "28.4 ± 0.2", "24M", "0.46B", "68.8/67.1", "")]
    [77.3, 1234.0, 28.4, 24000000.0, 460000000.0, None, None]
    """
    match = _NUMBER.match(text.strip())
    if not match or not match["number"].strip("-−"):
        return None
    digits = match["number"].replace(",", "").replace("−", "-")
    value = float(f"{digits}e{match['power'] or _POWERS.get((match['magnitude'] or '').lower(), '0')}")
    return value if math.isfinite(value) else None


def as_percent(fraction: float) -> tuple[float, str]:
    """(value, text) of a share that its source writes as a fraction, where others write percent.

    >>> as_percent(0.412)
    (41.2, '41.2%')
    """
    return round(100 * fraction, 10), f"{100 * fraction:.10g}%"


def result_value(text: str) -> Row:
    """A result's value, or why it has none: 'empty', 'several_numbers' or 'no_number'."""
    value = parse_number(text)
    if value is not None:
        return {"value": value, "value_problem": None}
    if not text.strip(" -–—"):
        return {"value": None, "value_problem": "empty"}
    is_several = len(re.findall(r"\d+(?:[.,]\d+)*", text)) > 1 and not _NUMBER.match(text.strip())
    return {"value": None, "value_problem": "several_numbers" if is_several else "no_number"}
