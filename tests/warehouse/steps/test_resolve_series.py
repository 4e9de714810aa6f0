"""Series of loads, made to be hard: what grew load by load is what resolving everything at once gives, and an id that
was published leads to its paper for ever."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import warehouse.steps.resolve
from benchmarks.identity import records_frame
from warehouse.settings import Settings
from warehouse.steps.resolve import resolve
from warehouse.storage.connection import insert_frame
from warehouse.storage.database import _tables
from warehouse.storage.published_ids import load_published_ids, record_published_ids

STONES, CATS, SOUP = (text * 12 for text in ("We sort stones by weight. ", "Cats are sorted too. ", "Soup is cooked. "))
TITLES = (
    "Sorting Stones by Weight",
    "Sorting Stones by Weight: A Study of Many Shores",
    "Sorting Stoens by Weight",
    "Painting Walls at Night with a Brush",
    "Introduction",
)


@st.composite
def a_record(draw):
    return {
        "source": draw(st.sampled_from(("s1", "s2"))),
        "number": draw(st.integers(0, 3)),
        "title_raw": draw(st.sampled_from(TITLES)),
        "abstract_raw": draw(st.sampled_from((None, STONES, CATS, SOUP))),
        "authors": draw(st.sampled_from((None, ["Ann Stone"], ["Ben Rock"]))),
        "arxiv_id": draw(st.sampled_from((None, None, "2401.00001", "2401.00002"))),
        "doi": draw(st.sampled_from((None, "10.5555/a", "10.5555/b"))),
    }


a_load = st.tuples(st.integers(1, 9), st.lists(a_record(), min_size=1, max_size=4), st.booleans())


def connect():
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; create schema raw")
    for name, definition in _tables().items():
        connection.execute(f"create table raw.{name} ({definition})")
    return connection


def load(connection, load_number, day, records):
    pieces = []
    for record in records:
        facts = {name: value for name, value in record.items() if name not in ("source", "number") and value}
        pieces.append(records_frame([(record["source"], facts)], first=record["number"]))
    landed_at = datetime(2026, 1, day, tzinfo=UTC)
    frame = pl.concat(pieces).with_columns(
        batch_id=pl.lit(f"b{load_number}"), load_number=load_number, landed_at=pl.lit(landed_at)
    )
    insert_frame(connection, "raw.papers", frame)


def assignments(connection):
    query = "select mention_id, paper_id, matched_by, match_score from raw.mention_papers order by all"
    return connection.execute(query).fetchall()


def papers(connection):
    """The mentions of each paper."""
    query = "select list(mention_id order by mention_id) from raw.mention_papers group by paper_id order by all"
    return connection.execute(query).fetchall()


def state(connection):
    tables = ("mentions", "mention_edges", "mention_papers", "former_ids")  # keys are made once they are needed
    return {table: connection.execute(f"from raw.{table} order by all").fetchall() for table in tables}


def follow(connection):
    """Every id that leads to a paper, and its mentions."""
    query = """
        with leads as (
            select distinct paper_id as id, paper_id from raw.mention_papers
            union all select former_id, paper_id from raw.former_ids
        )
        select id, list(mention_id) from leads inner join raw.mention_papers using (paper_id) group by id, paper_id
    """
    found = connection.execute(query).fetchall()
    assert len({paper_id for paper_id, _ in found}) == len(found), "an id leads to two papers"
    return {paper_id: set(mentions) for paper_id, mentions in found}


def run_series(series, home):
    """The state after each load, resolved load by load, against one resolution of everything."""
    place, published = Settings(home=home), {}
    with connect() as connection:
        for load_number, (day, records, is_published) in enumerate(series, 1):
            load(connection, load_number, day, records)
            load_published_ids(place, connection)
            resolve(connection, load_number - 1, load_number)
            if is_published:
                for paper_id, mentions in follow(connection).items():
                    published.setdefault(paper_id, mentions)
                record_published_ids(place, connection)
            reached = follow(connection)
            for paper_id, mentions in published.items():
                assert mentions & reached.get(paper_id, set()), f"{paper_id} leads to another paper, or to none"
        grown = state(connection)
        resolve(connection, 0, len(series))
        assert state(connection) == grown
        by_paper = papers(connection)
    with connect() as fresh:  # as after a rebuild, and in a home that has published nothing
        for load_number, (day, records, _) in sorted(enumerate(series, 1), key=lambda each: (-each[0], each[1][0])):
            load(fresh, load_number, day, records)
        resolve(fresh, 0, 1)
        assert papers(fresh) == by_paper
        load_published_ids(place, fresh)
        resolve(fresh, 0, 1)
        assert state(fresh) == grown
    return grown


def record(source, number, title, **facts):
    return {"source": source, "number": number, "title_raw": title} | facts


SPLIT = [  # a paper falls apart, and what leaves it has the own id of an untouched one
    (1, [record("s1", 2, TITLES[0], abstract_raw=CATS)], True),
    (2, [record("s2", 0, TITLES[1], abstract_raw=STONES, arxiv_id="2401.00001")], True),
    (3, [record("s1", 1, TITLES[0], abstract_raw=STONES)], True),
    (4, [record("s1", 3, TITLES[0], abstract_raw=STONES, doi="10.5555/a")], True),
    (5, [record("s2", 3, TITLES[3], doi="10.5555/a", arxiv_id="2401.00002")], True),
]
DOIS = [record("s1", i, f"{TITLES[3]} and {word}", doi="10.5555/b") for i, word in enumerate(("Ink", "Oil", "Wax"))]
CORRECTED = [  # one mention of a DOI gets another one, also the least of them
    [(1, DOIS, True), (2, [each | {"doi": "10.5555/a"}], True)] for each in DOIS
]
BETTER = [  # a late record gives a better id to the mention that an own id is of, which the next one gets then
    (2, [record("s1", 0, TITLES[4])], False),
    (3, [record("s1", 1, TITLES[4])], False),
    (1, [record("s1", 0, TITLES[4], arxiv_id="2401.00001")], False),
]
LATE = [  # what landed first is loaded last
    (2, [record("s1", 0, TITLES[0], abstract_raw=STONES, arxiv_id="2401.00001")], True),
    (1, [record("s2", 0, TITLES[0], abstract_raw=STONES)], True),
]
BLOCKS = [  # a block grows over the bound
    (
        1,
        [
            record("s1", i, f"{word} soup for the night", abstract_raw=SOUP)
            for i, word in enumerate(("Alphabet", "Zebra"))
        ],
        True,
    ),
    *((2 + i, [record("s2", i, f"Chapter {i} of a book", abstract_raw=SOUP[:100] + STONES)], False) for i in range(4)),
]


@pytest.mark.parametrize("bound", [2, 300])
@given(st.lists(a_load, min_size=1, max_size=6))
@example(SPLIT)
@example(CORRECTED[0])
@example(CORRECTED[1])
@example(CORRECTED[2])
@example(BETTER)
@example(LATE)
@example(BLOCKS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_series_of_loads_gives_what_one_load_gives(bound, series):
    with TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patched:
        patched.setattr(warehouse.steps.resolve, "_MAX_COMPARED", bound)
        run_series(series, Path(home))
