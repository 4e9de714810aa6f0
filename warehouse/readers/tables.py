"""A paper's tables as a page shows them: their numbers below the heads of columns and behind those of rows."""

from typing import Any

MAX_CELLS = 3_000  # of one page

Row = dict[str, Any]


def arrange_tables(tables: list[Row], cells: list[Row]) -> list[Row]:
    """Each table (a row of fct_tables) with columns, the paths of their heads, and rows: their path, and for each
    column the cell or None.

    cells: the rows of fct_table_cells, of all tables; what is beyond MAX_CELLS is left out, and `is_cut` says so.
    """
    of_table: dict[str, list[Row]] = {}
    for cell in cells:
        of_table.setdefault(cell["table_id"], []).append(cell)
    arranged, left = [], MAX_CELLS
    for table in tables:
        own = of_table.get(table["table_id"], [])
        shown, left = own[:left], max(0, left - len(own))
        arranged.append(table | _arrange(shown) | {"is_cut": len(shown) < len(own)})
    return arranged


def group_results(results: list[Row]) -> list[list[Row]]:
    """The rows of fct_table_results by leaderboard, in their order; the surest of each first."""
    boards: dict[tuple[str, ...], list[Row]] = {}
    for row in results:
        boards.setdefault((row["task"], row["dataset_text"], row["metric_text"]), []).append(row)
    return [sorted(rows, key=lambda row: -(row["row_confidence"] or 0)) for rows in boards.values()]


def _arrange(cells: list[Row]) -> Row:
    columns = {cell["column_index"]: cell["column_path"] for cell in reversed(cells)}
    order = sorted(columns)
    rows: dict[int, Row] = {}
    for cell in cells:
        row = rows.setdefault(cell["row_index"], {"path": cell["row_path"], "cells": dict.fromkeys(order)})
        row["cells"][cell["column_index"]] = cell
    return {
        "columns": [columns[index] for index in order],
        "rows": [{"path": row["path"], "cells": list(row["cells"].values())} for _, row in sorted(rows.items())],
    }
