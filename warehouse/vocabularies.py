"""Reads the vocabularies, which are dbt seeds: one source of truth for the extractor and for the marts."""

from functools import cache

import polars as pl

from transforms import conditions
from transforms.identity.keys import stable_hash
from transforms.vocabulary import Vocabulary
from warehouse.settings import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds"
_OF_IDENTITY = ("title_words", "identity_overrides")  # texts need no new extraction for these
_OF_BOARDS = ("board_weights",)  # no extraction depends on them


@cache
def read_vocabulary() -> Vocabulary:
    return Vocabulary({file.stem: pl.read_csv(file, infer_schema_length=None) for file in sorted(SEEDS.glob("*.csv"))})


@cache
def vocabulary_hash() -> str:
    """A hash of the seeds of language and of the conditions: where it differs, claims and links must be extracted
    again."""
    seeds = [file for file in sorted(SEEDS.glob("*.csv")) if file.stem not in (*_OF_IDENTITY, *_OF_BOARDS)]
    return stable_hash("".join(file.read_text("utf-8") for file in (*seeds, *conditions.FILES)))


def identity_hash() -> str:
    """A hash of the seeds of identity: where it differs, every record must be resolved again."""
    return stable_hash("".join((SEEDS / f"{name}.csv").read_text("utf-8") for name in _OF_IDENTITY))
