"""A cell's TeX as its reader sees it: text without markup, style, and the keys of what it cites.

What a command does to what is seen stands in commands.csv: a symbol, a style of its argument (`style`) or of what
follows (`switch`), a number of arguments that are not seen (`unseen`) or of which the last is (`last`, `coloured`), a
citation (`cite`; `named_cite` where authors and year are seen). Of any other command its arguments are seen.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from transforms.tables.macros import match_group, skip_brackets, skip_space

STYLES = ("bold", "underlined", "struck", "coloured")
Styles = frozenset[str]
_TOKEN = re.compile(r"\\([A-Za-z@]+)\*?\s*|\\(.)|([{}$~^_&])|([^\\{}$~^_&]+)", re.S)
_COMMAND = re.compile(r"\\(?:[A-Za-z@]+|.)", re.S)
_CITE = re.compile(r"[A-Za-z]*[Cc]ite[A-Za-z]*")
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
}  # fmt: skip
_SPACES = frozenset(" ,;:/\\\n")
_NOTE_MARK = re.compile(r"[*†‡§¶⋆∗△□•′a-eA-E,\s]*")
_NEGATIVE = re.compile(r"-\s*[\d.]")
_REPEATED_DOT = re.compile(r"(?<!\.)\.\.(?!\.)")  # "et al.." of a macro that ends with one
_MOST = 0.6  # of what is seen, from which on all counts as styled
_MAX_DEPTH = 30
_NO_CITATIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Rendered:
    """text: as a reader sees it, marks of footnotes left out; bold …: of the number, or else of most that is seen;
    cites: the keys of what it cites."""

    text: str
    bold: bool = False
    underlined: bool = False
    struck: bool = False
    coloured: bool = False
    cites: list[str] = field(default_factory=list)


@cache
def read_commands() -> dict[str, tuple[str, str]]:
    """command → what it does, and the detail of that."""
    with Path(__file__).with_name("commands.csv").open(newline="", encoding="utf-8") as rows:
        return {row["command"]: (row["action"], row["detail"]) for row in csv.DictReader(rows)}


def render(tex: str, styles: Styles = frozenset(), citations: Mapping[str, str] = _NO_CITATIONS) -> Rendered:
    """What is seen of TeX whose macros are expanded. styles: those that hold from the start, as of a column; citations:
    key → how a sentence names it."""
    renderer = _Renderer(citations)
    renderer.run(tex, styles)
    text = unicodedata.normalize("NFC", "".join(renderer.parts))
    text = _REPEATED_DOT.sub(".", " ".join(text.split()))
    bold, underlined, struck, coloured = map(renderer.is_styled, STYLES)
    return Rendered(text, bold, underlined, struck, coloured, renderer.cites)


class _Renderer:
    def __init__(self, citations: Mapping[str, str], depth: int = 0) -> None:
        self.parts: list[str] = []
        self.cites: list[str] = []
        self._citations = citations
        self._weights = dict.fromkeys((*STYLES, "all"), 0)
        self._of_number: Styles | None = None
        self._depth = depth

    def is_styled(self, style: str) -> bool:
        """By the first number, where the text begins with one; else by most of it."""
        if self._of_number is not None and style in self._of_number and not "".join(self.parts).strip()[:1].isalpha():
            return True
        return self._weights["all"] > 0 and self._weights[style] >= _MOST * self._weights["all"]

    def run(self, tex: str, styles: Styles, is_math: bool = False) -> None:
        if self._depth > _MAX_DEPTH:
            return
        self._depth += 1
        at = 0
        while match := _TOKEN.match(tex, at):
            at = match.end()
            command, symbol, special, text = match.groups()
            if text is not None:
                self._write_text(text, styles, is_math)
            elif special == "$":
                at, is_math = at + (tex[at : at + 1] == "$"), not is_math
            elif special is not None:
                at = self._run_special(tex, at, special, styles, is_math)
            elif symbol is not None:
                at = self._run_symbol(tex, at, symbol, styles)
            else:
                at, styles = self._run_command(tex, at, command, styles)
        self._depth -= 1

    def _write(self, text: str, styles: Styles) -> None:
        self.parts.append(text)
        if self._of_number is None and any(char.isdigit() for char in text):
            self._of_number = styles
        weight = sum(char.isalnum() for char in text)
        for name in ("all", *styles):
            self._weights[name] += weight

    def _write_text(self, text: str, styles: Styles, is_math: bool) -> None:
        if is_math and _NEGATIVE.match(text):
            text = text.replace("-", "−")
        self._write(text.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”"), styles)

    def _run_special(self, tex: str, at: int, special: str, styles: Styles, is_math: bool) -> int:
        if special == "{":
            end = match_group(tex, at - 1) or len(tex) + 1
            self.run(tex[at : end - 1], styles, is_math)
            return end
        if special in "^_":
            argument, at = read_argument(tex, at)
            self._write_script(special, argument, styles)
        elif special in "~&":
            self._write(" ", styles)
        return at

    def _write_script(self, special: str, argument: str, styles: Styles) -> None:
        inner = _Renderer(self._citations, self._depth)
        inner.run(argument, styles, is_math=True)
        text = "".join(inner.parts).strip()
        self.cites += inner.cites
        if special == "^" and text in ("°", "∘"):
            self._write("°", styles)
        elif special == "^" and _NOTE_MARK.fullmatch(text):
            return
        elif text in ("th", "st", "nd", "rd"):
            self._write(text, styles)
        elif special == "_" and text[:1] in ("±", "("):
            self._write(f" {text}", styles)
        else:
            self._write(f"{special}{text}", styles)

    def _run_symbol(self, tex: str, at: int, symbol: str, styles: Styles) -> int:
        if symbol in _ACCENTS:
            argument, end = read_argument(tex, at)
            letter = argument.replace("\\i", "i").replace("\\j", "j").strip()
            if len(letter) == 1 and letter.isalpha():
                self._write(letter + _ACCENTS[symbol], styles)
                return end
        if symbol in _SPACES:
            self._write("" if symbol == "/" else " ", styles)
        elif symbol not in "()[]!-":
            self._write("‖" if symbol == "|" else symbol, styles)
        return at

    def _run_command(self, tex: str, at: int, command: str, styles: Styles) -> tuple[int, Styles]:
        action, detail = read_commands().get(command, ("cite" if _CITE.fullmatch(command) else "", ""))
        if action == "switch":
            return at, styles | {detail} if detail else styles - {"bold"}
        if action == "colour":
            return _skip_arguments(tex, at, 1), styles | {"coloured"}
        run = _ACTIONS.get(action)
        return (run(self, tex, at, detail, styles) if run else at), styles

    def _show_symbol(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        self._write(detail, styles)
        return at + 2 if tex[at : at + 2] == "{}" else at

    def _show_styled(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        argument, at = read_argument(tex, at)
        self.run(argument, styles | {detail})
        return at

    def _show_last(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        for _ in range(int(detail) - 1):
            at = read_argument(tex, skip_brackets(tex, at))[1]
        argument, at = read_argument(tex, skip_brackets(tex, at))
        self.run(argument, styles)
        return at

    def _show_coloured(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        return self._show_last(tex, at, detail, styles | {"coloured"})

    def _show_lines(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        """Lines in one cell, or the two heads of a corner."""
        at = skip_brackets(tex, at)
        for _ in range(int(detail)):
            argument, at = read_argument(tex, at)
            self.run(f"{argument.replace(chr(92) * 2, ' ')} ", styles)
        return at

    def _show_fraction(self, tex: str, at: int, _: str, styles: Styles) -> int:
        top, at = read_argument(tex, at)
        bottom, at = read_argument(tex, at)
        self.run(f"{top}/{bottom}", styles)
        return at

    def _show_number(self, tex: str, at: int, _: str, styles: Styles) -> int:
        number, at = read_argument(tex, skip_brackets(tex, at))
        self.run(number.replace("+-", "±"), styles)
        return at

    def _show_quantity(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        unit, end = read_argument(tex, self._show_number(tex, at, detail, styles))
        self.run(unit, styles)
        return end

    def _show_dingbat(self, tex: str, at: int, _: str, styles: Styles) -> int:
        number, at = read_argument(tex, at)
        self._write("✓" if number in ("51", "52") else "✗" if number in ("53", "54", "55", "56") else "•", styles)
        return at

    def _skip_environment(self, tex: str, at: int, _: str, styles: Styles) -> int:
        """\\begin and \\end of an environment in a cell; what it holds is seen."""
        name, at = read_argument(tex, at)
        at = skip_brackets(tex, at)
        if name.startswith(("tabular", "array", "minipage")) and tex[at : at + 1] == "{":
            at = read_argument(tex, at)[1]
        self._write(" ", styles)
        return at

    def _cite(self, tex: str, at: int, _: str, __: Styles) -> int:
        argument, at = read_argument(tex, skip_brackets(tex, at))
        self.cites += [key.strip() for key in argument.split(",") if key.strip()]
        return at

    def _show_cited(self, tex: str, at: int, detail: str, styles: Styles) -> int:
        before = len(self.cites)
        at = self._cite(tex, at, detail, styles)
        self._write(", ".join(filter(None, map(self._citations.get, self.cites[before:]))), styles)
        return at


# How each kind of command is shown. Not of the instance, which would hold itself and wait for the garbage collector.
_ACTIONS: dict[str, Callable[[_Renderer, str, int, str, Styles], int]] = {
    "cite": _Renderer._cite,
    "coloured": _Renderer._show_coloured,
    "corners": _Renderer._show_lines,
    "dingbat": _Renderer._show_dingbat,
    "environment": _Renderer._skip_environment,
    "fraction": _Renderer._show_fraction,
    "last": _Renderer._show_last,
    "lines": _Renderer._show_lines,
    "named_cite": _Renderer._show_cited,
    "number": _Renderer._show_number,
    "quantity": _Renderer._show_quantity,
    "style": _Renderer._show_styled,
    "symbol": _Renderer._show_symbol,
    "unseen": lambda _, tex, at, detail, __: _skip_arguments(tex, at, int(detail)),
}


def read_argument(tex: str, at: int) -> tuple[str, int]:
    """What the next command takes as its argument, and the place behind it."""
    at = skip_space(tex, at)
    if at >= len(tex):
        return "", at
    if tex[at] == "{":
        end = match_group(tex, at)
        return (tex[at + 1 : end - 1], end) if end else (tex[at + 1 :], len(tex))
    if match := _COMMAND.match(tex, at):
        return match[0], match.end()
    return tex[at], at + 1


def _skip_arguments(tex: str, at: int, count: int) -> int:
    at = skip_brackets(tex, at)
    for _ in range(count):
        start = skip_space(tex, at)
        if tex[start : start + 1] != "{":
            break
        at = match_group(tex, start) or len(tex)
    return at
