"""Repair of the half-stripped LaTeX that saved paper listings carry, conservatively.

Each rule takes a form that cannot be plain English and gives what the author meant: ``90\\%`` is 90%, ``sim3x`` is ~3x,
``64times64`` is 64×64. What is not surely residue stays: "sometimes", "similar", "at times", "x2 larger".
Accents and symbols are translated by pylatexenc, macro by macro; converting whole texts would swallow unknown macros.
URLs are never touched. `repair` is idempotent.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import polars as pl
from pylatexenc.latex2text import LatexNodes2Text

from transforms.text.characters import UNPRINTABLE

REPAIR_VERSION = "2"

Replacement = str | Callable[[re.Match[str]], str]

URL = re.compile(r"((?:https?|ftp)://\S+)", re.I)
MARKS_FLOOD = re.compile(r"([\u0300-\u036f]{4})[\u0300-\u036f]+")  # no script stacks more marks on a letter

# Abbreviation macros of the conference styles; pylatexenc does not know them.
ABBREVIATIONS = {
    "eg": "e.g.",
    "ie": "i.e.",
    "etal": "et al.",
    "cf": "cf.",
    "wrt": "w.r.t.",
    "vs": "vs.",
    "aka": "a.k.a.",
}
# Macros whose argument is text.
WRAPPERS = (
    "mathcal mathbb mathbf mathrm mathit mathsf text textbf textit textrm textsc textsf texttt emph operatorname"
).split()
# Symbol macros that are safe with their backslash.
SYMBOLS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi "
    "varphi chi psi omega "
    "Gamma Delta Theta Lambda Sigma Phi Psi Omega ell infty times cdot pm mp leq le geq ge neq approx sim "
    "ldots dots circ "
    "rightarrow leftarrow Rightarrow leftrightarrow uparrow downarrow to mapsto ll gg in o O l L ss ae AE oe "
    "OE aa AA i j"
).split()
# Symbol macros that are no English words, so that they are safe without it too.
BARE_SYMBOLS = {
    "rightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒", "leftrightarrow": "↔", "longrightarrow": "⟶",
    "uparrow": "↑",
    "downarrow": "↓", "leq": "≤", "geq": "≥", "neq": "≠", "approx": "≈", "infty": "∞", "cdot": "·", "ldots": "…",
}  # fmt: skip
# Code points of general punctuation that lost their backslash-u.
CODE_POINTS = {
    "2010": "-", "2011": "-", "2012": "–", "2013": "–", "2014": "—", "2018": "'", "2019": "'", "201c": '"',
    "201d": '"', "2026": "…",
}  # fmt: skip


@lru_cache(maxsize=4096)
def _translate(macro: str) -> str:
    """What one LaTeX macro, with its argument, stands for; the macro itself where pylatexenc knows nothing better."""
    text: str = LatexNodes2Text(keep_comments=True).latex_to_text(macro)  # type: ignore[no-untyped-call]
    return unicodedata.normalize("NFC", text.strip()) or macro


def _any(words: list[str] | dict[str, str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_ACCENT = (
    r"""\\(?:["'`^~=.](?:\{\\?[A-Za-z]\}|\\[ij](?![a-zA-Z])|[A-Za-z])"""
    r"""|[cvuHkrbd](?:\{\\?[A-Za-z]\}|\s[A-Za-z](?![A-Za-z])))"""
)

_GLUED = tuple(f".{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")

# (what it repairs, the strings of which a text must contain one, pattern, replacement), applied in this order.
RULES: list[tuple[str, tuple[str, ...], re.Pattern[str], Replacement]] = [
    ("escaped sign: 90\\%", ("\\",), re.compile(r"\\([%&#$_])"), r"\1"),
    ("abbreviation: \\eg", ("\\",), re.compile(rf"\\({_any(ABBREVIATIONS)})\b\.?"), lambda m: ABBREVIATIONS[m[1]]),
    ("escaped apostrophe: model\\'s", ("\\'",), re.compile(r"(?<=[A-Za-z])\\'(?=(?:s|t|re|ll|ve|d|m)\b)"), "'"),
    ("accent in braces: {\\'e}", ("{\\",), re.compile(rf"\{{({_ACCENT})\}}"), lambda m: _translate(m[1])),
    ('accent: Aky\\"urek', ("\\",), re.compile(_ACCENT), lambda m: _translate(m[0])),
    (
        "wrapper: mathcal{O}",
        ("{",),
        re.compile(rf"(?<![A-Za-z])\\?(?:{_any(WRAPPERS)})\{{((?:[^{{}}\\]|\{{[^{{}}\\]*\}})*)\}}"),
        r"\1",
    ),
    ("symbol: \\times", ("\\",), re.compile(rf"\\(?:{_any(SYMBOLS)})(?![A-Za-z])"), lambda m: _translate(m[0])),
    ("product: 2.2 times 10^", ("times",), re.compile(r"(?<=\d) times (?=10\s?\^)"), " × "),
    ("factor in dollars: 1.7$×$", ("$",), re.compile(r"(?<=\d)\s?\$\s?×\s?\$"), "×"),
    ("factor in braces: 8{times}", ("{",), re.compile(r"(?<=\d)\s?\{\\?times\}\s?(?=\d)|(?<=\d)\{\\?times\}"), "×"),
    ("size: 256 times 256", ("times",), re.compile(r"(?<=\d) times (?=\d+(?![\d.^%]))"), "×"),
    (
        "dollars: $10×$",
        ("$",),
        re.compile(r"\$\s?([~∼≈<>≥≤±+−-]?\s?[\d.,]*\d(?:\s?±\s?[\d.]+)?\s?(?:%|×)?)\s?\$"),
        r"\1",
    ),
    ("brackets: \\(2.4×\\)", ("\\(",), re.compile(r"\\\(\s?([~∼≈<>≥≤±+−-]?\s?[\d.,]*\d\s?(?:%|×)?)\s?\\\)"), r"\1"),
    ("sign in dollars: $>$90%", ("$",), re.compile(r"\$\s?([~∼≈<>≥≤±+−-])\s?\$\s?(?=\d)"), r"\1"),
    ("range in dollars: 1.5$-$2", ("$",), re.compile(r"(?<=\d)\s?\$\s?([-–—])\s?\$\s?(?=\d)"), r"\1"),
    ("spread below: 87.3_{± 0.4}", ("_{",), re.compile(r"(?<=\d)_\{\s?±\s?([\d.]+)\}"), r"±\1"),
    ("thin space: 87.3\\,%", ("\\",), re.compile(r"(?<=\d)\\[,;:!]\s?(?=[\d%×])"), ""),
    ("old style: {\\bf 87.3}", ("{\\",), re.compile(r"\{\\(?:bf|it|em|sc|tt)\s+([^{}\\]*)\}"), r"\1"),
    ("factor: 64times64, 3times", ("times",), re.compile(r"(?<=\d)\s?times(?=\d)|(?<=\d)times(?![A-Za-z])"), "×"),
    ("about: sim30%", ("sim",), re.compile(r"(?<![A-Za-z\d])sim(?=[\d.]*\d)"), "~"),
    (
        "code point: x2013even",
        ("x20",),
        re.compile(rf"x({_any(CODE_POINTS)})(?=[A-Za-z\s,.;)]|$)"),
        lambda m: CODE_POINTS[m[1]],
    ),
    (
        "bare symbol: rightarrow",
        tuple(BARE_SYMBOLS),
        re.compile(rf"(?<![A-Za-z\\])(?:{_any(BARE_SYMBOLS)})(?![A-Za-z.])"),
        lambda m: BARE_SYMBOLS[m[0]],
    ),
    ("bare ell: ell_2", ("ell_",), re.compile(r"(?<![A-Za-z\\])ell(?=_\w)"), "ℓ"),
    ("quotes: ``quoted''", ("``", "''"), re.compile(r"``|''"), '"'),
    (
        "case braces: {D}en{o}ising",
        ("{",),
        re.compile(r"(?<![\\^_}\w{])\{([A-Z][A-Za-z-]*)\}|(?<=[a-z])\{([A-Za-z])\}(?=[a-z])"),
        lambda m: m[1] or m[2],
    ),
    ("dash in braces: 78%{–}95%", ("{",), re.compile(r"\{([–—-])\}"), r"\1"),
    ("exponent: 10^{15}", ("^{",), re.compile(r"(?<=\d)\^\{(-?\d+)\}"), r"^\1"),
    ("spread: +/-", ("+/-",), re.compile(r"\+/-"), "±"),
    ("tie: e.g.~X", ("~",), re.compile(r"(?<=[A-Za-z.,;:)])~(?=[\w\\($])"), " "),
    (
        "glued sentence: assistant.Based",
        _GLUED,
        re.compile(r"(?<![\w./@-])([A-Za-z][a-z]+|\w+[)%])\.(?=(?:[A-Z][a-z]+|A|I)[ ,])"),
        r"\1. ",
    ),
]

# A text that holds none of these needs no rule: what rules need, some with the digits beside it ("8{times}" holds a
# bracket). A property test holds that to the rules.
_CLOSER = {
    "times": tuple(f"{digit}{gap}times" for digit in "0123456789" for gap in ("", " ")),
    "sim": tuple(f"sim{digit}" for digit in ".0123456789"),
}
TRIGGERS = sorted({trigger for _, needs, _, _ in RULES for need in needs for trigger in _CLOSER.get(need, (need,))})


def _apply_rules(text: str) -> str:
    for _, needs, pattern, replacement in RULES:
        for need in needs:  # `any` would cost three times as much
            if need in text:
                text = pattern.sub(replacement, text)
                break
    return text


def _outside_urls(text: str) -> str:
    if "://" not in text:
        return _apply_rules(text)
    return "".join(part if i % 2 else _apply_rules(part) for i, part in enumerate(URL.split(text)))


def clean(text: str) -> str:
    """The text in NFC, without control, zero-width and direction characters and floods of marks, white space folded to
    single spaces."""
    if text.isascii() and text.isprintable() and "  " not in text:  # most are clean
        return text.strip(" ")
    return " ".join(unicodedata.normalize("NFC", MARKS_FLOOD.sub(r"\1", UNPRINTABLE.sub(" ", text))).split())


def repair(text: str) -> str:
    """The text as its author meant it: `clean`, then every rule outside of URLs, until nothing changes.

    >>> repair(r"saves sim30\\% on 64times64 images,\\ie 4.36times less")
    'saves ~30% on 64×64 images,i.e. 4.36× less'
    """
    text = clean(text)
    while True:
        repaired = clean(_outside_urls(text))
        if repaired == text:
            return text
        text = repaired


def repair_texts(column: str) -> pl.Expr:
    """An expression that repairs a string column; only texts that hold a rule's trigger or more than ASCII meet
    Python."""
    return pl.col(column).map_batches(_repaired, return_dtype=pl.String)


def _repaired(raw: pl.Series) -> pl.Series:
    texts = raw.str.replace_all(r"\s*[^\S ]\s*| {2,}", " ").str.strip_chars()
    wanted = (texts.str.contains(r"[^ -~]") | texts.str.contains_any(TRIGGERS)).fill_null(False)
    return texts.scatter(wanted.arg_true(), pl.Series([repair(text) for text in texts.filter(wanted)], dtype=pl.String))
