"""What a cell is about, whoever's result it is: the triples that its heads and caption go with."""

from collections.abc import Mapping, Sequence

import numpy as np

from transforms.results.draft import Draft, bound
from transforms.results.matches import FEATURES as MATCH_FEATURES
from transforms.results.matches import PLACE_FEATURES, Matches
from transforms.results.relations import COMPARED, Features, Scores, compare
from transforms.results.scales import Scales

FEATURES = (
    "board_score",
    "board_rank",
    *MATCH_FEATURES,
    *(f"board_{what}" for what in COMPARED),
    *PLACE_FEATURES,
)
MOST_BOARDS = 20


def rank_boards(boards: Scores) -> list[int]:
    """The places of the likeliest triples."""
    return [int(place) for place in np.argsort(-boards, kind="stable")[:MOST_BOARDS]]


def match_boards(draft: Draft, boards: Scores, scales: Scales, families: Mapping[str, str]) -> Matches:
    """The likeliest triples, ready to be compared with cells."""
    return Matches([draft.triple(place) for place in rank_boards(boards)], scales, families)


def describe_links(draft: Draft, boards: Scores, triples: Matches, places: Sequence[int]) -> Features:
    """The features of each of the cells at the places with each of the likeliest triples, cell by cell. triples: those
    of `match_boards`."""
    best = rank_boards(boards)
    cells = [draft.cells[place] for place in places]
    of_board = np.concatenate([boards[best, None], np.arange(len(best))[:, None]], axis=1)
    compared = compare(boards[best], [0] * len(best))
    parts = [
        np.broadcast_to(of_board, (len(cells), *of_board.shape)),
        triples.describe([draft.tables.view(cell) for cell in cells]),
        np.broadcast_to(compared, (len(cells), *compared.shape)),
        triples.place(np.array([cell.value for cell in cells], dtype=np.float64)),
    ]
    return bound(np.concatenate(parts, axis=2).reshape(-1, len(FEATURES)))
