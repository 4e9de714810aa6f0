"""Files whose every value is hostile, of each source, go through check, load, audit and publish: none of them stops the
others, nor a good page that comes after them."""

import itertools
import json
import re

import pytest

from tests.fuzzing.seeds import SEEDS
from tests.warehouse.steps.test_steps import PROSE
from warehouse.errors import RejectedError
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import run
from warehouse.steps.publish import publish
from warehouse.storage.publication import open_publication
from warehouse.upstream.sources import list_source_names

TEXTS = {
    "control": "a\u0001b\u001b[31m\u0085",
    "infinite": "1e999",
    "digits": "9" * 400,
    "nan": "NaN",
    "long": "x" * 100_000,
    "rtl": "\u202egnp.exe\u202c",
    "surrogate": "\ud800",
    "dots": "..",
    "json": "data.json",
    "lines": "two\nlines\u2028and\ttabs",
    "sql": "'); drop table raw.papers; --",
    "url": "https://a..b.example:99999/x",
    "doi": '10.1234/\u0001abc?#%"<',
    "first day": "0001-01-01T00:00:00+14:00",
    "last day": "9999-12-31T23:59:59-14:00",
    "empty": "",
    "downwards": "It is 10-2x faster.",
}
_TEXT = re.compile(r"(?<=>)[^<>]*\w[^<>]*(?=<)|(?<=\{)[^{}]{4,}(?=\})")
NUMBERS = (-1, 10**30, 0, 1e308, -(2**31))


_PART = 5  # of the values of a file one in so many is spoilt, so that something of it is left to be loaded


def spoilt(value, hostile, spoils):
    """The value with the hostile one in place of every text, or number, whose turn it is."""
    if isinstance(value, dict):
        return {name: spoilt(each, hostile, spoils) for name, each in value.items()}
    if isinstance(value, list):
        return [spoilt(each, hostile, spoils) for each in value]
    if isinstance(value, bool) or not isinstance(value, str if isinstance(hostile, str) else int | float):
        return value
    return hostile if spoils() else value


def hostile_files(seed):
    """The seed's JSON, or lines of it, spoilt in each way; of other formats the texts between marks."""
    text = seed.decode("utf-8", "replace")
    everything = [*TEXTS.items(), *((f"number {number}", number) for number in NUMBERS)]
    for number, (name, hostile) in enumerate(everything):
        turns = itertools.count(number)

        def spoils(turns=turns):
            return next(turns) % _PART == 0

        try:
            yield name, json.dumps(spoilt(json.loads(text), hostile, spoils)).encode()
            continue
        except ValueError:
            pass
        try:
            lines = [
                json.dumps(spoilt(json.loads(line), hostile, spoils)) for line in text.splitlines() if line.strip()
            ]
            yield name, "\n".join(lines).encode()
        except ValueError:
            if isinstance(hostile, str):
                safe = hostile.encode("utf-8", "replace").decode()
                pieces = _TEXT.sub(lambda found, safe=safe, spoils=spoils: safe if spoils() else found[0], text)
                yield name, pieces.encode()


def ingest(settings, source, file):
    (batch,) = land(settings, source, [file])
    parse(settings, batch)
    try:
        check(settings, batch)
    except RejectedError:
        return False
    load(settings, batch)
    return True


@pytest.mark.trust
@pytest.mark.parametrize("source", list_source_names())
def test_no_value_stops_the_publications_after_it(source, settings, tmp_path, listing):
    loaded = 0
    (first, *_) = SEEDS[source]()
    for number, (_, content) in enumerate(hostile_files(first)):
        file = tmp_path / f"list-2026-03-05-{number}.json"
        file.write_bytes(content)
        loaded += ingest(settings, source, file)
    good = listing(("A Good Page That Comes After Them", PROSE))
    assert ingest(settings, "hf_listing", good)
    for step in (build, audit, publish):
        step(settings)
    with open_publication(settings) as connection:
        titles = "select count(*) from fct_papers where title = 'A Good Page That Comes After Them'"
        assert connection.execute(titles).fetchone() == (1,)
    assert loaded or source in ("acl_anthology", "arxiv_oai")  # of these seeds each value is needed


def test_a_doi_and_a_result_that_no_one_can_hold(settings, tmp_path, listing):
    """F7, F8, A24: a control character in a DOI, and the value 1e999, are problems of their own rows."""
    paper = {
        "corpusid": 5,
        "title": "Sorting Stones by Weight",
        "externalids": {"DOI": "10.1234/\u0001abc"},
        "abstract": PROSE,
    }
    (tmp_path / "papers.jsonl").write_text(json.dumps(paper), "utf-8")
    rows = [
        {"model_name": "Gneiss", "metrics": {"Accuracy": value}, "paper_title": "Sorting", "paper_url": ""}
        for value in ("1e999", "9" * 400, "91.5")
    ]
    table = {"task": "Sorting", "subtasks": [], "datasets": [{"dataset": "Quarry", "sota": {"rows": rows}}]}
    (tmp_path / "evaluation-tables.json").write_text(json.dumps([table]), "utf-8")
    for name, file in (("semantic_scholar", "papers.jsonl"), ("pwc", "evaluation-tables.json")):
        assert run(settings, name, [tmp_path / file]).failures == []
    report = run(settings, "hf_listing", [listing(("A Good Page", PROSE))])
    assert report.manifest["version"] == 3
    with open_publication(settings) as connection:
        assert connection.execute("select doi from fct_papers where doi is not null").fetchall() == []
        found = "select value, value_problem from fct_reported_results order by value nulls last"
        assert connection.execute(found).fetchall() == [(91.5, None), (None, "no_number"), (None, "no_number")]
