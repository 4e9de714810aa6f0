"""Papers with Code as it is online again: answers of its API about papers, and about evaluations.

The API: https://paperswithcode.co/docs, as its own client asks it (https://github.com/huggingface/pwc-cli).
"""

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any
from urllib.parse import urlencode

from transforms.formats import (
    BrokenFileError,
    Entry,
    Fields,
    Live,
    Parsed,
    Reject,
    Row,
    SourceConfig,
    Upstream,
    arxiv_id,
    broken,
    collect,
    links,
    objects,
    paper_ids,
    read_json_document,
    results_of_paper,
)
from transforms.formats.paging import PageResult, Request, Span
from transforms.sources.pwc import result_value

PARSER_VERSION = "1"


def parse(file: IO[bytes], config: SourceConfig) -> Iterator[Parsed]:
    """The papers, or the evaluations, of one answer."""
    upstream = Upstream()
    try:
        results = _results(read_json_document(file))
    except BrokenFileError as error:
        yield from collect(iter([broken(error)]), upstream, "")
        return
    is_evaluations = any("metrics" in each for each in results if isinstance(each, dict))
    read = _evaluation if is_evaluations else _paper
    items = objects(iter(results), lambda entry: read(Fields(entry, upstream)))
    yield from collect(items, upstream, "evaluations" if is_evaluations else "papers")


def _results(answer: Any) -> list[Any]:
    """Raises BrokenFileError where the answer is no page of results."""
    results = answer.get("results") if isinstance(answer, dict) else answer
    if not isinstance(results, list):
        raise BrokenFileError("it is neither a list nor an object with one under 'results'")
    return results


def _paper(fields: Fields) -> Entry | Reject:
    own_id, title, url = fields.text("id"), fields.text("title"), fields.text("url_abs", "source_url")
    if not title:
        return Reject("no_title", f"the paper {own_id} has no title", own_id or "")
    record: Row = {
        "source_record_id": f"https://paperswithcode.co/paper/{own_id}" if own_id else None,
        "title_raw": title,
        "abstract_raw": fields.text("abstract"),
        "authors": fields.texts("authors"),
        "published_on": fields.day("published", "date_published"),
        "keywords": [str(task.get("name")) for task in fields.objects("tasks") if task.get("name")] or None,
    }
    record |= paper_ids([url] if url else [])
    record["arxiv_id"] = arxiv_id(fields.text("arxiv_id")) or record["arxiv_id"]
    return Entry(record, _links(fields))


def _links(fields: Fields) -> list[Row]:
    """Of its repositories, and of models, data and pages, which stand as objects or as addresses."""
    found: list[Row] = []
    for name in ("repositories", "hf_models", "hf_datasets", "hf_spaces", "project_pages"):
        given = fields.take(name)
        for each in given if isinstance(given, list) else []:
            about = each if isinstance(each, dict) else {"url": each}
            official = about.get("is_official")
            found += links(
                name, str(about.get("url") or ""), is_official=official if isinstance(official, bool) else None
            )
    return found


def _evaluation(fields: Fields) -> Entry | Reject:
    """One model on one benchmark: a result for each of its metrics."""
    dataset, model, metrics = fields.text("dataset_name"), fields.text("model_name"), fields.take("metrics")
    title, url = fields.text("paper_title"), fields.text("paper_url", "source_url")
    arxiv = arxiv_id(fields.text("paper_arxiv_id"))
    if not dataset or not isinstance(metrics, dict):
        return Reject("no_metrics", f"{dataset}, {model}: the evaluation has no benchmark, or no metrics", title or "")
    about: Row = {
        "task": fields.text("task_name") or "",
        "dataset": dataset,
        "model": model,
        "condition": ", ".join(filter(None, [fields.text("split", "split_name"), fields.text("harness")])).lower()
        or None,
        "uses_additional_data": fields.flag("uses_additional_data"),
        "paper_title": title,
        "paper_url": f"https://arxiv.org/abs/{arxiv}" if arxiv else url,
        "reported_on": fields.day("paper_published_date"),
        "code_urls": [code] if (code := fields.text("code_url")) else None,
    }
    results = [
        {**about, "metric": str(metric), "value_text": str(value), **result_value(str(value))}
        for metric, value in metrics.items()
        if value is not None
    ]
    known_by = f"https://arxiv.org/abs/{arxiv}" if arxiv else None
    return results_of_paper(results, title, known_by, source_record_id=about["paper_url"])


def first_request(span: Span, live: Live) -> Request:
    """The papers that were published in the span, the first page."""
    return _request(span, live, 1)


def inspect_page(request: Request, content: bytes, span: Span, live: Live) -> PageResult:
    """A page that is full has a next one."""
    try:
        results = _results(read_json_document(BytesIO(content)))
    except BrokenFileError as error:
        return PageResult(problem=str(error))
    following = _request(span, live, request.page + 1) if len(results) >= live.page_size else None
    return PageResult(len(results), following)


def _request(span: Span, live: Live, page: int) -> Request:
    parameters = {
        "start_date": span.first, "end_date": span.last, "order_by": "published", "order_dir": "asc",
        "latest_only": "true", "include_resources": "true", "page": page, "page_size": live.page_size,
    }  # fmt: skip
    return Request(f"{live.url}?{urlencode(parameters)}", page=page)
