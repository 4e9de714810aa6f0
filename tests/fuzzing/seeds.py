"""Small files of our own in the shape of each source, from which fuzzing starts."""

import gzip
import html
import json
from collections.abc import Callable

from tests.upstream import atom, daily, oai, oai_record, paper
from warehouse.settings import PROJECT

_ABSTRACT = (
    "We sort stones. It gains 3.1% accuracy on ImageNet, 2.5x faster than the best. Code: https://github.com/a/b"
)
_STONES = {"title": paper(1)["title"], "abstract": _ABSTRACT}


def _dumped(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _listing() -> list[bytes]:
    props = html.escape(json.dumps({"dailyPapers": json.loads(daily(range(2))), "dateString": "2026-03-05"}))
    page = f'<!doctype html><html><body><div data-target="DailyPapers" data-props="{props}"></div></body></html>'
    cards = (
        '<!doctype html><html><body><article><h3><a href="/papers/2603.00001">Stones</a></h3><p>We '
        "sort.</p></article></body></html>"
    )
    samples = [file.read_bytes()[:4000] for file in sorted((PROJECT / "sample" / "hf_listing").glob("*.txt"))]
    return [page.encode(), cards.encode(), *samples]


def _daily() -> list[bytes]:
    saved = {"date": "2026-03-05", "papers": [_STONES | {"id": "2603.00001", "authors": ["Ann Stone,"], "upvotes": 3}]}
    return [daily(range(2)), *_dumped(saved)]


def _snapshot() -> list[bytes]:
    versions = [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]
    line = _STONES | {
        "id": "0704.0001",
        "authors_parsed": [["Stone", "Ann", ""]],
        "versions": versions,
        "update_date": "2008-11-26",
        "doi": "10.1/x",
    }
    (content,) = _dumped(line)
    return [content + b"\n" + content, gzip.compress(content)]


def _pwc() -> list[bytes]:
    url = {"paper_url": "https://paperswithcode.com/paper/stones"}
    row = {
        "model_name": "Gneiss",
        "metrics": {"Accuracy": "91.5%"},
        "paper_title": "Stones",
        "paper_url": "https://arxiv.org/abs/2401.00001v2",
    }
    table = {
        "task": "Sorting",
        "subtasks": [],
        "datasets": [{"dataset": "Rocks", "sota": {"rows": [row | {"paper_date": "2024-01-02"}]}}],
    }
    method = {
        "name": "Gneiss",
        "introduced_year": 2019,
        "source_url": "https://arxiv.org/abs/1901.00001",
        "collections": [{"collection": "Sorting"}],
    }
    dataset = {"name": "Rocks", "introduced_date": "2020-02-03", "paper": url, "tasks": [{"task": "Sorting"}]}
    link = url | {
        "paper_title": "Stones",
        "repo_url": "https://github.com/a/b",
        "is_official": True,
        "framework": "jax",
    }
    return _dumped(
        [url | _STONES | {"arxiv_id": "2401.00001", "date": "2024-01-02", "tasks": ["Sorting"]}],
        [link],
        [table],
        [method],
        [dataset],
    )


def _conference() -> list[bytes]:
    places = {
        "site": "https://aclanthology.org/2021.acl-long.1/",
        "github": "https://github.com/a/b; https://github.com/c/d",
    }
    return _dumped(
        [
            _STONES
            | places
            | {"id": "1", "author": "Ann Stone; Ben Rock", "bibtex": '@x{a, doi = "10.1/x", year = "2021"}'}
        ]
    )


def _curated() -> list[bytes]:
    link = "**[link](https://github.com/a/b)**"
    row = f"|**2021-10-01**|**Stones**|Ann Stone et.al.|[2110.00001](http://arxiv.org/abs/2110.00001)|{link}|\n"
    return _dumped({"Sorting": {"2110.00001": row}})


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "arxiv_api": lambda: [atom([0, 1], 2)],
    "arxiv_oai": lambda: [
        oai([oai_record(1, versions=2), oai_record(2, deleted=True)], token="next")
    ],  # pragma: allowlist secret
    "arxiv_snapshot": _snapshot,
    "conference": _conference,
    "curated_list": _curated,
    "hf_daily": _daily,
    "hf_listing": _listing,
    "pwc": _pwc,
    "texts": lambda: [
        f"Stones\n{_ABSTRACT}".encode(),
        *(line for page in _listing()[2:] for line in page.splitlines()[1:24:2]),
    ],
}
