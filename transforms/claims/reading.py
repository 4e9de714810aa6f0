"""A sentence read with the vocabularies: its tokens, and for each the classes of word that the forms of claims speak of.

A phrase that a vocabulary knows ("attack success rate", "compared to") is one token. The classes of a token are written as one
character, so that a form is a regular expression over one short string, whatever the size of the vocabularies.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from transforms.claims.candidates import Candidate, candidate, number_pattern

NUMBER = "number"  # the class of a number that stands free
AMOUNT = "amount"  # also of one that is more than bare digits: most often a claim, where bare digits count something
# Classes by the shape of a token that no vocabulary knows.
WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION = "word", "name", "figure", "clause_end", "punctuation"
# A name: a capital or digit beyond the first character, or a capitalised word that does not begin the sentence.
_NAME_SHAPE = re.compile(r"(?=.*[A-Za-z])(?:.+[A-Z0-9]|[^\W\d_]\d)")
_ABBREVIATION = r"(?:i\.e|e\.g|et\sal|v\.s|vs|w\.r\.t|cf|approx|resp|a\.k\.a)\."
_WORD = rf"(?i:{_ABBREVIATION})|(?:[^\W\d_]|[τπλμσ])(?:\w|[-‐@&+^*'’./](?=\w)(?!['’]s\b))*\+*"
_FIGURE = r"[\d.]*\d(?:\w|[-‐.,/^](?=\w))*"


class Token(NamedTuple):
    start: int  # in the sentence
    end: int
    text: str
    metric: str | None = None  # canonical names
    dataset: str | None = None


class Entry(NamedTuple):
    """One spelling of a vocabulary."""

    spelling: str
    word_class: str
    metric: str | None = None
    dataset: str | None = None


@dataclass(slots=True)
class Reading:
    """tags: a character a token; reverse: the same from the end; numbers: token index → candidate."""

    sentence: str
    tokens: list[Token]
    tags: str
    numbers: dict[int, Candidate]
    reverse: str = field(init=False)

    def __post_init__(self) -> None:
        self.reverse = self.tags[::-1]


class Lexicon:
    """Every known spelling with its classes. A spelling with capitals counts as it is written, one without in any case."""

    def __init__(self, entries: Iterable[Entry], unit_words: Iterable[str]) -> None:
        self._token = re.compile(
            rf"(?P<number>{number_pattern(unit_words)})|(?P<url>https?://\S+)|(?P<word>{_WORD})|(?P<figure>{_FIGURE})|(?P<rest>\S)", re.X
        )
        self._letters: dict[frozenset[str], str] = {}
        classes: dict[str, set[str]] = {}
        self._names: dict[str, Entry] = {}
        self._longest: dict[str, int] = {}  # first token, in lower case → tokens of the longest phrase that it begins
        for entry in entries:
            key = " ".join(self._split(entry.spelling))
            key = key if _has_capitals(key) else key.lower()
            classes.setdefault(key, set()).add(entry.word_class)
            if entry.metric or entry.dataset:
                self._names.setdefault(key, entry)
            first, *others = key.lower().split(" ")
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))
        self._phrases = {key: self._letter(frozenset(found)) for key, found in classes.items()}
        self._shapes = {shape: self._letter(frozenset([shape])) for shape in (NUMBER, WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION)}
        self._amount = self._letter(frozenset([NUMBER, AMOUNT]))
        self._labelled = frozenset(self.letters_of([NAME, OTHER_NUMBER, "model", "numbered"]))

    def _split(self, phrase: str) -> list[str]:
        return [match[0] for match in self._token.finditer(phrase)]

    def _letter(self, classes: frozenset[str]) -> str:
        return self._letters.setdefault(classes, chr(0x4E00 + len(self._letters)))

    def letters_of(self, classes: Iterable[str]) -> str:
        """The characters of all tokens that are of one of the classes. Raises ValueError for a class that no word has."""
        wanted = set(classes)
        if unknown := wanted - set().union(*self._letters):
            raise ValueError(f"no word is of class {', '.join(sorted(unknown))}")
        return "".join(letter for found, letter in self._letters.items() if found & wanted)

    def classes_of(self, letter: str) -> frozenset[str]:
        return next(classes for classes, found in self._letters.items() if found == letter)

    def read(self, sentence: str) -> Reading:
        """The sentence as tokens, the longest known phrase first."""
        matches = list(self._token.finditer(sentence))
        texts = [match[0] for match in matches]
        tokens: list[Token] = []
        tags: list[str] = []
        numbers: dict[int, Candidate] = {}
        i = 0
        while i < len(matches):
            match = matches[i]
            if match.lastgroup == "number":
                found = candidate(match)
                if self._is_label(found, tags[-1:]):
                    tags.append(self._shapes[OTHER_NUMBER])
                else:
                    numbers[len(tokens)] = found
                    tags.append(self._shapes[NUMBER] if found.is_whole else self._amount)
                tokens.append(Token(found.start, found.phrase_end, texts[i]))
                i += 1
                continue
            length, key = self._known(texts, i)
            end = matches[i + max(length, 1) - 1].end()
            entry = self._names.get(key)
            tokens.append(Token(match.start(), end, sentence[match.start() : end], entry and entry.metric, entry and entry.dataset))
            tags.append(self._phrases[key] if length else self._shape(match, first=not tokens[1:]))
            i += max(length, 1)
        return Reading(sentence, tokens, "".join(tags), numbers)

    def _is_label(self, found: Candidate, before: list[str]) -> bool:
        """Whether a bare number is a year or tells things of one name apart: "Section 2.2", "Llama 3"."""
        is_bare = found.unit_token is None and found.value_text[0] not in "+−"
        is_year = found.is_whole and 1900 <= found.value <= 2100
        return is_bare and (is_year or (bool(before) and before[0] in self._labelled))

    def _known(self, texts: list[str], i: int) -> tuple[int, str]:
        """The number of tokens from i on that make up the longest known phrase, and its key; 0 where there is none."""
        for length in range(min(self._longest.get(texts[i].lower(), 0), len(texts) - i), 0, -1):
            written = " ".join(texts[i : i + length])
            for key in (written, written.lower()):
                if key in self._phrases and (key == written or not _has_capitals(key)):
                    return length, key
        return 0, ""

    def _shape(self, match: re.Match[str], first: bool) -> str:
        text = match[0]
        if match.lastgroup == "rest":
            return self._shapes[CLAUSE_END if text in ";:." else PUNCTUATION]
        if match.lastgroup == "figure":
            return self._shapes[OTHER_NUMBER]
        is_name = match.lastgroup == "word" and (_NAME_SHAPE.match(text) or (text[0].isupper() and not first))
        return self._shapes[NAME if is_name else WORD]


def _has_capitals(text: str) -> bool:
    return text != text.lower()
