import re
from collections import Counter

import duckdb
import pytest

from warehouse.publishing import index
from warehouse.publishing.index import create_index
from warehouse.publishing.macros import can_index
from warehouse.storage.connection import load_extension

TEXTS = {
    "a": "Data-driven data: a naïve NETWORK, networks and\nnetworking (v2.0) –",
    "b": "",
    "c": "data " * 3 + "Ångström’s 3D-data",
    "d": "– …",
}


@pytest.mark.skipif(not can_index(), reason="DuckDB's extension fts is missing: make setup brings it")
@pytest.mark.parametrize("texts_at_once", [1, 60_000])
def test_each_word_of_a_text_is_counted(texts_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_TEXTS_AT_ONCE", texts_at_once)
    connection = duckdb.connect()
    load_extension(connection, "fts")
    connection.execute("create schema marts; create table marts.papers (paper_id varchar, abstract varchar)")
    connection.executemany("insert into marts.papers values (?, ?)", list(TEXTS.items()))
    create_index(connection, "papers", "paper_id", "abstract")
    found = connection.execute(
        "select name, term, tf from search_papers.postings join search_papers.docs using (docid) "
        "join search_papers.dict using (termid)"
    ).fetchall()
    assert {(name, term): tf for name, term, tf in found} == _count_words(connection)
    lengths = dict(connection.execute("select name, len from search_papers.docs").fetchall())
    assert lengths == {"a": 11, "b": 0, "c": 7, "d": 0}


def _count_words(connection: duckdb.DuckDBPyConnection) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for name, text in TEXTS.items():
        (plain,) = connection.execute("select lower(strip_accents(?))", [text]).fetchone() or ("",)
        for word in re.findall("[a-z0-9]+", plain):
            (term,) = connection.execute("select stem(?, 'porter')", [word]).fetchone() or ("",)
            counted[name, term] += 1
    return counted
