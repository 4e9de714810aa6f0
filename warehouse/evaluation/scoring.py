"""Runs the extractors on the published texts of hand-annotated papers, and scores them; validates annotations."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from transforms.claims import extract_claims
from transforms.evaluation import Answers, Scores, score_claims, score_links
from transforms.frames import CLAIM_VALUES
from transforms.identity.keys import normalise_title, stable_hash
from transforms.links import extract_links
from transforms.text.repair import repair
from transforms.vocabulary import Vocabulary
from warehouse.errors import UsageError
from warehouse.storage.connection import rows
from warehouse.vocabularies import read_vocabulary

_PLURAL = re.compile(r"\b([A-Z]{2,}|(?i:speed-?up|gain))s\b")  # of an abbreviation: "WERs"; of what names speed
SPLITS = {"look": range(6), "tune": range(6, 8), "test": range(8, 10)}  # tenths of the papers, by a hash of the title

Extract = Callable[[pl.DataFrame, Vocabulary], pl.DataFrame]
Score = Callable[[Answers, Answers], Scores]
KINDS: dict[str, tuple[Extract, Score]] = {
    "claims": (extract_claims, score_claims),
    "links": (extract_links, score_links),
}


@dataclass(frozen=True)
class Evaluation:
    """scores: over all gold papers; parts: over each of the folds, where there are several; absent: titles that the
    publication lacks."""

    scores: Scores
    parts: list[Scores]
    absent: list[str]


def evaluate(
    connection: duckdb.DuckDBPyConnection, kind: str, gold: Path, folds: int = 1, split: str | None = None
) -> Evaluation:
    """The scores of the 'claims' or 'links' of gold's papers, or of those of one of the SPLITS; papers that the
    publication lacks count as empty.

    The extractor's rules are written, not fitted, so a fold is no held-out set: the folds only show how far the scores
    vary.
    """
    extract, score = KINDS[kind]
    answers = {title: each for title, each in read_gold(gold, kind).items() if split in (None, split_of(title))}
    predicted = _predict(connection, answers, extract)
    titles = sorted(answers, key=stable_hash)
    parts = [{title: answers[title] for title in titles[fold::folds]} for fold in range(folds)] if folds > 1 else []
    return Evaluation(
        score(answers, predicted),
        [score(part, predicted) for part in parts],
        [title for title in answers if title not in predicted],
    )


def read_gold(file: Path, key: str) -> Answers:
    """The answers of a JSON-lines file ({"title": …, key: […]} a paper), by normalised title. Raises UsageError, naming
    the line."""
    answers: Answers = {}
    if not file.is_file():
        raise UsageError(
            f"no such file: {file}", "Give the path of a file of hand-made answers, one JSON object a line."
        )
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            try:
                paper = json.loads(line)
                answers.setdefault(_folded(paper["title"]), []).extend(paper[key])
            except (ValueError, KeyError, TypeError) as error:
                raise UsageError(f"line {number} of {file} is not a paper with a title and {key}: {error!r}") from error
    return answers


def split_of(title: str) -> str:
    """Which of the SPLITS a paper is in, by its normalised title."""
    tenth = int(hashlib.sha256(title.encode()).hexdigest(), 16) % 10
    return next(name for name, tenths in SPLITS.items() if tenth in tenths)


def validate_gold(connection: duckdb.DuckDBPyConnection, gold: Path) -> list[str]:
    """What is wrong with annotated claims, a line each: a field that is not legal, a value or a dataset's name that
    does not stand in the published text."""
    answers = read_gold(gold, "claims")
    texts = {text["text_id"]: text for text in published_texts(connection, answers).iter_rows(named=True)}
    return [
        f"{title}: {claim.get('value_text')}: {problem}"
        for title, claims in answers.items()
        for claim in claims
        for problem in _problems(claim, texts.get(title))
    ]


def _problems(claim: dict[str, Any], text: dict[str, Any] | None) -> Iterator[str]:
    for name, legal in CLAIM_VALUES.items():
        if any(option not in legal for option in options_of(claim.get(name))):
            yield f"{name} is {claim.get(name)!r}, not one of {', '.join(map(str, legal))}"
    if not isinstance(claim.get("value"), int | float):
        yield "value is no number"
    if text is None:
        yield "the publication lacks the paper"
        return
    section = text.get(str(claim.get("section"))) or ""
    if section[claim.get("char_start", 0) : claim.get("char_end", 0)] != claim.get("value_text"):
        yield "does not stand at its place in the text"
    whole = f"{text['title']}\n{text['abstract']}"
    for name in {name for option in options_of(claim.get("datasets")) for name in option}:
        if name not in whole:
            yield f"the dataset {name} does not stand in the text"


def options_of(answer: Any) -> list[Any]:
    """The alternatives of a field of an annotation."""
    return list(answer["any"]) if isinstance(answer, dict) else [answer]


def _folded(title: str) -> str:
    return normalise_title(repair(title))


def published_texts(connection: duckdb.DuckDBPyConnection, answers: Answers) -> pl.DataFrame:
    """text_id (the normalised title), title and abstract of the answers' papers, as they are published."""
    texts = [
        {"text_id": folded, "title": paper["title"], "abstract": paper["abstract"]}
        for paper in rows(
            connection, "select title, abstract from fct_papers where title is not null order by paper_id"
        )
        if (folded := _folded(paper["title"])) in answers
    ]
    return pl.DataFrame(texts, schema={"text_id": pl.String, "title": pl.String, "abstract": pl.String})


def _predict(connection: duckdb.DuckDBPyConnection, answers: Answers, extract: Extract) -> Answers:
    texts = published_texts(connection, answers)
    predicted: Answers = {title: [] for title in texts["text_id"]}
    for row in extract(texts, read_vocabulary()).iter_rows(named=True):
        if answer := _answer(row):
            predicted[row["text_id"]].append(answer)
    return predicted


def _answer(row: dict[str, Any]) -> dict[str, Any] | None:
    """A predicted claim or link as the gold files would have it; None for what they leave out: borderline claims,
    promises without a URL."""
    if "is_optional" in row:
        return None if row["is_optional"] else row | named_as_written(row)
    return row if row["url"] else None


def named_as_written(claim: dict[str, Any]) -> dict[str, Any]:
    """A claim's metric and datasets in the paper's own words, as the gold files have them, and the metric's canonical
    name beside it."""
    return {
        "metric": names_of_metric(claim),
        "canonical_metric": claim["metric"],
        "datasets": claim["dataset_texts"],
    }


def names_of_metric(claim: dict[str, Any]) -> str | list[str] | None:
    """A claim's metric in the paper's own words, and its canonical name where that is another."""
    written, canonical = metric_as_written(claim), claim["metric"]
    return [written, canonical] if written and canonical and written != canonical else written


def metric_as_written(claim: dict[str, Any]) -> str | None:
    """A claim's metric in the paper's own words."""
    written: str | None = claim["metric_text"] or claim["metric"]
    if written and sum(map(str.isalpha, written)) < 2:  # a symbol: "r ="
        written = claim["metric"]
    return written and _PLURAL.sub(r"\1", written).lower()
