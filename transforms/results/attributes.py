"""What a table says of a number besides what it is a result of: whose model it is of, and under which condition."""

import re
from collections.abc import Sequence

from transforms.conditions import find_conditions
from transforms.results.cells import Located
from transforms.results.paper import Reading, bare_label, leaf
from transforms.tables.heads import NumericCell

_OWN_WORD = re.compile(r"\b(?:ours?|proposed|this work|this paper)\b", re.I)
_ABLATION = re.compile(r"\bablat|\bcomponents?\b|\bvariants?\b|\bsensitivity\b", re.I)


def find_condition(located: Located) -> str | None:
    """The split, number of examples or languages that the cell's heads name; of each kind that they do not, the one
    that the caption does, if it names no other. Several by commas."""
    of_heads = [each for each in find_conditions(" | ".join((*located.cell.row, *located.cell.column))) if each.name]
    of_caption: dict[str, set[str]] = {}  # by kind
    for each in find_conditions(located.table.caption or ""):
        of_caption.setdefault(each.kind, set()).add(each.name)
    for each in of_heads:
        of_caption.pop(each.kind, None)
    alone = [name for names in of_caption.values() if len(names) == 1 for name in names if name]
    return ", ".join(dict.fromkeys([*(each.name for each in of_heads), *alone])) or None


def is_own_result(reading: Reading, located: Located) -> bool | None:
    """Whether the number is of the paper's own method or a variant of it; null where neither this nor a rival shows."""
    cell = located.cell
    if any(_OWN_WORD.search(head) for head in (*cell.row, *cell.column)):
        return True
    if cell.row_cites:
        return False
    if reading.owns(leaf(cell.row)) or reading.owns(leaf(cell.column)):
        return True
    if _ABLATION.search(f"{located.table.caption or ''} {located.table.section or ''}"):
        return True
    return False if _shows_whose(reading, located) else None


def _shows_whose(reading: Reading, located: Located) -> bool:
    """Whether the table tells its rows apart: some cite, or are the paper's own."""
    known = reading.tables_with_owners.get(located.table_index)
    if known is None:
        known = reading.tables_with_owners[located.table_index] = _has_own_or_cited(reading, located.table.cells)
    return known


def _has_own_or_cited(reading: Reading, cells: Sequence[NumericCell]) -> bool:
    return any(
        each.row_cites or _OWN_WORD.search(" ".join((*each.row, *each.column))) or reading.owns(leaf(each.row))
        for each in cells
    )


def name_model(reading: Reading, located: Located, is_own_model: bool | None) -> str | None:
    """The row's head, or the column's where that names the model; of "Ours" the name that the title begins with."""
    row, column = leaf(located.cell.row), leaf(located.cell.column)
    is_by_column = reading.owns(column) or (_names_other(reading, row) and not _names_other(reading, column))
    bare = bare_label(column if is_by_column else row)
    return bare or (reading.title_name if is_own_model else None)


def _names_other(reading: Reading, head: str) -> bool:
    """Whether a head is the name of a dataset or metric."""
    return not head or any(
        kind in ("dataset", "metric") and name.lower() == head.lower() for kind, name in reading.find(head).whole
    )
