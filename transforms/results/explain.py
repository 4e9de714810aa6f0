"""Why a cell was linked as it was: what was proposed, and what spoke for it."""

from typing import Any

from transforms.results import draft as drafts
from transforms.results.cells import Located
from transforms.results.linker import Linked, Linker
from transforms.results.links import rank_boards

_PROPOSALS = 6
_FEATURES = 10


def explain_cell(linker: Linker, linked: Linked, table_index: int, row: int, column: int) -> dict[str, Any] | None:
    """What a cell may be about, whether an editor takes it, and what the features of that choice add to its log-odds;
    None where there is no such cell."""
    place = next((at for at, each in enumerate(linked.draft.cells) if _is_at(each, table_index, row, column)), None)
    if place is None:
        return None
    draft = linked.draft
    about = zip(rank_boards(linked.boards), linked.link_scores[place].tolist(), strict=True)
    proposals = [
        {**_name(linked, board), "about": score, "on_leaderboard": float(linked.boards[board])}
        for board, score in sorted(about, key=lambda each: -each[1])[:_PROPOSALS]
    ]
    facts: dict[str, Any] = {
        "cell_score": float(draft.cell_scores[place]),
        "reports_results": draft.reports,
        "proposals": proposals,
        "choice": None,
    }
    if place in draft.top_cells:
        facts["choice"] = _explain_choice(linker, linked, draft.top_cells.index(place))
    return facts


def _is_at(located: Located, table_index: int, row: int, column: int) -> bool:
    cell = located.cell.cell
    return (located.table_index, cell.row, cell.column) == (table_index, row, column)


def _name(linked: Linked, board: int) -> dict[str, str]:
    triple = linked.draft.triple(board).triple
    return {"task": triple.task, "dataset": triple.dataset, "metric": triple.metric}


def _explain_choice(linker: Linker, linked: Linked, cell_place: int) -> dict[str, Any] | None:
    """The leaderboard that the cell would be taken for, how likely, and the features that count most."""
    pairs = [at for at, (cell, _) in enumerate(linked.draft.pairs.tolist()) if cell == cell_place]
    if not pairs:
        return None
    best = max(pairs, key=lambda at: linked.choices[at])
    row = drafts.describe_choices(linked.draft)[best]
    *parts, _ = linker.weigh("choices", row)
    strongest = sorted(range(len(parts)), key=lambda at: -abs(parts[at]))[:_FEATURES]
    return {
        **_name(linked, int(linked.draft.pairs[best][1])),
        "confidence": float(linked.choices[best]),
        "features": [
            {"feature": drafts.CHOICE_FEATURES[at], "value": float(row[at]), "log_odds": parts[at]} for at in strongest
        ],
    }
