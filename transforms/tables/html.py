"""A page as LaTeXML makes it of a paper (arxiv.org/html, ar5iv): the same tables as its LaTeX has.

LaTeXML's classes: https://math.nist.gov/~BMiller/LaTeXML/manual/. What a cell holds is read as the TeX that it was made
of, so that one renderer says what is seen: bold is \\textbf, and a formula its alttext.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from transforms.tables.document import Document, Segment
from transforms.tables.grid import MAX_CELLS, Cell, Grid
from transforms.tables.heads import read_cells
from transforms.tables.macros import Macros, expand
from transforms.tables.read import Paper, Table
from transforms.tables.references import read_page_references
from transforms.tables.render import Rendered, render
from transforms.tables.values import parse_value

MAX_SPAN = 200
_MAX_DEPTH = 400  # of elements in each other
_MAX_TABLES = 300
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_UNSEEN = frozenset("script style head annotation annotation-xml template svg".split())
_UNSEEN_CLASSES = frozenset(
    "ltx_note_mark ltx_note_outer ltx_bibliography ltx_page_footer ltx_role_footnote ltx_ERROR".split()
)
_STYLES = {"ltx_font_bold": "textbf", "ltx_framed_underline": "underline", "ltx_ulem_uline": "underline"}
_SPECIAL = re.compile(r"[\\{}$&%#_^~]")
_ESCAPED = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
_SPAN = re.compile(r"ltx_(col|row)span_(\d{1,4})")
_NUMBER = re.compile(r"\d+")
_PARTS = {
    "ltx_thead": "head",
    "ltx_caption": "caption",
    "ltx_tag": "tag",
    "ltx_title_document": "title",
    "ltx_abstract": "abstract",
    "ltx_title_section": "section",
    "ltx_title_subsection": "section",
    "ltx_title_subsubsection": "section",
    "ltx_title_paragraph": "section",
    "ltx_title_appendix": "section",
}


@dataclass(slots=True)
class _Cell:
    column_span: int
    row_span: int
    start: int
    classes: frozenset[str]
    tex: list[str] = field(default_factory=list)
    end: int = 0


@dataclass(slots=True)
class _Row:
    is_head: bool
    cells: list[_Cell] = field(default_factory=list)


@dataclass(slots=True)
class _Float:
    """caption: as TeX; of a figure within another one both may have one."""

    identifier: str | None
    is_table: bool
    caption: list[str] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    outer: "_Float | None" = None


@dataclass(slots=True)
class _Tabular:
    start: int
    float_: _Float | None
    section: str | None
    rows: list[_Row] = field(default_factory=list)
    cell_count: int = 0
    end: int = 0


@dataclass(slots=True)
class _Open:
    """An element that is open: its tag, what it writes when it ends, and what it began."""

    tag: str
    closing: str = ""
    part: str = ""
    is_unseen: bool = False


class _Page(HTMLParser):
    """Goes through the page once, and keeps what its parts say as TeX."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._open: list[_Open] = []
        self._tabulars: list[_Tabular] = []  # that are open, within each other
        self._float: _Float | None = None
        self.parts: dict[str, list[str]] = {"title": [], "abstract": [], "section": []}
        self.body: list[str] = []
        self.tabulars: list[_Tabular] = []
        self._section: str | None = None

    def _at(self) -> int:
        line, offset = self.getpos()
        return self._lines[min(line, len(self._lines)) - 1] + offset

    def _is_unseen(self) -> bool:
        return any(each.is_unseen for each in self._open)

    def _is_in(self, part: str) -> bool:
        return any(each.part == part for each in self._open)

    def _cell(self) -> _Cell | None:
        rows = self._tabulars[0].rows if self._tabulars and self._is_in("cell") else []
        return rows[-1].cells[-1] if rows and rows[-1].cells else None

    def _write(self, tex: str) -> None:
        cell = self._cell()
        if cell is not None:
            cell.tex.append(tex)
        elif self._float and self._is_in("tag"):
            self._float.tag.append(tex)
        elif self._float and self._is_in("caption"):
            self._float.caption.append(tex)
        for name, texts in self.parts.items():
            if self._is_in(name):
                texts.append(tex)
        self.body.append(tex)

    def handle_data(self, data: str) -> None:
        if not self._is_unseen() and not self._is_in("cite"):
            self._write(_SPECIAL.sub(lambda match: _ESCAPED.get(match[0], f"\\{match[0]}"), data))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self._write(" ")
            return
        if len(self._open) >= _MAX_DEPTH:
            return
        values = {name: value or "" for name, value in attrs}
        classes = frozenset(values.get("class", "").split())
        opened = _Open(tag, is_unseen=tag in _UNSEEN or bool(classes & _UNSEEN_CLASSES))
        if not self._is_unseen():
            if tag == "math":
                self._write(f"${values.get('alttext', '')}$")
                opened.is_unseen = True
            elif tag == "cite":
                # As in LaTeX: of "Jiang et al. (2019)" the names are seen, of "[12]" nothing is.
                opened.part = "named_cite" if "ltx_citemacro_citet" in classes else "cite"
            elif tag == "a" and "#bib" in values.get("href", ""):
                self._write(f"\\cite{{{values['href'].rpartition('#')[2]}}}")
            else:
                self._begin(opened, tag, classes, values)
        self._open.append(opened)

    def _begin(self, opened: _Open, tag: str, classes: frozenset[str], values: dict[str, str]) -> None:
        if command := next((command for name, command in _STYLES.items() if name in classes), None):
            self._write(f"\\{command}{{")
            opened.closing = "}"
        if "ltx_tabular" in classes:
            self._begin_tabular(opened)
        elif len(self._tabulars) == 1 and "ltx_tr" in classes:
            self._tabulars[0].rows.append(_Row("ltx_thead" in classes or self._is_in("head")))
        elif len(self._tabulars) == 1 and classes & {"ltx_td", "ltx_th"} and self._tabulars[0].rows:
            self._begin_cell(opened, classes, values)
        elif tag == "figure" or classes & {"ltx_table", "ltx_figure", "ltx_float"}:
            self._float = _Float(values.get("id"), "ltx_table" in classes, outer=self._float)
            opened.part = "float"
        elif part := next((part for name, part in _PARTS.items() if name in classes), None):
            opened.part = part
            if part == "section":
                self.parts["section"].clear()

    def _begin_tabular(self, opened: _Open) -> None:
        tabular = _Tabular(self._at(), self._float, self._section)
        if not self._tabulars and len(self.tabulars) < _MAX_TABLES:
            self.tabulars.append(tabular)
        self._tabulars.append(tabular)
        opened.part = "tabular"

    def _begin_cell(self, opened: _Open, classes: frozenset[str], values: dict[str, str]) -> None:
        tabular = self._tabulars[0]
        if tabular.cell_count >= MAX_CELLS:
            return
        spans = {
            name: int(count) for each in classes if (match := _SPAN.fullmatch(each)) for name, count in [match.groups()]
        }
        column_span = _read_span(values.get("colspan")) or spans.get("col", 1)
        row_span = _read_span(values.get("rowspan")) or spans.get("row", 1)
        tabular.rows[-1].cells.append(_Cell(min(column_span, MAX_SPAN), min(row_span, MAX_SPAN), self._at(), classes))
        tabular.cell_count += 1
        opened.part = "cell"

    def handle_endtag(self, tag: str) -> None:
        if not any(each.tag == tag for each in self._open):
            return
        while self._open:
            ended = self._open[-1]
            if ended.closing:
                self._write(ended.closing)
            self._end(ended)
            self._open.pop()
            if ended.tag == tag:
                break

    def _end(self, ended: _Open) -> None:
        if ended.part == "tabular" and self._tabulars:
            self._tabulars.pop().end = self._at()
        elif ended.part == "cell" and (cell := self._cell()):
            cell.end = self._at()
        elif ended.part == "float" and self._float:
            self._float = self._float.outer
        elif ended.part == "section":
            self._section = _show("".join(self.parts["section"])).text or None
        if ended.part or ended.tag in ("p", "div", "li", "td"):
            self.body.append(" ")


def _read_span(text: str | None) -> int | None:
    return int(text[:4]) or None if text and text.isascii() and text.isdigit() else None


def _show(tex: str) -> Rendered:
    return render(expand(tex, Macros({})))


def is_page(text: str) -> bool:
    """Whether it is a page that LaTeXML made."""
    return "ltx_document" in text or "ltx_page_main" in text


def read_page(name: str, text: str) -> Paper:
    """The tables of a page; name: of its file."""
    page = _Page(text)
    page.feed(text)
    page.close()
    document = Document(_show_text("".join(page.body)), [Segment(0, name, 0)], {name: text})
    paper = Paper(document)
    paper.title = _show("".join(page.parts["title"])).text or None
    abstract = _show("".join(page.parts["abstract"])).text
    paper.abstract = abstract.removeprefix("Abstract").lstrip(" .:—") or None
    for tabular in page.tabulars:
        grid = _make_grid(tabular)
        if grid.cells:
            paper.tables.append(_make_table(document, tabular, grid))
        if not tabular.end:
            paper.unended.append(document.find_place(tabular.start))
    paper.references = read_page_references(text, paper.cited_keys)
    return paper


def _show_text(tex: str) -> str:
    return re.sub(r"\\([{}$&%#_])", r"\1", tex)


def _make_table(document: Document, tabular: _Tabular, grid: Grid) -> Table:
    captioned = tabular.float_
    while captioned and not "".join(captioned.caption).strip() and captioned.outer:
        captioned = captioned.outer
    numbered = captioned
    while numbered and not numbered.is_table and numbered.outer:
        numbered = numbered.outer
    number = _NUMBER.search("".join(numbered.tag)) if numbered and numbered.is_table else None
    caption = _show("".join(captioned.caption)).text if captioned else ""
    return Table(
        number=int(number[0][:6]) if number else None,
        label=tabular.float_.identifier if tabular.float_ else None,
        caption=caption.lstrip(" :") or None,
        section=tabular.section,
        place=document.find_place(tabular.start),
        end=document.find_place(tabular.end or len(document.files[document.segments[0].file]) - 1),
        grid=grid,
        cells=read_cells(grid),
        body_start=0,
    )


def _make_grid(tabular: _Tabular) -> Grid:
    """The cells where they are seen: what spans several rows keeps its columns in them."""
    grid = Grid(row_count=len(tabular.rows))
    for row, line in enumerate(tabular.rows):
        column = 0
        for each in line.cells:
            while (row, column) in grid.cells:
                column += 1
            seen = _show("".join(each.tex))
            row_span = min(each.row_span, grid.row_count - row)
            cell = Cell(
                row,
                column,
                row_span,
                each.column_span,
                seen,
                parse_value(seen.text),
                each.start,
                each.end or each.start,
            )
            for spanned_row in range(row, row + row_span):
                for spanned in range(column, column + each.column_span):
                    grid.cells.setdefault((spanned_row, spanned), cell)
            column += each.column_span
        grid.column_count = max(grid.column_count, column)
        _mark_rules(grid, row, line, row > 0 and tabular.rows[row - 1].is_head and not line.is_head)
    return grid


def _mark_rules(grid: Grid, row: int, line: _Row, is_behind_head: bool) -> None:
    above = sum(bool(cell.classes & {"ltx_border_t", "ltx_border_tt"}) for cell in line.cells)
    below = sum(bool(cell.classes & {"ltx_border_b", "ltx_border_bb"}) for cell in line.cells)
    for count, before in ((above, row), (below, row + 1)):
        if count and 2 * count > len(line.cells):
            grid.rules_before.add(before)
        elif count:
            grid.partial_rules_before.add(before)
    if is_behind_head:
        grid.rules_before.add(row)
