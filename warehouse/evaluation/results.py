"""Results read from papers against annotated ones: as the CLEF 2024 task "SOTA?" counted, and as whole results.

CLEF pairs a paper's annotated and found results one to one, so that the likeness of the whole results is greatest, and
counts each field by itself (https://ceur-ws.org/Vol-3740/paper-22.pdf); `exact`: equal, `partial`: like by 80 of 100.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from rapidfuzz import fuzz
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from transforms.results.names import find_numerals
from warehouse.errors import UsageError
from warehouse.storage.connection import rows

FIELDS = ("task", "dataset", "metric", "score")
LEVELS = ("score", "score+dataset+metric partial", "all four partial", "all four exact")
_LIKE = 80
_EMPTY = ("", "-")

Result = Mapping[str, Any]
Results = Mapping[str, Sequence[Result]]


def read_number(text: object) -> float | None:
    """The first number of a score as it is written."""
    found = find_numerals(str(text))
    return round(float(found[0]), 6) if found else None


def read_annotated(files: Sequence[Path]) -> dict[str, list[dict[str, Any]]]:
    """arxiv_id → its results, of files with a JSON object a line.

    Raises UsageError with the file and line that cannot be read.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        for number, line in enumerate(_read_lines(file), start=1):
            if not line.strip():
                continue
            try:
                paper = json.loads(line)
                found[str(paper["arxiv_id"])] = [dict(result) for result in paper["results"]]
            except (ValueError, KeyError, TypeError) as error:
                way_out = 'Each line is {"arxiv_id": "…", "results": [{"task", "dataset", "metric", "score"}, …]}.'
                raise UsageError(f"{file}, line {number}: no annotated paper ({error!r})", way_out) from error
    return found


def _read_lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}", "Name a file with a JSON object a line.") from error


def export_results(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Each published paper with a source of its own as a line of JSON: {"arxiv_id": …, "results": […]}, with what a
    leaderboard's editor would take of its newest version; none of a paper that reports none."""
    for arxiv_id, results in found_results(connection).items():
        yield json.dumps({"arxiv_id": arxiv_id, "results": results}, ensure_ascii=False)


def scale_score(text: str, factor: float) -> str:
    """The number as the leaderboard writes it.

    >>> scale_score("76.40 ± 0.3", 1), scale_score("0.764", 100)
    ('76.40', '76.4')
    """
    numeral = next(iter(find_numerals(text)), "")
    return f"{float(numeral) * factor:.10g}" if numeral and factor != 1 else numeral


def found_results(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, str]]]:
    """arxiv_id, with the version where the source's name has it → the results that were read."""
    of_paper: dict[str, list[dict[str, str]]] = {}
    query = """
        select paper_id, task, dataset_text as dataset, metric_text as metric, coalesce(value_text, '') as value_text,
            factor
        from fct_table_results order by paper_id, leaderboard_confidence desc, confidence desc, table_result_id
    """
    for result in rows(connection, query):
        score = scale_score(result["value_text"], result["factor"])
        fields = {name: result[name] for name in ("task", "dataset", "metric")}
        of_paper.setdefault(result["paper_id"], []).append(fields | {"score": score})
    papers = """
        select paper_id, source_record_id || coalesce('v' || version, '') as arxiv_id
        from paper_versions where source in ('arxiv_source', 'arxiv_html') and source_record_id is not null
        qualify row_number() over (partition by paper_id order by version desc nulls last) = 1
        order by arxiv_id
    """
    return {each["arxiv_id"]: of_paper.get(each["paper_id"], []) for each in rows(connection, papers)}


@dataclass(frozen=True)
class Rate:
    """Recall and precision, from 0 to 1."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0


@dataclass(frozen=True)
class ResultScores:
    """accuracy: the share of papers that are rightly taken to report results or none; fields, overall: by 'exact' and
    'partial'; whole: by level."""

    paper_count: int
    annotated_count: int
    found_count: int
    accuracy: float
    overall: Mapping[str, Rate]
    fields: Mapping[str, Mapping[str, Rate]]
    whole: Mapping[str, Rate]
    errors: Sequence[tuple[str, str, Result]] = ()


@dataclass
class _Tally:
    """Counts over all papers. annotated, found: filled fields; hits: by field and kind; whole: by level."""

    annotated: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    right_papers: int = 0
    errors: list[tuple[str, str, Result]] = field(default_factory=list)


def score_results(annotated: Results, found: Results) -> ResultScores:
    """Scores what was found; a paper that was not read counts as one without results."""
    tally = _Tally()
    for arxiv_id, gold in annotated.items():
        _score_paper(tally, arxiv_id, gold, found.get(arxiv_id, ()))
    by_kind = {kind: {name: _rate(tally, name, kind) for name in FIELDS} for kind in ("exact", "partial")}
    overall = {
        kind: Rate(
            sum(rate.recall for rate in rates.values()) / len(FIELDS),
            sum(rate.precision for rate in rates.values()) / len(FIELDS),
        )
        for kind, rates in by_kind.items()
    }
    counts = tally.results
    whole = {
        level: Rate(tally.whole[level] / max(1, counts["annotated"]), tally.whole[level] / max(1, counts["found"]))
        for level in LEVELS
    }
    return ResultScores(
        len(annotated),
        counts["annotated"],
        counts["found"],
        tally.right_papers / max(1, len(annotated)),
        overall,
        by_kind,
        whole,
        tally.errors,
    )


def _rate(tally: _Tally, name: str, kind: str) -> Rate:
    counted = "numbers" if (name, kind) == ("score", "partial") else name
    hits = tally.hits[name, kind]
    return Rate(hits / max(1, tally.annotated[counted]), hits / max(1, tally.found[counted]))


def _score_paper(tally: _Tally, arxiv_id: str, gold: Sequence[Result], found: Sequence[Result]) -> None:
    tally.right_papers += bool(gold) == bool(found)
    for name, results, filled in (("annotated", gold, tally.annotated), ("found", found, tally.found)):
        tally.results[name] += len(results)
        for result in results:
            filled.update(each for each in FIELDS if _text(result, each) not in _EMPTY)
            filled["numbers"] += len(find_numerals(_text(result, "score")))
    for i, j in _assign(gold, found, lambda a, b: fuzz.ratio(_whole_text(a), _whole_text(b))):
        _score_fields(tally, gold[i], found[j])
    for level in LEVELS:
        pairs = _assign(gold, found, partial(_is_same_result, level=level))
        tally.whole[level] += len(pairs)
        if level == LEVELS[1]:
            matched, used = {i for i, _ in pairs}, {j for _, j in pairs}
            tally.errors += [(arxiv_id, "missed", each) for i, each in enumerate(gold) if i not in matched]
            tally.errors += [(arxiv_id, "surplus", each) for j, each in enumerate(found) if j not in used]


def _score_fields(tally: _Tally, gold: Result, found: Result) -> None:
    for name in FIELDS:
        tally.hits[name, "exact"] += _is_equal(gold, found, name)
        if name != "score":
            tally.hits[name, "partial"] += _is_like(gold, found, name)
    numerals = (Counter(find_numerals(_text(each, "score"))) for each in (gold, found))
    tally.hits["score", "partial"] += (next(numerals) & next(numerals)).total()


def _text(result: Result, name: str) -> str:
    return str(result.get(name) or "").strip().lower()


def _whole_text(result: Result) -> str:
    return json.dumps({name: str(result.get(name) or "") for name in FIELDS}).lower()


def _is_equal(a: Result, b: Result, name: str) -> bool:
    return _text(a, name) not in _EMPTY and _text(a, name) == _text(b, name)


def _is_like(a: Result, b: Result, name: str) -> bool:
    texts = _text(a, name), _text(b, name)
    return not any(text in _EMPTY for text in texts) and fuzz.ratio(*texts) >= _LIKE


def _is_same_result(a: Result, b: Result, level: str) -> bool:
    number = read_number(_text(a, "score"))
    if number is None or number != read_number(_text(b, "score")):
        return False
    if level == "all four exact":
        return all(_is_equal(a, b, name) for name in FIELDS[:3])
    names = {"score": (), "score+dataset+metric partial": FIELDS[1:3], "all four partial": FIELDS[:3]}[level]
    return all(_is_like(a, b, name) for name in names)


def _assign(
    gold: Sequence[Result], found: Sequence[Result], weigh: Callable[[Result, Result], float]
) -> list[tuple[int, int]]:
    """The pairs, each result in one at most, whose weights together are the greatest; none of weight 0."""
    if not gold or not found:
        return []
    weights = np.array([[weigh(a, b) for b in found] for a in gold], dtype=float)
    chosen = zip(*linear_sum_assignment(weights, maximize=True), strict=True)
    return [(int(i), int(j)) for i, j in chosen if weights[i, j] > 0]
