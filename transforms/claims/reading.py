"""A sentence read with the vocabularies: its tokens, and for each the classes of word that the forms of claims speak of.

A phrase that a vocabulary knows ("attack success rate", "compared to") is one token. The classes of a token are written as one
character, so that a form is a regular expression over one short string, whatever the size of the vocabularies.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from transforms.claims.candidates import Candidate, candidate, number_pattern

NUMBER = "number"  # the class of a number that stands free
AMOUNT = "amount"  # also of one that is more than bare digits: most often a claim, where bare digits count something
# Classes by the shape of a token that no vocabulary knows.
WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION = "word", "name", "figure", "clause_end", "punctuation"
# A name: a capital or digit beyond the first character.
_NAME_SHAPE = re.compile(r"(?=.*[A-Za-z])(?:.+[A-Z0-9]|[^\W\d_]\d)")
# Letters and digits with what joins them, a possessive left out; then the full stop of an abbreviation, or plus signs ("C4+").
_ABBREVIATION = r"\.(?:(?<=[iev]\.[egs]\.)|(?<=\bal\.)|(?<=\b[vc][sf]\.)|(?<=w\.r\.t\.)|(?<=approx\.)|(?<=resp\.))"
_WORD = rf"(?!https?:/)[^\W\d_]\w*(?:[-‐@&+^*'’./](?=\w)(?!['’]s\b)\w*)*(?:{_ABBREVIATION}|\++)?"
_FIGURE = r"[\d.]*\d(?:\w|[-‐.,/^](?=\w))*"
_NUMBER_STARTS = frozenset("0123456789.+-−")


class Entry(NamedTuple):
    """One spelling of a vocabulary."""

    spelling: str
    word_class: str
    metric: str | None = None
    dataset: str | None = None


@dataclass(slots=True)
class Reading:
    """Tokens as their spans in the sentence, what the vocabularies know them as, and a character of classes for each.

    reverse: the characters from the end; numbers: token index → candidate.
    """

    sentence: str
    spans: list[tuple[int, int]]
    entries: list[Entry | None]
    tags: str
    numbers: dict[int, Candidate]
    reverse: str = field(init=False)

    def __post_init__(self) -> None:
        self.reverse = self.tags[::-1]

    def __len__(self) -> int:
        return len(self.tags)

    def text(self, first: int, last: int | None = None) -> str:
        """What is written from one token to another, both included."""
        return self.sentence[self.spans[first][0] : self.spans[first if last is None else last][1]]

    def metric(self, i: int) -> str | None:
        """The canonical name of the metric that the token names."""
        entry = self.entries[i]
        return entry.metric if entry else None

    def dataset(self, i: int) -> str | None:
        """The canonical name of the dataset that the token names."""
        entry = self.entries[i]
        return entry.dataset if entry else None


_Known = tuple[str, Entry | None]  # letter, name
_Node = dict[str, Any]  # next word → node; "" → phrases that end here, as written → _Known


class Lexicon:
    """Every known spelling with its classes. A spelling with capitals counts as it is written, one without in any case."""

    def __init__(self, entries: Iterable[Entry], unit_words: Iterable[str]) -> None:
        number = number_pattern(unit_words)
        self._number = re.compile(rf"(?=[\d.+−-])(?:{number})", re.X)
        token = rf"{_WORD}|(?=[\d.+−-])(?:{number})|{_FIGURE}|https?://\S+|\S"
        self._token = re.compile(re.sub(r"\(\?P<\w+>", "(?:", token), re.X)  # without groups, as findall then gives whole tokens
        self._letters: dict[frozenset[str], str] = {}
        classes: dict[str, set[str]] = {}
        names: dict[str, Entry] = {}
        for entry in entries:
            key = " ".join(self._token.findall(entry.spelling))
            classes.setdefault(key, set()).add(entry.word_class)
            if entry.metric or entry.dataset:
                names.setdefault(key, entry)
        self._phrases: _Node = {}
        for key, found in classes.items():
            node = self._phrases
            for word in key.lower().split(" "):
                node = node.setdefault(word, {})
            node.setdefault("", {})[key] = (self._letter(frozenset(found)), names.get(key))
        # Words that begin no longer phrase are looked up at once.
        self._single = {key: known for word, node in self._phrases.items() if node.keys() == {""} for key, known in node[""].items()}
        self._shapes = {shape: self._letter(frozenset([shape])) for shape in (NUMBER, WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION)}
        self._figure = self._shapes[OTHER_NUMBER]
        self._amount = self._letter(frozenset([NUMBER, AMOUNT]))
        self._labelled = frozenset(self.letters_of([NAME, OTHER_NUMBER, "model", "numbered"]))

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

    def has_number(self, sentence: str) -> bool:
        """Whether a number stands free in the sentence: cheaper than to read it."""
        return self._number.search(sentence) is not None

    def read(self, sentence: str) -> Reading:
        """The sentence as tokens, the longest known phrase first."""
        texts = self._token.findall(sentence)
        spans: list[tuple[int, int]] = []
        entries: list[Entry | None] = []
        tags: list[str] = []
        numbers: dict[int, Candidate] = {}
        single, index = self._single.get, sentence.index
        i = end = 0
        while i < len(texts):
            text = texts[i]
            start = index(text, end)
            end = start + len(text)
            i += 1
            if known := single(text):
                tag, entry = known
            elif text[0] in _NUMBER_STARTS and (match := self._number.match(sentence, start)):
                found, entry = candidate(match), None
                start = found.start
                tag = self._number_tag(found, tags[-1:])
                if tag != self._figure:
                    numbers[len(tags)] = found
            elif (node := self._phrases.get(text.lower())) and (phrase := self._known(texts, i - 1, node)):
                length, (tag, entry) = phrase
                for following in texts[i : i - 1 + length]:
                    end = index(following, end) + len(following)
                i += length - 1
            else:
                tag, entry = self._shape(text, first=not spans[1:]), None
            spans.append((start, end))
            entries.append(entry)
            tags.append(tag)
        return Reading(sentence, spans, entries, "".join(tags), numbers)

    def _number_tag(self, found: Candidate, before: list[str]) -> str:
        """The letter of a free number; of a figure for one that is a year or tells things of one name apart: "Section 2.2", "Llama 3"."""
        is_bare = found.unit_token is None and found.value_text[0] not in "+−"
        is_year = found.is_whole and 1900 <= found.value <= 2100
        if is_bare and (is_year or (bool(before) and before[0] in self._labelled)):
            return self._figure
        return self._shapes[NUMBER] if found.is_whole else self._amount

    def _known(self, texts: list[str], i: int, first: _Node) -> tuple[int, _Known] | None:
        """The number of tokens from i on that make up the longest known phrase, and what it is known as. first: the node of token i."""
        found, node, j = None, first, i + 1
        while node:
            if ends := node.get(""):
                written = " ".join(texts[i:j])
                if known := ends.get(written) or ends.get(written.lower()):
                    found = j - i, known
            node = node.get(texts[j].lower()) if j < len(texts) else None
            j += 1
        return found

    def _shape(self, text: str, first: bool) -> str:
        if text.islower() and text.isalpha():
            return self._shapes[WORD]
        if text[0].isalpha():
            is_name = _NAME_SHAPE.match(text) or (text[0].isupper() and not first)
            return self._shapes[NAME if is_name and not text.startswith("http") else WORD]
        if text[-1].isalnum():
            return self._figure
        return self._shapes[CLAUSE_END if text in ";:." else PUNCTUATION]
