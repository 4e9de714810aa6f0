"""What the scorer of claims has learnt: its right picks on papers that its weights have not seen, by the number of
papers learnt from, and without each family of features.

    PAPERHOUSE_HOME=… make benchmark-training BENCHMARK="--gold tests/gold/claims.jsonl"

Papers of the split `test` are left out. A family is the first word of a feature: `before` of
`before:over_comma`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

from transforms.claims.extract import ClaimReader
from transforms.claims.scorer import Scorer
from transforms.identity.keys import stable_hash
from warehouse.evaluation.scoring import published_texts, read_gold, split_of
from warehouse.evaluation.training import MODELS, Example, fit_options, iter_examples, picks_right
from warehouse.settings import Settings
from warehouse.storage.publication import open_publication
from warehouse.vocabularies import read_vocabulary

FOLDS = 6
SHARES = (8, 4, 2, 1)  # of the papers learnt from, one in so many
Score = tuple[float, float, float]


def family_of(feature: str) -> str:
    return re.split("[:_]", feature, maxsplit=1)[0]


def without(example: Example, family: str) -> Example:
    options = {
        model: [([name for name in names if family_of(name) != family], is_right) for names, is_right in each]
        for model, each in example.options.items()
    }
    return Example(options, example.parts, example.full)


def cross_validate(papers: Sequence[list[Example]], share: int = 1) -> Score:
    """The shares of numbers picked right, for metric, datasets and both, by weights learnt from the other folds."""
    sums, numbers = [0, 0, 0], 0
    for fold in range(FOLDS):
        learnt = [paper for i, paper in enumerate(papers) if i % FOLDS != fold][::share]
        scorer = Scorer({model: fit_options([each for paper in learnt for each in paper], model) for model in MODELS})
        for example in (each for paper in papers[fold::FOLDS] for each in paper):
            right = [picks_right(example, model, scorer) for model in MODELS]
            for i, is_right in enumerate((*right, all(right))):
                sums[i] += is_right * len(example.full)
            numbers += len(example.full)
    metric, datasets, both = (each / max(1, numbers) for each in sums)
    return metric, datasets, both


def read_papers(gold: Sequence[Path]) -> list[list[Example]]:
    """The examples of each annotated paper, in the order of a hash."""
    answers = {title: claims for each in gold for title, claims in read_gold(each, "claims").items()}
    with open_publication(Settings()) as connection:
        texts = published_texts(connection, answers)
    reader = ClaimReader(read_vocabulary(), Scorer({}))
    known = [text_id for text_id in texts["text_id"] if split_of(text_id) != "test"]
    known.sort(key=lambda text_id: stable_hash(text_id, digest_size=64))
    papers = [list(iter_examples(texts.filter(pl.col("text_id") == each), answers, reader)) for each in known]
    return [paper for paper in papers if paper]


def main(
    gold: Annotated[list[Path], typer.Option(help="Annotated papers, as for paperhouse evaluate; repeatable.")],
    families: Annotated[int, typer.Option(help="How many families of features to show.")] = 10,
) -> None:
    papers = read_papers(gold)
    console = Console()
    numbers = (Column(name, justify="right") for name in ("metric", "datasets", "both"))
    table = Table("weights learnt from", *numbers, title=f"right picks on papers not seen, of {len(papers)} papers")

    def add(name: str, score: Score) -> None:
        table.add_row(name, *(f"{each:.3f}" for each in score))

    for share in SHARES:
        add(f"{len(papers) * (FOLDS - 1) // FOLDS // share} papers", cross_validate(papers, share))
    names = sorted(
        {
            family_of(name)
            for paper in papers
            for example in paper
            for options in example.options.values()
            for features, _ in options
            for name in features
        }
    )
    scores = {
        name: cross_validate([[without(example, name) for example in paper] for paper in papers])
        for name in track(names)
    }
    for name, score in sorted(scores.items(), key=lambda each: each[1][2])[:families]:
        add(f"all, without {name}", score)
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
