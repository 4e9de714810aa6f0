"""A tabular environment as a grid: rows of cells, each where a reader of the page sees it.

Cells of several rows or columns stand in each of them. Rules are kept, as they divide heads from results and groups
from each other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from transforms.tables.macros import Macros, expand, match_group, skip_space
from transforms.tables.render import Rendered, read_argument, render
from transforms.tables.values import Value, parse_value

MAX_CELLS = 20_000  # of a table
_MAX_SPAN = 200
_RULE = re.compile(
    r"\s*\\(?:(?P<rule>hline|hhline|toprule|midrule|bottomrule|specialrule|thickhline|Xhline|Xcline|cline|cmidrule|hdashline|cdashline"
    r"|cdashlinelr|addlinespace|noalign|rowcolor|rowcolors|arrayrulecolor|morecmidrules|thinmidrule|heavyrule|endhead|endfirsthead"
    r"|endfoot|endlastfoot|tabucline|rowstyle|rowfont|firsthline|lasthline|abovespace|belowspace|myhline|tableline"
    r"|bigstrut|Tstrut|Bstrut|strut|centering|small|footnotesize|scriptsize|tiny|normalsize|vspace|noindent|nobreakspace)"
    r"(?![A-Za-z]))\*?"
)
_DIVIDING = frozenset(
    "hline hhline midrule specialrule thickhline Xhline hdashline cdashline cdashlinelr thinmidrule myhline tableline "
    "tabucline".split()
)
_PARTIAL = frozenset("cline cmidrule Xcline".split())
_ARGUMENT = re.compile(r"\s*(?:\[[^\]]*\]|\([^)]*\)|\{)")
_TOKEN = re.compile(r"\\\\\*?|\\tabularnewline\b|\\cr\b|\\(?:begin|end)\s*\{|\\.|[{}&]", re.S)
_BREAK_OPTION = re.compile(r"\s*\[[^\]\n]*\]")
_OF_TWO = frozenset({"multirowcell", "multirowthead", "SetCell"})
_SPAN_COMMAND = re.compile(r"\s*\\(multicolumn|multirow|multirowcell|multirowthead|SetCell)(?![A-Za-z])\s*")


@dataclass(slots=True)
class Cell:
    """row, column: of its upper left corner, from 0. start, end: of its TeX in the environment's body."""

    row: int
    column: int
    row_span: int
    column_span: int
    seen: Rendered
    value: Value | None
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.seen.text


@dataclass(slots=True)
class Grid:
    """cells: (row, column) → the cell that is seen there. rules_before: the rows before which a rule crosses the whole
    table; partial_rules_before: those with a rule below some columns only."""

    row_count: int = 0
    column_count: int = 0
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    rules_before: set[int] = field(default_factory=set)
    partial_rules_before: set[int] = field(default_factory=set)

    def row(self, row: int) -> list[Cell | None]:
        return [self.cells.get((row, column)) for column in range(self.column_count)]


def read_grid(
    body: str, specification: str, macros: Macros, citations: Mapping[str, str] = MappingProxyType({})
) -> Grid:
    """The grid of what stands between \\begin{tabular}{specification} and \\end{tabular}."""
    grid = Grid()
    bold_columns = _read_specification(specification, macros)
    row = 0
    for pieces in _split_rows(body):
        (text, start), *others = pieces
        rules, skipped = _take_rules(text)
        if _DIVIDING & rules:
            grid.rules_before.add(row)
        elif _PARTIAL & rules:
            grid.partial_rules_before.add(row)
        pieces = [(text[skipped:], start + skipped), *others]
        if len(pieces) == 1 and not pieces[0][0].strip():
            continue
        column = 0
        for text, start in pieces:
            above = grid.cells.get((row, column))
            if above and above.row < row and not text.strip():
                column += 1
            else:
                column = _add_cell(grid, text, start, row, column, bold_columns, macros, citations)
            if len(grid.cells) > MAX_CELLS:
                return grid
        row += 1
        grid.row_count = row
    grid.cells = {place: cell for place, cell in grid.cells.items() if place[0] < grid.row_count}
    return grid


def _add_cell(
    grid: Grid, text: str, start: int, row: int, column: int, bold_columns: frozenset[int], macros: Macros,
    citations: Mapping[str, str],
) -> int:  # fmt: skip
    rows, columns, inner = _read_spans(expand(text, macros))
    styles = frozenset({"bold"}) if column in bold_columns else frozenset[str]()
    seen = render(inner, styles, citations)
    top, bottom = (row, row + rows) if rows > 0 else (max(0, row + rows + 1), row + 1)  # below 0: it stands at the foot
    cell = Cell(top, column, bottom - top, columns, seen, parse_value(seen.text), start, start + len(text))
    for each in range(top, bottom):
        for beside in range(column, column + columns):
            other = grid.cells.get((each, beside))
            if other is None or not other.text or (rows > 0 and each == row and cell.text):
                grid.cells[each, beside] = cell
    grid.column_count = max(grid.column_count, column + columns)
    return column + columns


def _read_specification(specification: str, macros: Macros) -> frozenset[int]:
    """The columns of which all cells are bold."""
    text = expand(specification, macros)
    bold: set[int] = set()
    at = column = 0
    is_bold = False
    text = re.sub(r"\*\s*\{(\d{1,2})\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}", lambda match: match[2] * int(match[1]), text)
    while at < len(text):
        char = text[at]
        if char in ">@!<" and text[at + 1 : at + 2] == "{":
            end = match_group(text, at + 1) or len(text)
            if char == ">":
                is_bold = "bfseries" in text[at:end]
            at = end
            continue
        if char.isalpha():
            if is_bold:
                bold.add(column)
            column, is_bold = column + 1, False
        elif char == "{":
            at = match_group(text, at) or len(text)
            continue
        elif char == "[":
            at = match_group(text, at, "[", "]") or len(text)
            continue
        at += 1
    return frozenset(bold)


def _split_rows(body: str) -> Iterator[list[tuple[str, int]]]:
    """Rows, as cells with the places where they begin; what braces and inner environments hold is not split."""
    cells: list[tuple[str, int]] = []
    depth = nested = start = at = 0
    while match := _TOKEN.search(body, at):
        found, at = match[0], match.end()
        if found == "{":
            depth += 1
        elif found == "}":
            depth = max(0, depth - 1)
        elif found.startswith(("\\begin", "\\end")):
            nested = max(0, nested + (1 if found.startswith("\\begin") else -1))
            at = match_group(body, at - 1) or at
        elif depth or nested:
            continue
        elif found == "&":
            cells.append((body[start : match.start()], start))
            start = at
        elif found.startswith("\\\\") or found in ("\\tabularnewline", "\\cr"):
            cells.append((body[start : match.start()], start))
            if option := _BREAK_OPTION.match(body, at):
                at = option.end()
            yield cells
            cells, start = [], at
    cells.append((body[start:], start))
    yield cells


def _take_rules(text: str) -> tuple[set[str], int]:
    """The rules and other commands between rows that a row's first cell begins with, and where they end."""
    rules: set[str] = set()
    at = 0
    while match := _RULE.match(text, at):
        rules.add(match["rule"])
        at = match.end()
        has_group = False
        while argument := _ARGUMENT.match(text, at):
            if has_group and not argument[0].endswith("{"):
                break  # "\\cmidrule(r){2-4} (a) & …": what follows is the first cell
            if argument[0].endswith("{"):
                has_group = True
                if match["rule"] in ("hline", "toprule", "midrule", "bottomrule", "small", "centering", "strut"):
                    break
                at = match_group(text, argument.end() - 1) or argument.end()
            elif match["rule"] in ("hline", "small", "centering"):
                break
            else:
                at = argument.end()
    return rules, at


def _read_spans(text: str) -> tuple[int, int, str]:
    """Rows and columns that a cell spans, and what it shows."""
    rows = columns = 1
    text = _unwrap(text)
    while match := _SPAN_COMMAND.match(text):
        command = match[1]
        arguments, at = _read_span_arguments(text, match.end(), 2 if command in _OF_TWO else 3)
        if len(arguments) < 2:
            break
        span = re.match(r"\s*([+-]?\d+)", arguments[0])
        count = max(-_MAX_SPAN, min(_MAX_SPAN, int(span[1]))) if span else 1
        prefix = "\\bfseries " if command == "multicolumn" and "bfseries" in arguments[1] else ""
        if command == "multicolumn":
            columns = max(1, count)
        elif command != "SetCell":
            rows = count or 1
        text = _unwrap(f"{prefix}{arguments[-1]} {text[at:]}")
    return rows, columns, text


def _unwrap(text: str) -> str:
    """The text without braces around the whole of it."""
    text = text.strip()
    while text[:1] == "{" and match_group(text, 0) == len(text):
        text = text[1:-1].strip()
    return text


def _read_span_arguments(text: str, at: int, count: int) -> tuple[list[str], int]:
    """The arguments in braces, and the place behind them; those in brackets say how the cell is placed."""
    arguments: list[str] = []
    while len(arguments) < count:
        at = skip_space(text, at)
        if text[at : at + 1] == "[":
            at = match_group(text, at, "[", "]") or len(text)
        elif at < len(text):
            argument, at = read_argument(text, at)
            arguments.append(argument)
        else:
            break
    return arguments, at
