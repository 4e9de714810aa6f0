"""The linker against cells that were annotated before it ran: tests/gold/README.md."""

import json
from collections import Counter
from pathlib import Path

import pytest

from transforms.results.linker import load_linker
from transforms.results.rows import describe_link
from transforms.tables.archive import read_sources
from transforms.tables.read import read_paper
from transforms.vocabulary import fold_metric

GOLD = [
    json.loads(line) for line in (Path(__file__).parents[2] / "gold" / "cells.jsonl").read_text("utf-8").splitlines()
]


def read_links(shared):
    """Each annotated cell with the row that the linker gives it."""
    of_paper = {}
    for gold in GOLD:
        key = (gold["source"], gold["paper"])
        if key not in of_paper:
            ending = ".gz" if gold["source"] == "arxiv_source" else ".tar.gz"
            file = shared / "data" / gold["source"] / f"{gold['paper']}{ending}"
            linked = load_linker().link(read_paper(read_sources(file.read_bytes()).files))
            reading = linked.draft.reading
            of_paper[key] = {
                (place.file, place.char): describe_link(linked, located, link)
                for located, link in zip(linked.draft.cells, linked.links, strict=True)
                for place, _ in [reading.paper.find_cell(located.table, located.cell)]
            }
        yield gold, of_paper[key][gold["file"], gold["char_start"]]


@pytest.fixture(scope="module")
def links(shared):
    return [pair for pair in read_links(shared) if pair[0]["kind"] in ("result", "cost")]


def test_whose_method_a_number_is_of_is_right_where_it_is_said(links):
    said = Counter((link["is_own"], gold["owner"] == "own") for gold, link in links if link["is_own"] is not None)
    assert said[True, True] / (said[True, True] + said[True, False]) >= 0.8
    assert said[False, False] / (said[False, True] + said[False, False]) >= 0.85


def is_same(annotated, found, fold=str.lower):
    return bool(annotated and found) and (fold(found) in fold(annotated) or fold(annotated) in fold(found))


def test_what_is_sure_is_mostly_right(links):
    sure = [(gold, link) for gold, link in links if link["link_confidence"] and link["link_confidence"] >= 0.4]
    assert len(sure) >= 20
    assert sum(is_same(gold["dataset"], link["dataset"]) for gold, link in sure) / len(sure) >= 0.65
    assert sum(is_same(gold["metric"], link["metric"], fold_metric) for gold, link in sure) / len(sure) >= 0.55
