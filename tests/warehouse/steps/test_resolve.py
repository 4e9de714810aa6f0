"""Identity in the warehouse: records of several sources become one paper, whatever order they come in, and overrides
win."""

import itertools
import random
from datetime import UTC, datetime

import polars as pl
import pytest

import warehouse.steps.resolve
from benchmarks.identity import labelled, real_papers, records_frame
from transforms.vocabulary import Vocabulary
from warehouse.steps.resolve import resolve
from warehouse.storage.connection import insert_frame
from warehouse.storage.database import build_database, open_build_database, write_lock
from warehouse.vocabularies import read_vocabulary


def records(count=12, seed=5):
    return [(name, record) for name, _, _, record in labelled(real_papers()[:count], random.Random(seed))]


def load(connection, papers, load_number, day):
    landed_at = pl.lit(datetime(2026, 1, day, tzinfo=UTC))
    insert_frame(
        connection,
        "raw.papers",
        papers.with_columns(batch_id=pl.lit(f"b{day}"), load_number=load_number, landed_at=landed_at),
    )


@pytest.fixture
def connection(settings):
    with write_lock(settings, "test"), open_build_database(settings) as opened:
        yield opened


def papers_of(connection):
    columns = "source, source_record_id, title_key, paper_id, component, matched_by, match_score"
    query = f"select {columns} from raw.mention_papers inner join raw.mentions using (mention_id)"
    return sorted(connection.execute(query).fetchall())


def test_piece_by_piece_is_as_all_at_once(connection):
    """Every load is resolved on its own; the outcome is that of resolving everything anew."""
    frame = records_frame(records())
    pieces = [frame[i::4] for i in range(4)]
    for number, piece in enumerate(pieces, start=1):
        load(connection, piece, number, number)
        done = resolve(connection, number - 1, number)
        assert done.changed_count == piece["mention_id"].n_unique()
    one_by_one = papers_of(connection)
    resolve(connection, 0, 4)
    assert papers_of(connection) == one_by_one
    assert connection.execute("select count(*) from raw.paper_changes where load_number = 2").fetchone()[0] > 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_the_order_of_loading_does_not_matter(order, connection):
    """What landed when is a fact; what was loaded first is not."""
    frame = records_frame(records(6))
    pieces = [frame[i::3] for i in range(3)]
    for number, i in enumerate(order, start=1):
        load(connection, pieces[i], number, i + 1)
        resolve(connection, number - 1, number)
    found = papers_of(connection)
    for table in ("papers", "mentions", "mention_keys", "mention_edges", "mention_papers"):
        connection.execute(f"delete from raw.{table}")
    for i in range(3):
        load(connection, pieces[i], i + 1, i + 1)
    resolve(connection, 0, 3)
    assert papers_of(connection) == found


def test_nothing_new_is_nothing_to_do(connection):
    load(connection, records_frame(records(3)), 1, 1)
    resolve(connection, 0, 1)
    before = papers_of(connection)
    done = resolve(connection, 1, 1)
    assert (done.changed_count, done.pair_count, done.papers_changed) == (0, 0, 0)
    assert papers_of(connection) == before


def overridden(monkeypatch, *rows):
    class Overridden(Vocabulary):
        def rows(self, seed):
            return list(rows) if seed == "identity_overrides" else read_vocabulary().rows(seed)

    monkeypatch.setattr(warehouse.steps.resolve, "read_vocabulary", lambda: Overridden({}))


def test_overrides_win_over_the_rules_and_are_taken_back(connection, monkeypatch):
    ann = {"title_raw": "Sorting Stones by Weight", "authors": ["Ann Stone"]}
    other = {"title_raw": "Painting Walls at Night", "arxiv_id": "2401.00009"}
    load(connection, records_frame([("one", ann), ("two", ann | {"arxiv_id": "2401.00001"}), ("three", other)]), 1, 1)

    def found():
        resolve(connection, 0, 1)
        return dict(
            connection.execute(
                "select source, paper_id from raw.mention_papers inner join raw.mentions using (mention_id)"
            ).fetchall()
        )

    by_rules = found()
    assert by_rules["one"] == by_rules["two"] == "2401.00001"
    overridden(monkeypatch, {"action": "split", "id_a": "one:r0", "id_b": "2401.00001", "because": "test"})
    split = found()
    assert split["one"] != split["two"] == "2401.00001"
    overridden(monkeypatch, {"action": "merge", "id_a": "2401.00009", "id_b": "2401.00001", "because": "test"})
    assert len(set(found().values())) == 1
    monkeypatch.undo()
    assert found() == by_rules


def test_a_paper_keeps_its_id_when_a_later_source_gives_a_better_one(connection):
    bare = {"title_raw": "Sorting Stones by Weight", "abstract_raw": "We sort stones. " * 20}
    load(connection, records_frame([("listing", bare)]), 1, 1)
    resolve(connection, 0, 1)
    first = papers_of(connection)[0][3]
    load(
        connection,
        records_frame([("arxiv", bare | {"arxiv_id": "2401.00001", "authors": ["Ann Stone"]})], first=9),
        2,
        2,
    )
    resolve(connection, 1, 2)
    assert {row[3] for row in papers_of(connection)} == {first}
    assert first.startswith("title:")
    assert sorted(row[5] for row in papers_of(connection)) == ["first", "title"]


def test_papers_of_one_name_have_ids_of_their_own(connection):
    stones, rocks = (
        {"title_raw": "Sorting by Weight", "abstract_raw": text * 20}
        for text in ("We sort stones by weight. ", "Cats are sorted from light to heavy. ")
    )
    load(connection, records_frame([("one", stones), ("two", rocks)]), 1, 1)
    resolve(connection, 0, 1)
    ids = [row[3] for row in papers_of(connection)]
    assert len(set(ids)) == 2
    assert sorted("~" in paper_id for paper_id in ids) == [False, True]


def test_a_resolution_is_all_or_nothing(settings, monkeypatch):
    with build_database(settings, "test") as connection:
        load(connection, records_frame(records(3)), 1, 1)
        monkeypatch.setattr(warehouse.steps.resolve, "cluster_mentions", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            resolve(connection, 0, 1)
        assert connection.execute("select count(*) from raw.mentions").fetchone() == (0,)
