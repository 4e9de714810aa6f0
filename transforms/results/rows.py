"""What the linker found, as rows of TABLE_CELLS and TABLE_RESULTS."""

from typing import Any

from transforms.results.attributes import find_condition, is_own_result, name_model
from transforms.results.cells import Located
from transforms.results.choose import Result
from transforms.results.linker import LINKER_VERSION, CellLink, Linked

Row = dict[str, Any]

# The model learns from numbers that leaderboards took. Of all numbers fewer are about what is proposed: by cells that
# were annotated (tests/gold/cells.jsonl), dataset and metric are right in this share for a score of 0, and so much more
# for a score of 1.
_LEAST, _STEP = 0.1, 0.55


def describe_link(linked: Linked, located: Located, link: CellLink | None) -> Row:
    """What a cell is about: the columns of TABLE_CELLS that the linker fills."""
    return {
        **_describe_owner(linked, located),
        "task": link and link.task,
        "dataset": link and link.dataset,
        "metric": link and link.metric,
        "link_confidence": link and round(_LEAST + _STEP * link.confidence, 4),
        "linker_version": LINKER_VERSION,
    }


def describe_results(linked: Linked) -> list[Row]:
    """The rows of TABLE_RESULTS."""
    pairs = zip(linked.results, linked.rights, strict=True)
    return [_describe_result(linked, result, right) for result, right in pairs]


def _describe_result(linked: Linked, result: Result, right: float | None) -> Row:
    located = result.cell
    place: Row = {}
    if located:
        place = _describe_owner(linked, located) | {
            "table_index": located.table_index,
            "row_index": located.cell.cell.row,
            "column_index": located.cell.cell.column,
            "value_text": located.cell.value.text,
            "value": located.value,
        }
    return place | {
        "task": result.triple.task,
        "dataset": result.triple.dataset,
        "metric": result.triple.metric,
        "confidence": round(result.confidence, 4),
        "leaderboard_confidence": round(result.board, 4),
        "row_confidence": None if right is None else round(right, 4),
        "factor": result.factor,
        "linker_version": LINKER_VERSION,
    }


def _describe_owner(linked: Linked, located: Located) -> Row:
    is_own = is_own_result(linked.draft.reading, located)
    return {
        "condition": find_condition(located),
        "model": name_model(linked.draft.reading, located, is_own),
        "is_own": is_own,
    }
