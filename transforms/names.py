"""Canonical names of the datasets and metrics of leaderboards and catalogues, by the vocabularies. Claims get theirs
where they are read."""

from collections.abc import Callable

import polars as pl

from transforms.vocabulary import Vocabulary


def name_results(results: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """RESULTS, TABLE_CELLS or TABLE_RESULTS as they are written → with
    canonical names in dataset and metric, and what is written in dataset_text and
    metric_text."""
    return results.with_columns(
        dataset_text=pl.col("dataset"),
        metric_text=pl.col("metric"),
        dataset=_named(results["dataset"], vocabulary.name_dataset),
        metric=_named(results["metric"], vocabulary.name_metric),
    )


def name_terms(terms: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """TERMS → with the canonical names of those that are datasets."""
    is_dataset = pl.col("kind") == "dataset"
    return terms.with_columns(
        name=pl.when(is_dataset).then(_named(terms["name"], vocabulary.name_dataset)).otherwise("name")
    )


def _named(written: pl.Series, name: Callable[[str], str]) -> pl.Series:
    known = written.drop_nulls().unique().to_list()
    return written.replace({each: name(each) for each in known}) if known else written
