"""The page of the vocabularies tells how large they are."""

import re

import polars as pl
import pytest

from warehouse.settings import PROJECT
from warehouse.vocabularies import SEEDS

ROWS = re.findall(r"\| `(\w+)\.csv` \| ([\d,]+) \|", (PROJECT / "docs" / "vocabularies.md").read_text("utf-8"))


@pytest.mark.parametrize(("seed", "count"), ROWS)
def test_sizes_are_true(seed, count):
    assert pl.read_csv(SEEDS / f"{seed}.csv", infer_schema_length=None).height == int(count.replace(",", ""))


def test_every_seed_is_named():
    assert {seed for seed, _ in ROWS} == {file.stem for file in SEEDS.glob("*.csv")}
