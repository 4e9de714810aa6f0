"""Runs the extractors on the published texts of hand-annotated papers, and scores them."""

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
from transforms.identity.keys import normalise_title, stable_hash
from transforms.links import extract_links
from transforms.text.repair import repair
from transforms.vocabulary import Vocabulary
from warehouse.errors import UsageError
from warehouse.storage.connection import rows
from warehouse.vocabularies import vocabulary

_PLURAL = re.compile(r"\b([A-Z]{2,})s\b")  # of an abbreviation: "WERs"

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


def evaluate(connection: duckdb.DuckDBPyConnection, kind: str, gold: Path, folds: int = 1) -> Evaluation:
    """The scores of the 'claims' or 'links' of gold's papers; papers that the publication lacks count as empty.

    The extractor's rules are written, not fitted, so a fold is no held-out set: the folds only show how far the scores
    vary.
    """
    extract, score = KINDS[kind]
    answers = read_gold(gold, kind)
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
                raise UsageError(f"line {number} of {file} is no paper with a title and {key}: {error!r}") from error
    return answers


def _folded(title: str) -> str:
    return normalise_title(repair(title))


def _predict(connection: duckdb.DuckDBPyConnection, answers: Answers, extract: Extract) -> Answers:
    texts = [
        {"text_id": folded, "title": paper["title"], "abstract": paper["abstract"]}
        for paper in rows(connection, "select title, abstract from fct_papers order by paper_id")
        if (folded := _folded(paper["title"])) in answers
    ]
    schema = {"text_id": pl.String, "title": pl.String, "abstract": pl.String}
    predicted: Answers = {text["text_id"]: [] for text in texts}
    for row in extract(pl.DataFrame(texts, schema=schema), vocabulary()).iter_rows(named=True):
        if answer := _answer(row):
            predicted[row["text_id"]].append(answer)
    return predicted


def _answer(row: dict[str, Any]) -> dict[str, Any] | None:
    """A predicted claim or link as the gold files would have it; None for what they leave out: borderline claims,
    promises without a URL."""
    if "is_optional" in row:
        return None if row["is_optional"] else _named_as_written(row)
    return row if row["url"] else None


def _named_as_written(claim: dict[str, Any]) -> dict[str, Any]:
    """The claim with its metric in the paper's own words, as the gold files have it; the canonical name stays beside
    it."""
    written: str | None = claim["metric_text"] or claim["metric"]
    return claim | {"metric": written and _PLURAL.sub(r"\1", written).lower(), "canonical_metric": claim["metric"]}


def exported_claims(connection: duckdb.DuckDBPyConnection, optional: bool) -> Iterator[str]:
    """Each published paper as a line of JSON: {"title": …, "claims": […]}; optional claims only where they are asked
    for."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for claim in rows(
        connection,
        "select * exclude (first_seen_at, first_seen_on) from fct_claimed_metrics order by paper_id, section "
        "desc, char_start",
    ):
        if optional or not claim["is_optional"]:
            claims.setdefault(claim["paper_id"], []).append(_named_as_written(claim))
    for paper in rows(connection, "select paper_id, title from fct_papers order by paper_id"):
        yield json.dumps({"title": paper["title"], "claims": claims.get(paper["paper_id"], [])}, ensure_ascii=False)
