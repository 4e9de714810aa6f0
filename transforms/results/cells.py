"""What a cell looks like to a leaderboard's editor: its features, and the words of its heads, caption and section."""

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from transforms.results.names import find_numerals
from transforms.results.paper import Label, Reading, is_own, leaf
from transforms.results.words import Words
from transforms.tables.heads import NumericCell
from transforms.tables.read import Table

FEATURES = (
    "magnitude", "is_fraction", "is_whole", "decimals", "has_percent", "has_spread", "is_negative",
    "is_bold", "is_underlined", "is_coloured",
    "column_size", "column_rank", "is_column_max", "is_column_min", "column_bolds",
    "row_size", "row_rank", "is_row_max", "is_row_min", "row_bolds",
    "row_own_word", "row_titled", "row_in_abstract", "row_starts_title", "row_introduced", "row_said", "row_tables",
    "column_own_word", "column_titled", "column_in_abstract", "column_introduced", "column_said", "column_tables",
    "path_own_word", "table_own_rows", "is_only_own", "best_of_own_rank",
    "row_cites", "table_cites", "row_place", "rows_below", "is_last_row", "row_depth", "column_depth", "row_length",
    "is_without", "has_plus",
    "table_index", "table_share", "tables", "table_rows", "table_columns", "table_cells", "is_appendix", "has_number",
    "column_datasets", "row_datasets", "caption_datasets", "column_metrics", "row_metrics", "caption_metrics",
    "caption_tasks", "column_metric_count", "dataset_count",
    "row_own_name", "column_own_name", "path_own_name", "is_in_abstract", "said", "is_long",
    "words_column", "words_row", "words_caption", "words_section", "words_other",
)  # fmt: skip
WORD_ZONES = ("column", "row", "caption", "section", "other")
_WITHOUT = re.compile(r"\bw/o\b|\bwithout\b|\bbaseline\b|\bno\b|^[-−–] ?\w|\babla", re.I)
_PLUS = re.compile(r"^\s*\+|\bw/ |\bwith\b|\+", re.I)
_LONG = 4  # characters of a number that stands elsewhere by chance seldom
_STYLES = ("bold", "underlined", "coloured")
_WORD = re.compile(r"[a-z]+|[^\sa-z0-9]")
_MAX_WORDS = 60  # of a caption

GroupKey = tuple[int, int, tuple[str, ...]]  # table, row or column, and its heads


@dataclass(frozen=True, slots=True)
class Located:
    """A cell, with the table that it stands in."""

    table: Table
    table_index: int
    cell: NumericCell

    @property
    def value(self) -> float:
        return self.cell.value.value


@dataclass(slots=True)
class _Group:
    """Cells that stand below, or beside, one head: what one is compared with. values: sorted."""

    values: list[float]
    bolds: int


def list_cells(reading: Reading) -> list[Located]:
    return [Located(table, index, cell) for index, table in enumerate(reading.paper.tables) for cell in table.cells]


def split_words(located: Located) -> dict[str, list[str]]:
    """The words by which tables of results are known from others, by their place."""
    cell, table = located.cell, located.table
    row, column = leaf(cell.row), leaf(cell.column)
    return {
        "column": [f"c:{word}" for word in _WORD.findall(column.lower())[:12]] + [f"c={column.lower()}"],
        "row": [f"r:{word}" for word in _WORD.findall(row.lower())[:12]] + [f"r={row.lower()}"],
        "caption": sorted({f"k:{word}" for word in _WORD.findall((table.caption or "").lower())[:_MAX_WORDS]}),
        "section": sorted({f"s:{word}" for word in _WORD.findall((table.section or "").lower())[:12]}),
        "other": sorted(
            {f"o:{word}" for head in (*cell.row[:-1], *cell.column[:-1]) for word in _WORD.findall(head.lower())[:12]}
        ),
    }


def describe_cells(reading: Reading, cells: Sequence[Located], words: Words) -> Iterator[list[float]]:
    """The features of each cell, in the order of FEATURES."""
    columns, rows = _group(cells, column_key), _group(cells, _row_key)
    tables = len(reading.paper.tables)
    of_table = {index: _describe_table(reading, index, tables) for index in range(tables)}
    own_rows = _count_own(reading, cells)
    cited = {
        index: sum(bool(cell.row_cites) for cell in table.cells) / max(1, len(table.cells))
        for index, table in enumerate(reading.paper.tables)
    }
    weighed: dict[tuple[int, tuple[str, ...], tuple[str, ...]], list[float]] = {}
    for located in cells:
        cell = located.cell
        key = (located.table_index, cell.row, cell.column)
        if key not in weighed:
            split = split_words(located)
            weighed[key] = [words.weigh(split[zone]) for zone in WORD_ZONES]
        own = own_rows[located.table_index]
        yield [
            *_describe_value(located),
            *_compare(located, columns[column_key(located)]),
            *_compare(located, rows[_row_key(located)]),
            *_describe_label(reading.labels.get(leaf(cell.row))),
            *_describe_column(reading.labels.get(leaf(cell.column))),
            float(any("our" in head.lower() or "proposed" in head.lower() for head in (*cell.row, *cell.column))),
            *_describe_own(located, own, columns[column_key(located)]),
            *_describe_place(located, cited[located.table_index]),
            *of_table[located.table_index],
            *_count_names(reading, located),
            *_describe_said(reading, located),
            *weighed[key],
        ]


def describe_size(located: Located) -> tuple[float, float, float]:
    """The number's power of ten, whether it is a fraction, and its decimals."""
    number, decimals = abs(located.value), located.cell.value.text.partition(".")[2]
    return math.log10(number + 1e-6), float(number <= 1), float(len(decimals) - len(decimals.lstrip("0123456789")))


def _describe_value(located: Located) -> list[float]:
    value, seen = located.cell.value, located.cell.cell.seen
    magnitude, is_fraction, decimals = describe_size(located)
    return [
        magnitude,
        is_fraction,
        float(value.value.is_integer()),
        decimals,
        float("%" in value.text),
        float(value.spread is not None),
        float(value.value < 0),
        *(float(getattr(seen, style, False)) for style in _STYLES),
    ]


def column_key(located: Located) -> GroupKey:
    """By which the cells of a column, below one path of heads, are one group."""
    return located.table_index, located.cell.cell.column, located.cell.column


def _row_key(located: Located) -> GroupKey:
    return located.table_index, located.cell.cell.row, located.cell.row


def _group(cells: Sequence[Located], key: Callable[[Located], GroupKey]) -> dict[GroupKey, _Group]:
    groups: dict[GroupKey, _Group] = defaultdict(lambda: _Group([], 0))
    for located in cells:
        group = groups[key(located)]
        group.values.append(located.value)
        group.bolds += located.cell.cell.seen.bold
    for group in groups.values():
        group.values.sort()
    return groups


def _compare(located: Located, group: _Group) -> list[float]:
    values = group.values
    size = len(values)
    below = bisect_left(values, located.value)
    return [
        float(size),
        below / (size - 1) if size > 1 else 0.5,
        float(located.value >= values[-1]),
        float(located.value <= values[0]),
        float(group.bolds),
    ]


def _describe_label(label: Label | None) -> list[float]:
    if label is None:
        return [math.nan] * 7
    return [
        float(label.is_own_word),
        float(label.is_titled),
        float(label.is_in_abstract),
        float(label.starts_title),
        float(label.introduced),
        math.log1p(label.said),
        float(label.tables),
    ]


def _describe_column(label: Label | None) -> list[float]:
    """As a row's head, but for whether the title starts with it."""
    features = _describe_label(label)
    return [*features[:3], *features[4:]]


def _count_own(reading: Reading, cells: Sequence[Located]) -> dict[int, set[int]]:
    own: dict[int, set[int]] = defaultdict(set)
    for located in cells:
        if is_own(reading.labels.get(leaf(located.cell.row))):
            own[located.table_index].add(located.cell.cell.row)
    return own


def _describe_own(located: Located, own: set[int], column: _Group) -> list[float]:
    mine = located.cell.cell.row in own
    return [
        float(len(own)),
        float(mine and len(own) == 1),
        bisect_left(column.values, located.value) / max(1, len(column.values) - 1) if mine else -1.0,
    ]


def _describe_said(reading: Reading, located: Located) -> list[float]:
    """Whether the heads hold the own method's name, and where else the number stands."""
    cell = located.cell
    numeral = next(iter(find_numerals(cell.value.text)), "")
    return [
        float(reading.owns(leaf(cell.row))),
        float(reading.owns(leaf(cell.column))),
        float(any(reading.owns(head) for head in (*cell.row[:-1], *cell.column[:-1]))),
        float(numeral in reading.abstract_numbers),
        float(reading.said_numbers[numeral]),
        float(len(numeral) >= _LONG),
    ]


def _describe_place(located: Located, cited: float) -> list[float]:
    """cited: the share of the table's cells whose row cites."""
    cell, table = located.cell, located.table
    rows = table.grid.row_count
    text = leaf(cell.row)
    return [
        float(len(cell.row_cites)),
        cited,
        cell.cell.row / max(1, rows - 1),
        float(rows - 1 - cell.cell.row),
        float(cell.cell.row == rows - 1),
        float(len(cell.row)),
        float(len(cell.column)),
        float(len(text)),
        float(bool(_WITHOUT.search(text))),
        float(bool(_PLUS.search(text))),
    ]


def _describe_table(reading: Reading, index: int, tables: int) -> list[float]:
    table = reading.paper.tables[index]
    return [
        float(index),
        index / max(1, tables - 1),
        float(tables),
        float(table.grid.row_count),
        float(table.grid.column_count),
        float(len(table.cells)),
        float(reading.appendix_start is not None and table.body_start > reading.appendix_start),
        float(table.number is not None),
    ]


def _count_names(reading: Reading, located: Located) -> list[float]:
    column = [reading.find(head).whole for head in located.cell.column]
    row = [reading.find(head).whole for head in located.cell.row]
    caption = [reading.of_caption[located.table_index].whole]
    counts: list[float] = []
    for kind, places in (("dataset", (column, row, caption)), ("metric", (column, row, caption)), ("task", (caption,))):
        counts += [float(sum(name[0] == kind for found in place for name in found)) for place in places]
    metrics = Counter(name for found in (*column, *caption) for name in found if name[0] == "metric")
    datasets = Counter(name for found in (*column, *row, *caption) for name in found if name[0] == "dataset")
    weight = reading.names.count_results
    return [
        *counts,
        max((math.log1p(weight(name)) for name in metrics), default=-1.0),
        max((math.log1p(weight(name)) for name in datasets), default=-1.0),
    ]
