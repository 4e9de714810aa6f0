"""Canonical names of the datasets and metrics of leaderboards and catalogues, by the vocabularies. Claims get theirs
where they are read."""

from collections.abc import Callable

import polars as pl

from transforms.conditions import find_conditions
from transforms.vocabulary import Vocabulary


def name_results(results: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """RESULTS, TABLE_CELLS or TABLE_RESULTS as they are written → with
    canonical names in dataset and metric, what is written in dataset_text and
    metric_text, and the conditions that names hold in condition, beside those that it has."""
    pairs = results.select(names := ["dataset", "metric", "condition"]).unique()
    rows = [
        (dataset, metric, condition, *_name_result(dataset, metric, condition, vocabulary))
        for dataset, metric, condition in pairs.iter_rows()
    ]
    named = ["dataset_name", "metric_name", "conditions"]
    found = pl.DataFrame(rows, schema=dict.fromkeys(names + named, pl.String()), orient="row")
    joined = results.join(found, on=names, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(
        dataset_text=pl.col("dataset"),
        metric_text=pl.col("metric"),
        dataset=pl.col("dataset_name"),
        metric=pl.col("metric_name"),
        condition=pl.col("conditions"),
    ).drop(named)


def _name_result(
    dataset: str | None, metric: str | None, condition: str | None, vocabulary: Vocabulary
) -> tuple[str | None, str | None, str | None]:
    conditions = condition.split(", ") if condition else []
    if dataset is not None:
        dataset, found = vocabulary.split_dataset(dataset)
        conditions += found
    if metric is not None:
        metric, found = vocabulary.split_metric(metric)
        conditions += found
    return dataset, metric, vocabulary.join_conditions([dataset] if dataset else [], conditions)


def name_corrections(corrections: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """CORRECTIONS → with canonical names of datasets, metrics and conditions."""
    names = {"dataset": vocabulary.name_dataset, "metric": vocabulary.name_metric}
    columns = {"dataset": ("dataset", "new_dataset"), "metric": ("metric", "new_metric")}
    named = corrections.with_columns(
        *(_named(corrections[column], names[kind]) for kind in names for column in columns[kind]),
        _named(corrections["new_condition"], _name_condition),
    )
    for kind, name in names.items():
        named = named.with_columns(
            pl.when(pl.col("target") == kind).then(_named(named[column], name)).otherwise(column).alias(column)
            for column in ("name", "new_name")
        )
    return named


def _name_condition(written: str) -> str:
    """A condition as it is kept: those that are known by their names, in order; 'none' is none."""
    found = sorted({each.name for each in find_conditions(written)} - {""})
    return "" if written == "none" else ", ".join(found) or written


def name_terms(terms: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """TERMS → with the canonical names of those that are datasets."""
    is_dataset = pl.col("kind") == "dataset"
    return terms.with_columns(
        name=pl.when(is_dataset).then(_named(terms["name"], vocabulary.name_dataset)).otherwise("name")
    )


def _named(written: pl.Series, name: Callable[[str], str]) -> pl.Series:
    known = written.drop_nulls().unique().to_list()
    return written.replace({each: name(each) for each in known}) if known else written
