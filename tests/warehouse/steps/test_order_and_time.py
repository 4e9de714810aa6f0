"""Whatever the order of loading, its repetition, the clock and the time zone: the same batches give the same marts."""

import random
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import warehouse.clock
from tests.warehouse.steps.test_sources_together import FILES
from tests.warehouse.steps.test_steps import PROSE, marts, raw_rows
from warehouse.settings import PROJECT, Settings
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import run
from warehouse.storage.batches import read_batch
from warehouse.storage.publication import open_publication

pytestmark = pytest.mark.trust


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    """(a home in which the files of five sources have landed, been parsed and checked, the batches, their marts in the
    order of landing)."""
    folder = tmp_path_factory.mktemp("order")
    settings = Settings(home=folder / "home")
    batches = []
    for source, name, content in FILES:
        (folder / name).write_bytes(content)
        batches += land(settings, source, [folder / name])
    for batch in batches:
        parse(settings, batch)
        check(settings, batch)
    shutil.copytree(settings.home, folder / "in order")
    in_order = Settings(home=folder / "in order")
    for batch in batches:
        load(in_order, batch)
    build(in_order)
    return settings, batches, marts(in_order)


@pytest.mark.parametrize("seed", range(2))
def test_any_order_and_any_repetition_give_the_same_marts(landed, tmp_path, seed):
    settings, batches, expected = landed
    chance = random.Random(seed)
    shutil.copytree(settings.home, tmp_path / "home")
    shuffled = Settings(home=tmp_path / "home")
    order = chance.sample(batches, len(batches)) + chance.choices(batches, k=3)
    for number, batch in enumerate(order):
        load(shuffled, batch)
        if number == len(batches) // 2:
            build(shuffled)
    build(shuffled)
    assert marts(shuffled) == expected


class Clock:
    """A clock that is set to a moment and goes on from there."""

    def __init__(self, moment):
        self.moment, self.started = moment, datetime.now(UTC)

    def now(self, zone):
        return (self.moment + (datetime.now(UTC) - self.started)).astimezone(zone)


def published(settings):
    """Every row of the publication without its instants."""
    with open_publication(settings) as connection:
        query = """
            select table_name, list(column_name) from duckdb_columns()
            where schema_name = 'marts' and data_type not like 'TIMESTAMP%'
                and table_name not in ('load_history', 'publication', 'dim_days')
                and column_name not in ('first_seen_on')
            group by all
        """
        columns = connection.execute(query).fetchall()
        return {
            table: sorted(map(repr, connection.execute(f"select {', '.join(sorted(names))} from {table}").fetchall()))
            for table, names in columns
        }


def test_clocks_that_jump_and_zones_that_change(built, settings, sample, monkeypatch):
    """Over midnight and the end of summer time, then half a year back: same marts, and what landed later stays
    later."""
    pages = sorted(sample.glob("*.txt"))
    moments = (("2026-10-25T00:59:59.500", "Europe/Berlin"), ("2026-03-29T00:59:59.500", "America/New_York"))
    for page, (moment, zone) in zip(pages, moments, strict=True):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setattr(warehouse.clock, "datetime", Clock(datetime.fromisoformat(moment).replace(tzinfo=UTC)))
        assert set(run(settings, "hf_listing", [page]).outcomes.values()) == {"loaded"}
    assert published(settings) == published(built[0])
    landings = raw_rows(settings, "select landed_at from raw.loads order by load_number")
    assert landings[0]["landed_at"] < landings[1]["landed_at"]


def test_a_paper_keeps_its_id_though_the_clock_goes_back(settings, listing, tmp_path, monkeypatch):
    title = "A Long Enough Title of One Paper Alone"
    (first,) = land(settings, "hf_listing", [listing((title, PROSE))])
    monkeypatch.setattr(warehouse.clock, "datetime", Clock(datetime.now(UTC) - timedelta(days=400)))
    (second,) = land(settings, "hf_listing", [listing((title, PROSE + " More."), name="later.txt")])
    assert read_batch(settings, second).landed_at > read_batch(settings, first).landed_at


def test_only_one_module_reads_the_clock():
    readers = re.compile(r"datetime\.now|date\.today|datetime\.utcnow|\btime\.time\(")
    files = [
        file
        for folder in ("warehouse", "transforms", "expectations", "dags")
        for file in (PROJECT / folder).rglob("*.py")
    ]
    assert {file.name for file in files if readers.search(Path(file).read_text("utf-8"))} == {"clock.py"}
