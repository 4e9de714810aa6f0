"""Runs the extractors on the published texts of hand-annotated papers, and scores them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from transforms.claims import extract_claims
from transforms.evaluation import Answers, Scores, score_claims, score_links
from transforms.identity import normalised_title
from transforms.links import extract_links
from transforms.text import repair
from transforms.vocabulary import Vocabulary
from warehouse.database import rows
from warehouse.errors import UsageError
from warehouse.vocabularies import vocabulary

Extract = Callable[[pl.DataFrame, Vocabulary], pl.DataFrame]
Score = Callable[[Answers, Answers], Scores]
KINDS: dict[str, tuple[Extract, Score]] = {"claims": (extract_claims, score_claims), "links": (extract_links, score_links)}


def evaluate(connection: duckdb.DuckDBPyConnection, kind: str, gold: Path) -> tuple[Scores, list[str]]:
    """The scores of the 'claims' or 'links' of gold's papers, and the titles that the publication lacks (they count as empty)."""
    extract, score = KINDS[kind]
    answers = read_gold(gold, kind)
    predicted, absent = _predict(connection, answers, extract)
    return score(answers, predicted), absent


def read_gold(file: Path, key: str) -> Answers:
    """The answers of a JSON-lines file ({"title": …, key: […]} a paper), by normalised title. Raises UsageError, naming the line."""
    answers: Answers = {}
    if not file.is_file():
        raise UsageError(f"no such file: {file}", "Give the path of a file of hand-made answers, one JSON object a line.")
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            try:
                paper = json.loads(line)
                answers.setdefault(_folded(paper["title"]), []).extend(paper[key])
            except (ValueError, KeyError, TypeError) as error:
                raise UsageError(f"line {number} of {file} is no paper with a title and {key}: {error!r}") from error
    return answers


def _folded(title: str) -> str:
    return normalised_title(repair(title))


def _predict(connection: duckdb.DuckDBPyConnection, answers: Answers, extract: Extract) -> tuple[Answers, list[str]]:
    texts = [
        {"text_id": folded, "title": paper["title"], "abstract": paper["abstract"]}
        for paper in rows(connection, "select title, abstract from fct_papers order by paper_id")
        if (folded := _folded(paper["title"])) in answers
    ]
    schema = {"text_id": pl.String, "title": pl.String, "abstract": pl.String}
    predicted: Answers = {text["text_id"]: [] for text in texts}
    for row in extract(pl.DataFrame(texts, schema=schema), vocabulary()).iter_rows(named=True):
        predicted[row["text_id"]].append(row)
    return predicted, [title for title in answers if title not in predicted]


def exported_claims(connection: duckdb.DuckDBPyConnection, optional: bool) -> Iterator[str]:
    """Each published paper as a line of JSON: {"title": …, "claims": […]}; optional claims only where they are asked for."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for claim in rows(connection, "select * from fct_claimed_metrics order by paper_id, section desc, char_start"):
        if optional or not claim["is_optional"]:
            claims.setdefault(claim["paper_id"], []).append(claim)
    for paper in rows(connection, "select paper_id, title from fct_papers order by paper_id"):
        yield json.dumps({"title": paper["title"], "claims": claims.get(paper["paper_id"], [])}, ensure_ascii=False)
