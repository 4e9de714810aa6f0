"""Every known spelling with its classes of word, and how a sentence falls into tokens."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from transforms.claims.candidates import Candidate, make_candidate, number_pattern
from transforms.claims.tokens import (
    AMOUNT,
    CLAUSE_END,
    NAME,
    NUMBER,
    OTHER_NUMBER,
    PUNCTUATION,
    WORD,
    Spelling,
    Tokens,
)

# A name: a capital or digit beyond the first character.
NAME_SHAPE = re.compile(r"(?=.*[A-Za-z])(?:.+[A-Z0-9]|[^\W\d_]\d)")
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

_Known = tuple[str, str]  # tag, key
_Node = dict[str, Any]  # next word → node; "" → phrases that end here, as written → _Known
_NUMBER, _PHRASE = "\x00", "\x01"  # stand in for the tag of a piece that has to be looked at in its sentence
_REMEMBERED = 200_000  # unknown words, whose shape is found once


class Lexicon:
    """Every known spelling with its classes. A spelling with capitals counts as it is written, one without in any
    case."""

    def __init__(self, spellings: Iterable[Spelling], unit_words: Iterable[str]) -> None:
        number = number_pattern(unit_words)
        self._number = re.compile(rf"(?=[\d.+−-])(?:{number})", re.X)
        token = rf"{_WORD}|(?=[\d.+−-])(?:{number})|{_FIGURE}|https?://\S+|\S"
        # Without groups, as findall then gives whole tokens.
        self._token = re.compile(re.sub(r"\(\?P<\w+>", "(?:", token), re.X)
        self._tags: dict[frozenset[str], str] = {}
        classes: dict[str, set[str]] = {}
        self._names: dict[str, Spelling] = {}
        for spelling in spellings:
            key = " ".join(self._token.findall(spelling.text))
            classes.setdefault(key, set()).add(spelling.word_class)
            if spelling.metric or spelling.dataset:
                self._names.setdefault(key, spelling)
        self._phrases: _Node = {}
        for key, found in classes.items():
            node = self._phrases
            for word in key.lower().split(" "):
                node = node.setdefault(word, {})
            node.setdefault("", {})[key] = (self._tag_of(frozenset(found)), key)
        self._shapes = {
            shape: self._tag_of(frozenset([shape]))
            for shape in (NUMBER, WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION)
        }
        self._figure = self._shapes[OTHER_NUMBER]
        self._amount = self._tag_of(frozenset([NUMBER, AMOUNT]))
        self._labelled = self.tags(NAME, OTHER_NUMBER, "model", "numbered")
        self._piece_tags = _PieceTags(self._phrases, self._shapes, self._names)

    def _tag_of(self, classes: frozenset[str]) -> str:
        return self._tags.setdefault(classes, chr(0x4E00 + len(self._tags)))

    def tags(self, *classes: str) -> frozenset[str]:
        """The characters of all tokens, or of those of one of the classes. Raises ValueError for a class that no word
        has."""
        if unknown := set(classes) - set().union(*self._tags):
            raise ValueError(f"no word is of class {', '.join(sorted(unknown))}")
        return frozenset(tag for found, tag in self._tags.items() if not classes or found.intersection(classes))

    def rarest_tag(self, word_class: str) -> str:
        """A character of tokens that are of this class, and of as few others as there are."""
        return min(self.tags(word_class), key=lambda tag: len(self.classes_of(tag)))

    def one_of(self, *classes: str) -> str:
        """A regular expression for one token of one of the classes."""
        return f"[{''.join(sorted(self.tags(*classes)))}]"

    def none_of(self, *classes: str) -> str:
        """A regular expression for one token of none of the classes."""
        return f"[^{''.join(sorted(self.tags(*classes)))}]"

    def classes_of(self, tag: str) -> frozenset[str]:
        return next(classes for classes, found in self._tags.items() if found == tag)

    def defined_metrics(self, text: str) -> dict[str, Spelling]:
        """The abbreviations that a text defines for metrics: "false positive rate (FPR)"."""
        found: dict[str, Spelling] = {}
        for match in _DEFINED.finditer(text):
            if match[1] not in self._names:
                before = text[max(0, match.start() - _DEFINED_MAX_CHARACTERS) : match.start()]
                words = before.lower().split()[-4:]
                names = (" ".join(words[i:]) for i in range(len(words)))
                known = (self._names.get(name) for name in names)
                if spelling := next((each for each in known if each and each.metric), None):
                    found[match[1]] = spelling
        return found

    def has_number(self, sentence: str) -> bool:
        """Whether a number stands free in the sentence: cheaper than to read it."""
        return self._number.search(sentence) is not None

    def read(self, sentence: str, defined: Mapping[str, Spelling] | None = None) -> Tokens:
        """The sentence as tokens, the longest known phrase first. defined: what the text has made known before."""
        pieces = self._token.findall(sentence)
        word_tags = [self._piece_tags[piece] for piece in pieces]
        if word_tags and word_tags[0] == self._shapes[NAME] and not NAME_SHAPE.match(pieces[0]):
            word_tags[0] = self._shapes[WORD]  # a capital that only begins the sentence
        tags: list[str] = []
        first_piece: list[int] = []
        named: dict[int, Spelling] = {}
        numbers: dict[int, Candidate] = {}
        done = passed = position = 0
        for i in self._special(pieces, word_tags):
            if i < done:
                continue
            tags += word_tags[done:i]
            first_piece += range(done, i)
            length = 1
            if word_tags[i] == _NUMBER:
                for piece in pieces[passed:i]:
                    position = sentence.index(piece, position) + len(piece)
                position, passed = sentence.index(pieces[i], position), i
                match = self._number.match(sentence, position)
                found = make_candidate(match) if match else None
                tag = self._number_tag(found, tags[-1:]) if found else self._figure
                if found and tag != self._figure:
                    numbers[len(tags)] = found
            else:
                length, (tag, key) = self._longest_phrase(pieces, i)
                if spelling := self._names.get(key):
                    named[len(tags)] = spelling
            done = i + length
            tags.append(tag)
            first_piece.append(i)
        joined = "".join(tags + word_tags[done:])
        first_piece += range(done, len(pieces) + 1)
        tokens = Tokens(sentence, joined, numbers, joined[::-1], pieces, first_piece, named, self._names)
        if defined:
            known = {i: spelling for i in range(len(joined)) if (spelling := defined.get(tokens.text(i)))}
            named.update(known)
            tokens.retag({i: self.tag_of_spelling(spelling) for i, spelling in known.items()})
        return tokens

    def tag_of_spelling(self, spelling: Spelling) -> str:
        """The character of a spelling that stands in a vocabulary."""
        key = " ".join(self._token.findall(spelling.text))
        node = self._phrases
        for word in key.lower().split(" "):
            node = node[word]
        return str(node[""][key][0])

    def _special(self, pieces: list[str], word_tags: list[str]) -> list[int]:
        """Where a number or a phrase begins. A word that begins a phrase elsewhere, but not here, gets its tag."""
        special, starts, last = [], self._piece_tags.starts, len(pieces) - 1
        for i in [i for i, tag in enumerate(word_tags) if tag <= _PHRASE]:
            if word_tags[i] == _PHRASE:
                node, alone = starts[pieces[i]]
                if i == last or pieces[i + 1].lower() not in node:
                    word_tags[i] = alone
                    if alone != _NUMBER:
                        continue
            special.append(i)
        return special

    def _number_tag(self, found: Candidate, before: list[str]) -> str:
        """The tag of a free number; of a figure for one that is a year or distinguishes things of one name: "Section
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
        node, alone = self._piece_tags.starts[pieces[i]]
        found, j = (1, (alone, pieces[i])), i + 1
        while node:
            if j > i + 1 and (ends := node.get("")):
                written = " ".join(pieces[i:j])
                if known := ends.get(written) or ends.get(written.lower()):
                    found = j - i, known
            node = node.get(pieces[j].lower(), {}) if j < len(pieces) else {}
            j += 1
        return found


class _PieceTags(dict[str, str]):
    """What is written → its tag: known words from the start, others as they come."""

    def __init__(self, phrases: _Node, shapes: Mapping[str, str], names: dict[str, Spelling]) -> None:
        super().__init__()
        self._names = names
        self.starts: dict[
            str, tuple[_Node, str]
        ] = {}  # first words of phrases: what may follow, and the tag where nothing does
        self._phrases = phrases
        self._shapes = shapes

    def __missing__(self, piece: str) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
            self.starts.clear()
        tag = self[piece] = self._found(piece)
        return tag

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
        """The tag of a metric in LaTeX or with an affix: "AP$_{50}$" is AP50, "s-BLEU" a BLEU, "precision@Top-K" a
        precision; or of a dataset with an apostrophe: "WMT’14"."""
        for base in (_MARKUP.sub("", piece), piece.rpartition("-")[2], piece.partition("@")[0]):
            text = base if base in self._names else base.lower()
            spelling = self._names.get(text)
            if base == piece or not spelling or not spelling.metric:
                continue
            if known := self._phrases.get(text.lower(), {}).get("", {}).get(text):
                self._names[piece] = spelling
                return str(known[0])
        plain = _APOSTROPHE.sub("", piece)
        if (spelling := self._names.get(plain)) and plain != piece:
            self._names[piece] = spelling
            return str(self._phrases[plain.lower()][""][plain][0])
        return None

    def _new(self, piece: str) -> str:
        if not _VARIANT_MARKS.isdisjoint(piece) and (tag := self._variant(piece)):
            return tag
        return _NUMBER if piece[0] in _NUMBER_STARTS and any(c.isdigit() for c in piece) else self._shape(piece)

    def _shape(self, piece: str) -> str:
        """The tag of a word that no vocabulary knows."""
        if piece.islower() and piece.isalpha():
            return self._shapes[WORD]
        if piece[0].isalpha():
            is_name = NAME_SHAPE.match(piece) or piece[0].isupper()
            return self._shapes[NAME if is_name and not piece.startswith("http") else WORD]
        if piece[-1].isalnum():
            return self._shapes[OTHER_NUMBER]
        return self._shapes[CLAUSE_END if piece in ";:." else PUNCTUATION]
