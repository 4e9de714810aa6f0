"""The macros that a paper defines, and their expansion, bounded in depth and growth."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_DEPTH = 20
MAX_GROWTH = 20_000  # characters that one text may grow by
MAX_WORK = 10_000_000  # characters that all expansions of a document may read
MAX_GROUP = 20_000  # characters of a group
MAX_DEFINITIONS = 10_000
_MARKS = {"{": re.compile(r"\\.|[{}]", re.S), "[": re.compile(r"\\.|[\[\]{}]", re.S)}
_DEFINITION = re.compile(
    r"\\(?:(?P<latex>(?:re)?newcommandx?|providecommand|DeclareRobustCommand|newrobustcmd|NewDocumentCommand|"
    r"RenewDocumentCommand|ProvideDocumentCommand|DeclareMathOperator)\*?|(?P<tex>[gex]?def)|(?P<let>let))(?![A-Za-z])"
)
_NAME = re.compile(r"\s*\{?\s*\\(?P<name>[A-Za-z@]+|[^A-Za-z\s])\s*\}?")
_COUNT = re.compile(r"\s*\[(\d)\]")
_PARAMETERS = re.compile(r"(?:\s*#\d)*\s*(?=\{)")
_LET = re.compile(r"\s*=?\s*\\(?P<name>[A-Za-z@]+)")
_CALL = re.compile(r"\\([A-Za-z@]+|[^A-Za-z\s])")
_PARAMETER = re.compile(r"#(\d)")
# What this package reads by itself: a paper's own version would only say how it looks.
_KEPT = frozenset(
    "begin end item label caption ref cite section multirow multicolumn textbf textit emph underline hline cline "
    "toprule midrule bottomrule cmidrule makecell rowcolor cellcolor input include citet citep citealp citealt "
    "citeauthor citeyear tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge bf it em rm tt sc "
    "sl sf bfseries itshape footnote footnotemark thefootnote arraystretch tabcolsep textsuperscript textsubscript "
    "vspace hspace textcolor color underbar onedot".split()
)


@dataclass(frozen=True, slots=True)
class Macro:
    """default: of the first argument, where that is optional."""

    argument_count: int
    default: str | None
    body: str


@dataclass(slots=True)
class Macros:
    """The definitions by name, and how many characters their expansions may still read."""

    definitions: dict[str, Macro]
    work_left: int = MAX_WORK


def match_group(text: str, start: int, opening: str = "{", closing: str = "}") -> int | None:
    """The place behind the group that opens at start; None where it does not close within MAX_GROUP characters.

    >>> match_group("{a{b}c} d", 0)
    7
    """
    depth = braces = 0
    for match in _MARKS[opening].finditer(text, start, start + MAX_GROUP):
        mark = match[0]
        if opening == "[" and mark in "{}":  # what braces hold is no end of brackets
            braces = max(0, braces + (1 if mark == "{" else -1))
        elif mark == opening and not braces:
            depth += 1
        elif mark == closing and not braces:
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def find_macros(text: str) -> Macros:
    """The definitions of a text, the last of each name."""
    macros: dict[str, Macro] = {}
    at = count = 0
    while (match := _DEFINITION.search(text, at)) and count < MAX_DEFINITIONS:
        count += 1
        at = match.end()
        name = _NAME.match(text, at)
        if not name:
            continue
        if match["let"]:
            if (other := _LET.match(text, name.end())) and other["name"] != name["name"]:
                macros[name["name"]] = Macro(0, None, f"\\{other['name']} ")
            continue
        found = _read_definition(match[0].rstrip("*"), bool(match["tex"]), text, name.end())
        if found:
            macro, at = found
            if name["name"] not in _KEPT and f"\\{name['name']}" not in macro.body and "@" not in name["name"]:
                macros[name["name"]] = macro
    return Macros(macros)


def _read_definition(command: str, is_tex: bool, text: str, at: int) -> tuple[Macro, int] | None:
    count, default = 0, None
    if is_tex:
        parameters = _PARAMETERS.match(text, at)
        if not parameters:
            return None  # delimited by other characters: such macros are left as they are
        count, at = parameters[0].count("#"), parameters.end()
    elif command.endswith("DocumentCommand"):
        specification = skip_space(text, at)
        end = match_group(text, specification) if text[specification : specification + 1] == "{" else None
        if end is None:
            return None
        count, at = len(re.findall(r"[mo]", text[specification:end])), end
    elif number := _COUNT.match(text, at):
        count, at = int(number[1]), number.end()
        start = skip_space(text, at)
        if text[start : start + 1] == "[" and (end := match_group(text, start, "[", "]")):
            default, at = text[start + 1 : end - 1], end
    at = skip_space(text, at)
    if text[at : at + 1] != "{" or (end := match_group(text, at)) is None:
        return None
    body = text[at + 1 : end - 1]
    if command == "\\DeclareMathOperator":
        body = f"\\operatorname{{{body}}}"
    return Macro(count, default, body), end


def skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def skip_brackets(text: str, at: int) -> int:
    """Behind arguments in brackets, of which nothing is seen."""
    start = skip_space(text, at)
    while text[start : start + 1] == "[" and (end := match_group(text, start, "[", "]")):
        at, start = end, skip_space(text, end)
    return at


def expand(text: str, macros: Macros) -> str:
    """The text with the paper's macros replaced by what they stand for, as far as the bounds allow."""
    limit = len(text) + MAX_GROWTH
    for _ in range(MAX_DEPTH):
        if "\\" not in text or macros.work_left <= 0:
            break
        expanded = _expand_once(text, macros.definitions, limit)
        macros.work_left -= len(text) + len(expanded)
        if expanded == text or len(expanded) > limit:
            break
        text = expanded
    return text


def _expand_once(text: str, macros: Mapping[str, Macro], limit: int) -> str:
    parts: list[str] = []
    done = length = 0
    at = 0
    while match := _CALL.search(text, at):
        at = match.end()
        macro = macros.get(match[1])
        if macro is None:
            continue
        arguments, end = read_arguments(text, at, macro.argument_count, macro.default)
        body = _fill_in(macro.body, arguments)
        # A name of letters takes the space behind it; where none is left, the letters behind must not join it.
        if macro.argument_count == 0 and match[1].isalpha():
            if text[end : end + 2] == "{}":
                end += 2
            elif text[end : end + 1].isspace():
                end = skip_space(text, end)
            if body[-1:].isalpha() and re.search(r"\\[A-Za-z]+$", body) and text[end : end + 1].isalpha():
                body += " "
        parts += [text[done : match.start()], body]
        length += match.start() - done + len(body)
        if length > limit:
            return text
        done = at = end
    return "".join([*parts, text[done:]])


def _fill_in(body: str, arguments: list[str]) -> str:
    def argument(parameter: re.Match[str]) -> str:
        number = int(parameter[1])
        return arguments[number - 1] if 0 < number <= len(arguments) else ""

    return _PARAMETER.sub(argument, body)


def read_arguments(text: str, at: int, count: int, default: str | None = None) -> tuple[list[str], int]:
    """The arguments of a command that ends at a place, and the place behind them. default: of an optional first one."""
    arguments: list[str] = []
    if count and default is not None:
        start = skip_space(text, at)
        end = match_group(text, start, "[", "]") if text[start : start + 1] == "[" else None
        arguments.append(text[start + 1 : end - 1] if end else default)
        at = end or at
    while len(arguments) < count:
        start = skip_space(text, at)
        if start >= len(text) or text[start] in "}&":
            break
        if text[start] == "{":
            end = match_group(text, start)
            if end is None:
                break
            arguments.append(text[start + 1 : end - 1])
        elif text[start] == "\\" and (call := _CALL.match(text, start)):
            arguments.append(call[0])
            end = call.end()
        else:
            arguments.append(text[start])
            end = start + 1
        at = end
    return arguments, at
