"""What a cell is about, whoever's result it is: the triples that its heads and caption go with."""

from collections.abc import Sequence

import numpy as np

from transforms.results.draft import Draft, make_matrix
from transforms.results.pairs import MATCH_FEATURES
from transforms.results.relations import COMPARED, Features, Scores, compare

FEATURES = (
    "board_score",
    "board_rank",
    *MATCH_FEATURES,
    *(f"board_{what}" for what in COMPARED),
    "scale_count",
    "scale_share",
    "scale_distance",
    "scale_step",
    "scale_factor",
)
MOST_BOARDS = 20


def rank_boards(boards: Scores) -> list[int]:
    """The places of the likeliest triples."""
    return [int(place) for place in np.argsort(-boards, kind="stable")[:MOST_BOARDS]]


def describe_links(draft: Draft, boards: Scores, places: Sequence[int]) -> Features:
    """The features of each of the cells at the places with each of the likeliest triples, cell by cell."""
    best = rank_boards(boards)
    compared = compare(boards[best], [0] * len(best)).tolist()
    rows = [
        [
            float(boards[at]),
            float(rank),
            *draft.of_triples[at].match(view),
            *compared[rank],
            *draft.of_triples[at].place(draft.cells[place].value),
        ]
        for place in places
        for view in [draft.tables.view(draft.cells[place])]
        for rank, at in enumerate(best)
    ]
    return make_matrix(rows, len(FEATURES))
