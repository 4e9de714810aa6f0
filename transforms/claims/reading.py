"""A sentence read with the vocabularies: its tokens, and for each the classes of word that the forms of claims speak
of.

A phrase that a vocabulary knows ("attack success rate", "compared to") is one token. The classes of a token are written
as one character, so that a form is a regular expression over one short string, whatever the size of the vocabularies.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from transforms.claims.candidates import Candidate, candidate, number_pattern

NUMBER = "number"  # the class of a number that stands free
AMOUNT = "amount"  # also of one that is more than bare digits: most often a claim, where bare digits count something
# Classes by the shape of a token that no vocabulary knows.
WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION = "word", "name", "figure", "clause_end", "punctuation"
# A name: a capital or digit beyond the first character.
_NAME_SHAPE = re.compile(r"(?=.*[A-Za-z])(?:.+[A-Z0-9]|[^\W\d_]\d)")
# Letters and digits with what joins them, a possessive left out; then the full stop of an abbreviation, or plus signs
# ("C4+").
_ABBREVIATION = r"\.(?:(?<=[iev]\.[egs]\.)|(?<=\bal\.)|(?<=\b[vc][sf]\.)|(?<=w\.r\.t\.)|(?<=approx\.)|(?<=resp\.))"
# A metric in LaTeX is one token: "$F_1$", "AP$_{50}$", "pass@$k$".
_LATEX = r"\$[_^]?\{?[\w.]{1,9}\}?\$"
_WORD = (
    rf"(?!https?:/)[^\W\d_]\w*(?:(?!['’]s\b)[-‐@&+^*'’.](?=\w)\w*)*(?:@?{_LATEX}|{_ABBREVIATION}|\++)?"
    r"|\$[A-Za-z]{1,9}_?\{?\w{1,9}\}?\$"
)
_DEFINED = re.compile(r"\s\(([A-Z][A-Za-z0-9@-]{1,9}?)s?\)")  # "false positive rate (FPR)"
_DEFINED_MAX_CHARACTERS = 50
_FIGURE = r"[\d.]*\d(?:\w|[-‐.,/^](?=\w))*"
_NUMBER_STARTS = frozenset("0123456789.+-−")
_VARIANT_MARKS = frozenset("-@$'’")
_APOSTROPHE = re.compile("['’]")
_MARKUP = re.compile(r"[${}_^\\]")


class Entry(NamedTuple):
    """One spelling of a vocabulary."""

    spelling: str
    word_class: str
    metric: str | None = None  # canonical names
    dataset: str | None = None


@dataclass(slots=True)
class Reading:
    """A sentence's tokens, each with a character that stands for its classes.

    tags: those characters; reverse: the same from the end; numbers: token index → candidate.
    """

    sentence: str
    tags: str
    numbers: dict[int, Candidate]
    reverse: str
    _pieces: list[str]  # what is written, before phrases became one token
    _first_piece: list[int]  # of each token, and one more
    _named: dict[int, Entry]  # token → what the vocabularies know it as; filled as it is asked for
    _names: Mapping[str, Entry]
    _spans: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.tags)

    def retag(self, letters: Mapping[int, str]) -> None:
        """Gives tokens other classes than their words have by themselves."""
        tags = list(self.tags)
        for i, letter in letters.items():
            tags[i] = letter
        self.tags = "".join(tags)
        self.reverse = self.tags[::-1]

    def text(self, first: int, last: int | None = None) -> str:
        """What is written from one token to another, both included."""
        last = first if last is None else last
        start, end = self._first_piece[first], self._first_piece[last + 1]
        if end - start == 1:
            return self._pieces[start]
        if not self._spans:
            position = 0
            for piece in self._pieces:
                position = self.sentence.index(piece, position)
                self._spans.append((position, position := position + len(piece)))
        return self.sentence[self._spans[start][0] : self._spans[end - 1][1]]

    def metric(self, i: int) -> str | None:
        """The canonical name of the metric that the token names."""
        entry = self._entry(i)
        return entry.metric if entry else None

    def dataset(self, i: int) -> str | None:
        """The canonical name of the dataset that the token names."""
        entry = self._entry(i)
        return entry.dataset if entry else None

    def _entry(self, i: int) -> Entry | None:
        text = self._pieces[self._first_piece[i]]
        return self._named.get(i) or self._names.get(text) or self._names.get(text.lower())


_Known = tuple[str, str]  # letter, key
_Node = dict[str, Any]  # next word → node; "" → phrases that end here, as written → _Known
_NUMBER, _PHRASE = "\x00", "\x01"  # stand in for the letter of a piece that has to be looked at in its sentence
_REMEMBERED = 200_000  # unknown words, whose shape is found once


class Lexicon:
    """Every known spelling with its classes. A spelling with capitals counts as it is written, one without in any
    case."""

    def __init__(self, entries: Iterable[Entry], unit_words: Iterable[str]) -> None:
        number = number_pattern(unit_words)
        self._number = re.compile(rf"(?=[\d.+−-])(?:{number})", re.X)
        token = rf"{_WORD}|(?=[\d.+−-])(?:{number})|{_FIGURE}|https?://\S+|\S"
        self._token = re.compile(
            re.sub(r"\(\?P<\w+>", "(?:", token), re.X
        )  # without groups, as findall then gives whole tokens
        self._letters: dict[frozenset[str], str] = {}
        classes: dict[str, set[str]] = {}
        self._names: dict[str, Entry] = {}
        for entry in entries:
            key = " ".join(self._token.findall(entry.spelling))
            classes.setdefault(key, set()).add(entry.word_class)
            if entry.metric or entry.dataset:
                self._names.setdefault(key, entry)
        self._phrases: _Node = {}
        for key, found in classes.items():
            node = self._phrases
            for word in key.lower().split(" "):
                node = node.setdefault(word, {})
            node.setdefault("", {})[key] = (self._letter(frozenset(found)), key)
        self._shapes = {
            shape: self._letter(frozenset([shape]))
            for shape in (NUMBER, WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION)
        }
        self._figure = self._shapes[OTHER_NUMBER]
        self._amount = self._letter(frozenset([NUMBER, AMOUNT]))
        self._labelled = self.tags(NAME, OTHER_NUMBER, "model", "numbered")
        self._pieces = _Pieces(self._phrases, self._shapes, self._names)

    def _letter(self, classes: frozenset[str]) -> str:
        return self._letters.setdefault(classes, chr(0x4E00 + len(self._letters)))

    def tags(self, *classes: str) -> frozenset[str]:
        """The characters of all tokens, or of those of one of the classes. Raises ValueError for a class that no word
        has."""
        if unknown := set(classes) - set().union(*self._letters):
            raise ValueError(f"no word is of class {', '.join(sorted(unknown))}")
        return frozenset(
            letter for found, letter in self._letters.items() if not classes or found.intersection(classes)
        )

    def letter(self, word_class: str) -> str:
        """A character of tokens that are of this class, and of as few others as there are."""
        return min(self.tags(word_class), key=lambda letter: len(self.classes_of(letter)))

    def one_of(self, *classes: str) -> str:
        """A regular expression for one token of one of the classes."""
        return f"[{''.join(sorted(self.tags(*classes)))}]"

    def none_of(self, *classes: str) -> str:
        """A regular expression for one token of none of the classes."""
        return f"[^{''.join(sorted(self.tags(*classes)))}]"

    def classes_of(self, letter: str) -> frozenset[str]:
        return next(classes for classes, found in self._letters.items() if found == letter)

    def defined_metrics(self, text: str) -> dict[str, Entry]:
        """The abbreviations that a text defines for metrics: "false positive rate (FPR)"."""
        found: dict[str, Entry] = {}
        for match in _DEFINED.finditer(text):
            if match[1] not in self._names:
                before = text[max(0, match.start() - _DEFINED_MAX_CHARACTERS) : match.start()]
                words = before.lower().split()[-4:]
                names = (" ".join(words[i:]) for i in range(len(words)))
                if entry := next((entry for name in names if (entry := self._names.get(name)) and entry.metric), None):
                    found[match[1]] = entry
        return found

    def has_number(self, sentence: str) -> bool:
        """Whether a number stands free in the sentence: cheaper than to read it."""
        return self._number.search(sentence) is not None

    def read(self, sentence: str, defined: Mapping[str, Entry] | None = None) -> Reading:
        """The sentence as tokens, the longest known phrase first. defined: what the text has made known before."""
        pieces = self._token.findall(sentence)
        letters = [self._pieces[piece] for piece in pieces]
        if letters and letters[0] == self._shapes[NAME] and not _NAME_SHAPE.match(pieces[0]):
            letters[0] = self._shapes[WORD]  # a capital that only begins the sentence
        tags: list[str] = []
        first_piece: list[int] = []
        named: dict[int, Entry] = {}
        numbers: dict[int, Candidate] = {}
        done = passed = position = 0
        for i in self._special(pieces, letters):
            if i < done:
                continue
            tags += letters[done:i]
            first_piece += range(done, i)
            length = 1
            if letters[i] == _NUMBER:
                for piece in pieces[passed:i]:
                    position = sentence.index(piece, position) + len(piece)
                position, passed = sentence.index(pieces[i], position), i
                match = self._number.match(sentence, position)
                found = candidate(match) if match else None
                tag = self._number_tag(found, tags[-1:]) if found else self._figure
                if found and tag != self._figure:
                    numbers[len(tags)] = found
            else:
                length, (tag, key) = self._longest_phrase(pieces, i)
                if entry := self._names.get(key):
                    named[len(tags)] = entry
            done = i + length
            tags.append(tag)
            first_piece.append(i)
        joined = "".join(tags + letters[done:])
        first_piece += range(done, len(pieces) + 1)
        reading = Reading(sentence, joined, numbers, joined[::-1], pieces, first_piece, named, self._names)
        if defined:
            known = {i: entry for i in range(len(joined)) if (entry := defined.get(reading.text(i)))}
            named.update(known)
            reading.retag({i: self.letter_of(entry) for i, entry in known.items()})
        return reading

    def letter_of(self, entry: Entry) -> str:
        """The character of a spelling that stands in a vocabulary."""
        key = " ".join(self._token.findall(entry.spelling))
        node = self._phrases
        for word in key.lower().split(" "):
            node = node[word]
        return str(node[""][key][0])

    def _special(self, pieces: list[str], letters: list[str]) -> list[int]:
        """Where a number or a phrase begins. A word that begins a phrase elsewhere, but not here, gets its letter."""
        special, starts, last = [], self._pieces.starts, len(pieces) - 1
        for i in [i for i, letter in enumerate(letters) if letter <= _PHRASE]:
            if letters[i] == _PHRASE:
                node, alone = starts[pieces[i]]
                if i == last or pieces[i + 1].lower() not in node:
                    letters[i] = alone
                    if alone != _NUMBER:
                        continue
            special.append(i)
        return special

    def _number_tag(self, found: Candidate, before: list[str]) -> str:
        """The letter of a free number; of a figure for one that is a year or distinguishes things of one name: "Section
        2.2", "Llama 3"."""
        is_bare = found.unit_token is None and found.value_text[0] not in "+−"
        is_year = found.value.is_integer() and all(
            1900 <= value <= 2100 for value in (found.value, found.value_high or found.value)
        )
        if is_bare and (is_year or (bool(before) and before[0] in self._labelled)):
            return self._figure
        return self._shapes[NUMBER] if found.is_whole else self._amount

    def _longest_phrase(self, pieces: list[str], i: int) -> tuple[int, _Known]:
        """The number of pieces from i on that make up the longest known phrase, and what it is known as; one piece,
        where none does."""
        node, alone = self._pieces.starts[pieces[i]]
        found, j = (1, (alone, pieces[i])), i + 1
        while node:
            if j > i + 1 and (ends := node.get("")):
                written = " ".join(pieces[i:j])
                if known := ends.get(written) or ends.get(written.lower()):
                    found = j - i, known
            node = node.get(pieces[j].lower(), {}) if j < len(pieces) else {}
            j += 1
        return found


class _Pieces(dict[str, str]):
    """What is written → its letter: known words from the start, others as they come."""

    def __init__(self, phrases: _Node, shapes: Mapping[str, str], names: dict[str, Entry]) -> None:
        super().__init__()
        self._names = names
        self.starts: dict[
            str, tuple[_Node, str]
        ] = {}  # first words of phrases: what may follow, and the letter where nothing does
        self._phrases = phrases
        self._shapes = shapes

    def __missing__(self, piece: str) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
            self.starts.clear()
        letter = self[piece] = self._found(piece)
        return letter

    def _found(self, piece: str) -> str:
        if node := self._phrases.get(piece.lower()):
            ends = node.get("", {})
            known = ends.get(piece) or ends.get(piece.lower())
            alone = str(known[0]) if known else self._new(piece)
            if node.keys() == {""}:
                return alone
            self.starts[piece] = (node, alone)
            return _PHRASE
        return self._new(piece)

    def _variant(self, piece: str) -> str | None:
        """The letter of a metric in LaTeX or with an affix: "AP$_{50}$" is AP50, "s-BLEU" a BLEU, "precision@Top-K" a
        precision; or of a dataset with an apostrophe: "WMT’14"."""
        for base in (_MARKUP.sub("", piece), piece.rpartition("-")[2], piece.partition("@")[0]):
            spelling = base if base in self._names else base.lower()
            entry = self._names.get(spelling)
            if base != piece and entry and entry.metric and (ends := self._phrases.get(spelling.lower(), {}).get("")):
                known = ends.get(spelling)
                if known:
                    self._names[piece] = entry
                    return str(known[0])
        if (entry := self._names.get(plain := _APOSTROPHE.sub("", piece))) and plain != piece:
            self._names[piece] = entry
            return str(self._phrases[plain.lower()][""][plain][0])
        return None

    def _new(self, piece: str) -> str:
        if not _VARIANT_MARKS.isdisjoint(piece) and (letter := self._variant(piece)):
            return letter
        return _NUMBER if piece[0] in _NUMBER_STARTS and any(c.isdigit() for c in piece) else self._shape(piece)

    def _shape(self, piece: str) -> str:
        """The letter of a word that no vocabulary knows."""
        if piece.islower() and piece.isalpha():
            return self._shapes[WORD]
        if piece[0].isalpha():
            is_name = _NAME_SHAPE.match(piece) or piece[0].isupper()
            return self._shapes[NAME if is_name and not piece.startswith("http") else WORD]
        if piece[-1].isalnum():
            return self._shapes[OTHER_NUMBER]
        return self._shapes[CLAUSE_END if piece in ";:." else PUNCTUATION]
