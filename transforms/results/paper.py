"""A paper as the linker sees it: its zones of text, the names that each mentions, and its tables' labels."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from transforms.results.names import Mentions, Names, find_numerals, split_tokens
from transforms.tables.read import Paper, Table

_OWN_WORD = re.compile(r"\b(?:ours?|proposed|this (?:work|paper)|our \w+)\b", re.I)
_INTRODUCING = re.compile(
    r"\b(?:propos\w*|introduc\w*|present\w*|call(?:ed)?|named?|dubbed|termed|denoted?|our|develop\w*|novel)\b", re.I
)
_NOT_IN_LABEL = re.compile(r"\(\s*ours?\s*\)|\[[^\]]*\]|\b(?:ours?|proposed)\b|[†‡*]", re.I)
_TITLE_NAME = re.compile(r"^\s*([^:]{2,40}?)\s*[:–—]\s")
_NAME = re.compile(r"\b(?=[\w+-]*[A-Z])(?:[A-Z]{3,}|[a-z]*[A-Z]\w*[A-Z0-9]|[A-Z]\w*\d)[\w+-]*")  # SageMix, DARTS, I3D
_OFTEN = 2  # times that a name is introduced
_BODY = re.compile(r"\\begin\s*\{document\}")
_APPENDIX = re.compile(r"\\appendix\b|\\begin\s*\{appendix|\\section\*?\s*\{\s*(?:appendix|supplementary)", re.I)
_MAX_CHARACTERS = 600_000  # of a body that names are sought in
_NEAR = 60  # characters between "we propose" and the name
_MAX_SEEN = 30  # places of a label that are looked at


@dataclass(slots=True)
class Label:
    """What the paper says of a row's or column's head. titled, in_abstract: whether title and abstract hold it;
    introduced: the times that words such as "we propose" stand before it; said: the times that the body holds it;
    tables: the tables that have it."""

    is_own_word: bool
    is_titled: bool = False
    is_in_abstract: bool = False
    starts_title: bool = False
    introduced: int = 0
    said: int = 0
    tables: int = 0


@dataclass(slots=True)
class Reading:
    """mentions: of title, abstract, captions, heads and body; of_caption, of_heads: of each table.
    covered: datasets whose words the paper has in any order; covered_near: in title, abstract, captions or heads."""

    paper: Paper
    names: Names
    title: str
    abstract: str
    body: str
    tokens: dict[str, list[str]]
    mentions: dict[str, Mentions]
    covered: dict[str, float]
    covered_near: dict[str, float]
    of_caption: list[Mentions] = field(default_factory=list)
    of_heads: list[Mentions] = field(default_factory=list)
    of_text: dict[str, Mentions] = field(default_factory=dict)
    tokens_of: dict[str, frozenset[str]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    appendix_start: int | None = None
    own_names: frozenset[str] = frozenset()  # what the paper calls its own method, in lower case
    said_numbers: Counter[str] = field(default_factory=Counter)  # how often the text has each number
    abstract_numbers: frozenset[str] = frozenset()
    tables_with_owners: dict[int, bool] = field(default_factory=dict)  # by their place, once they are asked for

    def find(self, text: str) -> Mentions:
        """The names that a short text, a head or a caption, mentions."""
        if text not in self.of_text:
            self.of_text[text] = self.names.find(split_tokens(text))
        return self.of_text[text]

    @property
    def title_name(self) -> str | None:
        """What stands before the colon of the title: most often the method's name."""
        return match[1] if (match := _TITLE_NAME.match(self.title)) else None

    def owns(self, head: str) -> bool:
        """Whether a head names the own method, or a variant of it."""
        lowered = head.lower()
        return any(name in lowered and _holds(lowered, name) for name in self.own_names)

    def split(self, text: str) -> frozenset[str]:
        if text not in self.tokens_of:
            self.tokens_of[text] = frozenset(split_tokens(text))
        return self.tokens_of[text]


def read_zones(paper: Paper, names: Names) -> Reading:
    """The paper's zones with the names that they mention."""
    text = paper.document.text
    begin = _BODY.search(text)
    body = text[begin.end() if begin else 0 :][:_MAX_CHARACTERS]
    title, abstract = paper.title or "", paper.abstract or body[:1500]
    captions = [table.caption or "" for table in paper.tables]
    heads = [list(_iter_heads(table)) for table in paper.tables]
    tokens = {
        "title": split_tokens(title),
        "abstract": split_tokens(abstract),
        "captions": [token for caption in captions for token in [*split_tokens(caption), "|"]],
        "heads": [token for table in heads for head in table for token in [*split_tokens(head), "|"]],
        "body": split_tokens(body),
    }
    near = {token for zone in ("title", "abstract", "captions", "heads") for token in tokens[zone]}
    reading = Reading(
        paper=paper,
        names=names,
        title=title,
        abstract=abstract,
        body=body,
        tokens=tokens,
        mentions={zone: names.find(found) for zone, found in tokens.items()},
        covered=names.find_covered(near | set(tokens["body"])),
        covered_near=names.find_covered(near),
    )
    reading.of_caption = [reading.find(caption) for caption in captions]
    reading.of_heads = [_merge(reading.find(head) for head in table) for table in heads]
    appendix = _APPENDIX.search(text)
    reading.appendix_start = appendix.start() if appendix else None
    reading.labels = _read_labels(reading)
    reading.own_names = _find_own_names(reading)
    reading.said_numbers = Counter(find_numerals(body))
    reading.abstract_numbers = frozenset(find_numerals(f"{title} {abstract}"))
    return reading


def _iter_heads(table: Table) -> Iterable[str]:
    return dict.fromkeys(head for cell in table.cells for head in (*cell.row, *cell.column))


def _merge(all_mentions: Iterable[Mentions]) -> Mentions:
    merged = Mentions()
    for mentions in all_mentions:
        merged.whole.update(mentions.whole)
        merged.part.update(mentions.part)
    return merged


def bare_label(label: str) -> str:
    """A head without the marks of the own method.

    >>> bare_label("FooNet† (ours)")
    'FooNet'
    """
    return " ".join(_NOT_IN_LABEL.sub(" ", label).split())


def leaf(path: tuple[str, ...]) -> str:
    return path[-1] if path else ""


def _read_labels(reading: Reading) -> dict[str, Label]:
    """Of each row's and column's innermost head what the paper says of it."""
    tables: Counter[str] = Counter()
    for table in reading.paper.tables:
        tables.update(
            list(dict.fromkeys(label for cell in table.cells for label in (leaf(cell.row), leaf(cell.column)) if label))
        )
    title, abstract, body = reading.title.lower(), reading.abstract.lower(), reading.body.lower()
    found: dict[str, Label] = {}
    for text, count in tables.items():
        label = Label(is_own_word=bool(_OWN_WORD.search(text)), tables=count)
        bare = bare_label(text).lower()
        if len(bare) > 1 and not bare.replace(".", "").isdigit():
            label.is_titled, label.is_in_abstract = _holds(title, bare), _holds(abstract, bare)
            label.starts_title = title.startswith(bare)
            label.introduced, label.said = _count_said(body, bare)
        found[text] = label
    return found


def _find_own_names(reading: Reading) -> frozenset[str]:
    """What stands before the colon of the title, words of the title that are written as names are, and heads that the
    text introduces and the abstract repeats."""
    names = {name.lower() for name in reading.paper.method_names}
    if reading.title_name:
        names.add(reading.title_name.lower())
    names |= {word.lower() for word in _NAME.findall(reading.title)}
    for text, label in reading.labels.items():
        if label.introduced >= _OFTEN and label.is_in_abstract and _NAME.fullmatch(bare_label(text)):
            names.add(bare_label(text).lower())
    mentioned = (reading.mentions["title"], reading.mentions["abstract"])
    return frozenset(names - {name.lower() for mentions in mentioned for _, name in mentions.whole})


def _holds(text: str, word: str) -> bool:
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            return True
        at = text.find(word, at + 1)
    return False


def _count_said(body: str, label: str) -> tuple[int, int]:
    said = body.count(label)
    introduced = 0
    at = -1
    for _ in range(min(said, _MAX_SEEN)):
        at = body.find(label, at + 1)
        introduced += bool(_INTRODUCING.search(body, max(0, at - _NEAR), at))
    return introduced, said


def is_own(label: Label | None) -> bool:
    """Whether the paper's words say that a head names its own method."""
    return label is not None and (label.is_own_word or label.starts_title or label.introduced >= _OFTEN)
