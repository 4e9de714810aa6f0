"""From the files of an e-print to its tables: each number with its heads and its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from transforms.tables.bibliography import read_citations
from transforms.tables.document import Document, Place, find_main, read_document
from transforms.tables.environments import Environment, find_environments
from transforms.tables.grid import Grid, read_grid
from transforms.tables.heads import NumericCell, read_cells
from transforms.tables.macros import Macros, expand, find_macros, match_group
from transforms.tables.references import Reference, read_references
from transforms.tables.render import render

_TITLE = re.compile(r"\\(?:title|icmltitle|Title)\s*(?:\[[^\]]*\]\s*)?\{")
_ABSTRACT = re.compile(r"\\begin\s*\{abstract\}")
_ABSTRACT_END = re.compile(r"\\end\s*\{abstract\}")
_ABSTRACT_COMMAND = re.compile(r"\\abstract\s*\{")
_METHOD_MACRO = re.compile(
    r"ours?[a-z]*|(?:method|model|approach|system|algo|sys|my|the)(?:name|method|model|abbr?|short)?", re.I
)
_MAX_NAME = 40  # characters
_MAX_CHARACTERS = 20_000  # of a title or abstract


@dataclass(frozen=True, slots=True)
class Table:
    """number: as the page counts, null of a table without a caption; place, end: of its environment; cells: its
    numbers, row by row."""

    number: int | None
    label: str | None
    caption: str | None
    section: str | None
    place: Place
    end: Place
    grid: Grid
    cells: list[NumericCell]
    body_start: int  # in the document


@dataclass(slots=True)
class Paper:
    """unended: where environments begin that never end. method_names: what macros such as \\ours stand for.
    references: the works that heads of rows cite."""

    document: Document
    title: str | None = None
    abstract: str | None = None
    tables: list[Table] = field(default_factory=list)
    unended: list[Place] = field(default_factory=list)
    method_names: frozenset[str] = frozenset()
    references: list[Reference] = field(default_factory=list)

    @property
    def cited_keys(self) -> frozenset[str]:
        return frozenset(key for table in self.tables for cell in table.cells for key in cell.row_cites)

    def find_cell(self, table: Table, cell: NumericCell) -> tuple[Place, Place]:
        """Where the cell's TeX begins and ends in its file."""
        start, end = table.body_start + cell.cell.start, table.body_start + cell.cell.end
        return self.document.find_place(start), self.document.find_place(end)


def read_paper(files: Mapping[str, str]) -> Paper | None:
    """The tables of the document that the files make up; None where none of them is a document."""
    main = find_main(files)
    if main is None:
        return None
    document = read_document(files, main)
    styles = "\n".join(text for name, text in files.items() if name.lower().endswith((".sty", ".cls")))
    macros = find_macros(f"{styles}\n{document.text}")
    citations = read_citations(files)
    environments, unended = find_environments(document.text)
    paper = Paper(document, unended=[document.find_place(at) for at in unended])
    paper.method_names = _find_method_names(macros)
    paper.title = _show_first(_TITLE, document.text, macros)
    paper.abstract = _show_first(_ABSTRACT, document.text, macros) or _show_first(
        _ABSTRACT_COMMAND, document.text, macros
    )
    for environment in environments:
        grid = read_grid(environment.body, environment.specification, macros, citations)
        if grid.cells:
            paper.tables.append(_make_table(document, environment, grid, macros, citations))
    paper.references = read_references(files, paper.cited_keys)
    return paper


def _find_method_names(macros: Macros) -> frozenset[str]:
    called = (name for name in macros.definitions if _METHOD_MACRO.fullmatch(name.lstrip("\\")))
    shown = {render(expand(f"\\{name.lstrip(chr(92))}", macros)).text for name in called}
    return frozenset(name for name in shown if 2 <= len(name) <= _MAX_NAME and any(char.isupper() for char in name))


def _show_first(pattern: re.Pattern[str], text: str, macros: Macros) -> str | None:
    """What is seen of the group, or the environment, that the pattern finds first."""
    if not (match := pattern.search(text)):
        return None
    if pattern is _ABSTRACT:
        end = _ABSTRACT_END.search(text, match.end(), match.end() + _MAX_CHARACTERS)
        tex = text[match.end() : end.start()] if end else ""
    else:
        tex = text[match.end() : (match_group(text, match.end() - 1) or match.end() + 1) - 1]
    return render(expand(tex.replace("\\\\", " "), macros)).text or None


def _make_table(
    document: Document, environment: Environment, grid: Grid, macros: Macros, citations: Mapping[str, str]
) -> Table:
    def show(tex: str | None) -> str | None:
        return render(expand(tex, macros), citations=citations).text or None if tex else None

    return Table(
        number=environment.number,
        label=environment.label,
        caption=show(environment.caption),
        section=show(environment.section),
        place=document.find_place(environment.start),
        end=document.find_place(environment.end),
        grid=grid,
        cells=read_cells(grid),
        body_start=environment.body_start,
    )
