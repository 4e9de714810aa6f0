"""The page of the vocabularies names all of them; their sizes are written by `make docs`."""

import re

from warehouse.settings import PROJECT
from warehouse.vocabularies import SEEDS

NAMED = re.findall(r"\| `(\w+)\.csv` \| [\d,]+ \|", (PROJECT / "docs" / "vocabularies.md").read_text("utf-8"))


def test_every_seed_is_named():
    assert set(NAMED) == {file.stem for file in SEEDS.glob("*.csv")}
