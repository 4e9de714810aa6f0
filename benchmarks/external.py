"""How well claims and names are read on what others annotated, for other purposes.

    PAPERHOUSE_HOME=… make benchmark-external BENCHMARK="--shared ../shared"

NLP-TDMS: results that leaderboards held for 136 papers, of those whose number stands in the abstract. TDMSci: datasets
and metrics marked in sentences of papers on language. Gold: the annotated claims of the folder, of papers that the
publication has.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Column, Table

from transforms.claims.extract import extract_claims, make_reader
from transforms.evaluation import accepts
from warehouse.evaluation.scoring import evaluate, names_of_metric
from warehouse.settings import Settings
from warehouse.storage.publication import open_publication, read_last_version
from warehouse.vocabularies import read_vocabulary

Result = dict[str, Any]


def main(
    shared: Annotated[Path, typer.Option(help="The folder with data/nlp_tdms, data/tdmsci and gold.")],
) -> None:
    console = Console(width=120)
    console.print(score_results(shared / "data" / "nlp_tdms" / "abstracts.jsonl"))
    console.print(score_names(shared / "data" / "tdmsci" / "train.conll"))
    console.print(score_gold(sorted((shared / "gold").glob("dev*_claims.jsonl"))))


def score_results(file: Path) -> Table:
    papers = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    columns = {"text_id": "paper", "title": "title", "abstract": "abstract"}
    texts = pl.DataFrame({name: [paper[of] or "" for paper in papers] for name, of in columns.items()})
    claims: dict[str, list[Result]] = {}
    for claim in extract_claims(texts, read_vocabulary()).iter_rows(named=True):
        claims.setdefault(claim["text_id"], []).append(claim)
    counts = dict.fromkeys(("number in the abstract", "read", "with its metric", "with its dataset", "with both"), 0)
    for paper in papers:
        for result in paper["results"]:
            number = re.sub(r"[^\d.]", "", result["score"])
            if number and re.search(rf"(?<![\d.]){re.escape(number)}(?!\.?\d)", paper["abstract"]):
                for name in ("number in the abstract", *_judge(result, float(number), claims.get(paper["paper"], []))):
                    counts[name] += 1
    table = Table(*(Column(name, justify="right") for name in counts), title="NLP-TDMS: results of leaderboards")
    table.add_row(*map(str, counts.values()))
    return table


def _judge(result: Result, value: float, claims: list[Result]) -> list[str]:
    """What is right of the claims with the value; of several the best."""
    name_dataset = read_vocabulary().name_dataset
    wanted = (result["dataset"], name_dataset(result["dataset"]))
    best: list[str] = []
    for claim in claims:
        if abs(claim["value"] - value) > 1e-9:
            continue
        has_metric = accepts(result, "metric", {"metric": names_of_metric(claim)})
        has_dataset = any(_is_same(a, b) for a in wanted for b in (*claim["datasets"], *claim["dataset_texts"]))
        held = {"read": True, "with its metric": has_metric, "with its dataset": has_dataset}
        found = [name for name, is_held in (held | {"with both": has_metric and has_dataset}).items() if is_held]
        best = max(best, found, key=len)
    return best


def _is_same(one: str, other: str) -> bool:
    """Whether two names of a dataset are one, but for what one says more: "CoNLL 2003 (English)"."""
    short, long = sorted((re.sub(r"[\W_]+", "", name).lower() for name in (one, other)), key=len)
    return len(short) > 2 and short in long


def score_names(file: Path) -> Table:
    reader = make_reader(read_vocabulary())
    marked, touched = {"DATASET": 0, "METRIC": 0}, {"DATASET": 0, "METRIC": 0}
    for sentence, names in _iter_sentences(file):
        tokens = reader.read(sentence, "")
        known = {
            "DATASET": {tokens.text(i) for i in range(len(tokens)) if tokens.dataset(i)},
            "METRIC": {tokens.text(i) for i in range(len(tokens)) if tokens.metric(i)},
        }
        for kind, name in names:
            if kind in marked:
                marked[kind] += 1
                touched[kind] += any(each in name or name in each for each in known[kind])
    table = Table("marked", "count", "known by a vocabulary", title="TDMSci: names in sentences")
    for kind, count in marked.items():
        table.add_row(kind.lower(), str(count), f"{touched[kind] / count:.2f}")
    return table


def _iter_sentences(file: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each sentence, and the kind and text of each marked name."""
    for block in file.read_text("utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line.count("\t") == 2]
        if not rows:
            continue
        first, sentence = int(rows[0][1]), ""
        spans: list[tuple[str, int, int]] = []
        for word, offset, label in rows:
            start = int(offset) - first
            sentence = sentence.ljust(start) + word
            if label.startswith("B-"):
                spans.append((label[2:], start, len(sentence)))
            elif label.startswith("I-") and spans:
                spans[-1] = (*spans[-1][:2], len(sentence))
        yield sentence, [(kind, sentence[start:end]) for kind, start, end in spans]


def score_gold(files: list[Path]) -> Table:
    columns = (Column(name, justify="right") for name in ("claims", "found", "strict", "full", "papers not published"))
    table = Table("gold", *columns, title="annotated claims")
    if not read_last_version(Settings()):
        table.title = "annotated claims: nothing is published in PAPERHOUSE_HOME"
        return table
    with open_publication(Settings()) as connection:
        for file in files:
            evaluation = evaluate(connection, "claims", file)
            summary = evaluation.scores.summary()
            scores = (f"{summary[name]:.3f}" for name in ("found", "strict", "full"))
            table.add_row(file.name, str(evaluation.scores.gold), *scores, str(len(evaluation.absent)))
    return table


if __name__ == "__main__":
    typer.run(main)
