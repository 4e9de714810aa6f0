"""The results that a leaderboard's editor would take of a paper."""

from collections import defaultdict
from dataclasses import dataclass, replace

from transforms.results.cells import Located
from transforms.results.draft import Draft
from transforms.results.names import Triple
from transforms.results.relations import Scores

REPORTS = 0.5  # from which on a paper is taken to report results
_BOARD_WEIGHT = 0.6  # of whether the paper is on the leaderboard, beside which of its numbers stands there
_FIRST = 0.15  # what a leaderboard's first number needs
_FURTHER = 0.2  # what each further one needs
_LEAST = 0.01  # below which a number is none that could be told
_MOST = 80  # of a paper


@dataclass(frozen=True, slots=True)
class Result:
    """cell: null where the paper belongs to the leaderboard and no number of its tables does. confidence: that an
    editor takes this number for it; board: that the paper is on it; factor: what makes the number as large as the
    leaderboard's others: 100, 0.01 or 1."""

    triple: Triple
    cell: Located | None
    confidence: float
    board: float
    factor: float = 1.0

    @property
    def weight(self) -> float:
        return _BOARD_WEIGHT * self.board + (1 - _BOARD_WEIGHT) * self.confidence


def choose(draft: Draft, choices: Scores, boards: Scores) -> list[Result]:
    """The results, the surest first; none of a paper that reports none."""
    if draft.reports < REPORTS or not draft.top_triples:
        return []
    found: list[Result] = []
    for place, numbers in _rank_numbers(draft, choices).items():
        triple, board = draft.triple(place).triple, float(boards[place])
        first, *others = (Result(triple, cell, score, board, factor) for cell, score, factor in numbers)
        if first.weight > _FIRST:
            found.append(first if first.confidence >= _LEAST else _without_number(first))
        found += [each for each in others if each.confidence > _FURTHER]
    found.sort(key=lambda each: -each.weight)
    return found[:_MOST] or [_take_likeliest(draft, choices, boards)]


def _without_number(result: Result) -> Result:
    return replace(result, cell=None, factor=1.0)


def _rank_numbers(draft: Draft, choices: Scores) -> dict[int, list[tuple[Located, float, float]]]:
    """Of each triple its cells with score and factor, the likeliest first; a number that stands in several cells counts
    once."""
    best: dict[int, dict[float, tuple[Located, float, float]]] = defaultdict(dict)
    factors = draft.pair_factors.tolist()
    for (cell_place, triple_place), score, factor in zip(draft.pairs.tolist(), choices.tolist(), factors, strict=True):
        located = draft.cell(cell_place)
        known = best[triple_place].get(located.value)
        if known is None or known[1] < score:
            best[triple_place][located.value] = located, score, factor
    return {place: sorted(best[place].values(), key=lambda each: -each[1]) for place in sorted(best)}


def _take_likeliest(draft: Draft, choices: Scores, boards: Scores) -> Result:
    place = int(boards.argmax())
    numbers = _rank_numbers(draft, choices).get(place)
    cell, score, factor = numbers[0] if numbers else (None, 0.0, 1.0)
    return Result(draft.triple(place).triple, cell, score, float(boards[place]), factor)
