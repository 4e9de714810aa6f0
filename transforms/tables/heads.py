"""Which cells of a grid are heads, and which heads a number stands under: the path of its row and of its column."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.tables.grid import Cell, Grid
from transforms.tables.values import Value

_NONE = re.compile(r"^[\s–—\-−/.·*✓✗×xX?]*$|^(?:n/?a|none|nan|oom|tbd)$", re.I)
_ARROW = re.compile("[↑↓]")


@dataclass(frozen=True, slots=True)
class NumericCell:
    """row, column: the texts of the heads, the outer first; row_cites: keys that the row's heads cite; attributes: what
    the row's other columns say of it, by their heads."""

    cell: Cell
    value: Value
    row: tuple[str, ...]
    column: tuple[str, ...]
    row_cites: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Block:
    """Rows of results below one set of heads."""

    heads: list[int]
    rows: list[int]
    title: str | None = None  # of a row over the whole table, above the heads


def read_cells(grid: Grid) -> list[NumericCell]:
    """The numbers of a grid with their heads."""
    if not grid.row_count or not grid.column_count:
        return []
    cells: list[NumericCell] = []
    for block in _find_blocks(grid):
        label_columns = _count_label_columns(grid, block)
        cells += _read_block(grid, block, label_columns)
    return cells


def _read_block(grid: Grid, block: _Block, label_columns: int) -> Iterator[NumericCell]:
    heads = [_column_path(grid, block.heads, column) for column in range(grid.column_count)]
    names, attributes = _split_labels(grid, block, label_columns, heads)
    group = block.title
    for row in block.rows:
        if label := _group_label(grid, row):
            group = label
            continue
        path, cites = _row_path(grid, row, names)
        facts = tuple(
            (heads[column][-1] if heads[column] else "", cell.text)
            for column in attributes
            if (cell := grid.cells.get((row, column)))
        )
        if group and group not in path:
            path = (group, *path)
        for column in range(label_columns, grid.column_count):
            cell = grid.cells.get((row, column))
            if cell is None or (cell.row, cell.column) != (row, column):
                continue
            if cell.value:
                yield NumericCell(cell, cell.value, path, _heads_of(cell, heads), cites, facts)


def _heads_of(cell: Cell, heads: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The heads of a cell; of one that spans several columns those that all have."""
    first, *others = heads[cell.column : cell.column + cell.column_span]
    common = [head for i, head in enumerate(first) if all(other[i : i + 1] == (head,) for other in others)]
    return tuple(common)


def _find_blocks(grid: Grid) -> list[_Block]:
    """The table's blocks: a head of several rows, then rows of results; a row of names amid the results that a rule
    stands before or behind begins another block."""
    blocks: list[_Block] = []
    head_end = _find_head_end(grid)
    block = _Block(list(range(head_end)), [])
    row = head_end
    while row < grid.row_count:
        if _is_spanning_head(grid, row) and _numbers_follow(grid, row):
            if block.rows:
                blocks.append(block)
            inner = [head for head in block.heads if not _is_spanning_head(grid, head)]
            block = _Block([row, *inner], [])
        elif block.rows and _is_head_row(grid, row) and _numbers_follow(grid, row):
            title = _group_label(grid, block.rows[-1])
            if title:
                block.rows.pop()
            blocks.append(block)
            heads = [row]
            while row + 1 < grid.row_count and _is_head_row(grid, row + 1):
                row += 1
                heads.append(row)
            block = _Block(heads, [], title)
        else:
            block.rows.append(row)
        row += 1
    blocks.append(block)
    _take_title(grid, blocks)
    return blocks


def _take_title(grid: Grid, blocks: list[_Block]) -> None:
    """Where later blocks have titles, a row over the whole table is the first one's title, and no head."""
    first = blocks[0]
    if any(block.title for block in blocks[1:]) and first.heads and (title := _group_label(grid, first.heads[0])):
        first.title = title
        first.heads.pop(0)


def _find_head_end(grid: Grid) -> int:
    """The number of rows that are heads: up to a rule behind which results begin, else up to the first results."""
    first = next((row for row in range(grid.row_count) if _count_numbers(grid, row) >= 1), grid.row_count)
    if first == grid.row_count:
        return min(1, grid.row_count)
    ruled = [rule for rule in sorted(grid.rules_before) if 0 < rule < grid.row_count]
    for rule in ruled:
        if rule > 4:
            break
        if rule > 1 and _group_label(grid, rule - 1):
            continue
        if all(_may_be_head(grid, row) for row in range(rule)) and any(
            _count_numbers(grid, row) for row in range(rule, grid.row_count)
        ):
            end = rule
            while end < grid.row_count and _is_more_head(grid, end, ruled):
                end += 1
            return end
    while first > 1 and _group_label(grid, first - 1):
        first -= 1  # a label of the first group is no head of columns
    return max(first, 1)


def _is_more_head(grid: Grid, row: int, ruled: list[int]) -> bool:
    """Whether a row behind a rule goes on with the head: names only, and no results before the next rule."""
    return _is_head_row(grid, row) and any(rule == row + 1 for rule in ruled)


def _may_be_head(grid: Grid, row: int) -> bool:
    cells = [cell for cell in _distinct(grid, row) if cell.text]
    numbers = [cell for cell in cells if cell.value]
    plain = [cell for cell in numbers if re.fullmatch(r"[\d,]+[%KMBx×]?|\d+(?:\.\d+)?%?", cell.text)]
    if not numbers:
        return True
    return len(numbers) < len(cells) and len(plain) == len(numbers) and all("." not in cell.text for cell in numbers)


def _is_head_row(grid: Grid, row: int) -> bool:
    """Names over several columns, and no number."""
    cells = [cell for cell in _distinct(grid, row) if cell.text and not _NONE.match(cell.text)]
    if len(cells) < 2 or any(cell.value for cell in cells):
        return False
    named = {column for column in range(1, grid.column_count) if (cell := grid.cells.get((row, column))) and cell.text}
    return len(named) >= max(2, (grid.column_count - 1) / 2)


def _is_spanning_head(grid: Grid, row: int) -> bool:
    """Names that each span several columns: heads above those that stand over single columns."""
    cells = [cell for cell in _distinct(grid, row) if cell.text and cell.row == row]
    wide = [cell for cell in cells if cell.column_span > 1 and cell.column_span < grid.column_count]
    return len(wide) >= 2 and len(cells) - len(wide) <= 1 and not any(cell.value for cell in wide)


def _numbers_follow(grid: Grid, row: int) -> bool:
    following = row + 1
    while following < grid.row_count and (_is_head_row(grid, following) or _group_label(grid, following)):
        following += 1
    return following < grid.row_count and _count_numbers(grid, following) > 0


def _distinct(grid: Grid, row: int) -> list[Cell]:
    found: dict[int, Cell] = {}
    for cell in grid.row(row):
        if cell is not None:
            found.setdefault(id(cell), cell)
    return list(found.values())


def _count_numbers(grid: Grid, row: int) -> int:
    return sum(bool(cell.value) for cell in _distinct(grid, row)[1:] if cell.row == row)


def _group_label(grid: Grid, row: int) -> str | None:
    """The text of a row that holds nothing else: what the rows below have in common."""
    cells = [cell for cell in _distinct(grid, row) if cell.text]
    is_label = len(cells) == 1 and cells[0].row_span == 1 and not cells[0].value
    return cells[0].text if is_label else None


def _count_label_columns(grid: Grid, block: _Block) -> int:
    """The number of columns on the left that name rows: up to the first of which most cells are numbers."""
    rows = [row for row in block.rows if not _group_label(grid, row)]
    for column in range(grid.column_count):
        cells = [cell for row in rows if (cell := grid.cells.get((row, column))) and not _NONE.match(cell.text)]
        numbers = sum(bool(cell.value) for cell in cells)
        if cells and 2 * numbers > len(cells) and (column or _is_result_column(cells)):
            return column
    return min(1, grid.column_count)


def _is_result_column(cells: list[Cell]) -> bool:
    """A first column of numbers names rows (years, sizes, steps) where they are whole."""
    return any("." in cell.text for cell in cells)


def _split_labels(
    grid: Grid, block: _Block, label_columns: int, heads: list[tuple[str, ...]]
) -> tuple[list[int], list[int]]:
    """The label columns that name rows, and those that say something about them: marks, or short facts."""
    names: list[int] = []
    attributes: list[int] = []
    for column in range(label_columns):
        texts = [cell.text for row in block.rows if (cell := grid.cells.get((row, column)))]
        marks = sum(bool(_NONE.match(text)) for text in texts)
        # Marks say something about the row, and so does what stands under a head with others: "Components, Filtering".
        is_attribute = names and texts and (2 * marks >= len(texts) or len(heads[column]) > 1)
        (attributes if is_attribute else names).append(column)
    return names, attributes


def _row_path(grid: Grid, row: int, columns: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    path: list[str] = []
    cites: list[str] = []
    seen: set[int] = set()
    for column in columns:
        cell = grid.cells.get((row, column))
        if cell is None or id(cell) in seen:
            continue
        seen.add(id(cell))
        cites += cell.seen.cites
        if cell.text and not _NONE.match(cell.text):
            path.append(cell.text)
    return tuple(path), tuple(dict.fromkeys(cites))


def _column_path(grid: Grid, heads: list[int], column: int) -> tuple[str, ...]:
    """The heads above a column, the outer first; one that is written over two rows, of one width and without a rule
    between, is one head."""
    path: list[str] = []
    last: Cell | None = None
    for row in heads:
        cell = grid.cells.get((row, column))
        if cell is None or cell is last or not cell.text:
            continue
        is_ruled = row in grid.rules_before or row in grid.partial_rules_before
        is_same = last is not None and (last.column, last.column_span) == (cell.column, cell.column_span)
        is_level = bool(_ARROW.search(cell.text))  # of a metric: "ppl ↓"
        if last is not None and is_same and not is_ruled and not is_level and last.row + last.row_span == row:
            path[-1] = _join(path[-1], cell.text)
        else:
            path.append(cell.text)
        last = cell
    return tuple(path)


def _join(upper: str, lower: str) -> str:
    if upper.endswith("-") and lower[:1].islower():
        return upper[:-1] + lower
    return f"{upper}{lower}" if lower.startswith("-") else f"{upper} {lower}"
