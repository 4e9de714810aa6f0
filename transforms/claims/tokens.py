"""A sentence as tokens, each with the classes of word that the forms of claims speak of.

A phrase that a vocabulary knows ("attack success rate", "compared to") is one token. The classes of a token are written
as one character, its tag, so that a form is a regular expression over one short string, whatever the size of the
vocabularies:

    sentence   We      reach                  91.5%            accuracy                    on          ImageNet
    classes    link    reach, report_verb     amount, number   graded, metric, quality …   link, on    dataset
    tag        亞      九                     令               亩                          亗          仗

The form `reach fill* number` is then a regular expression that begins with the tags of all tokens of class "reach":
`[九…][…]*[令…]`. Which character stands for which classes has no meaning; Lexicon hands them out in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from transforms.claims.candidates import Candidate

NUMBER = "number"  # the class of a number that stands free
AMOUNT = "amount"  # also of one that is more than bare digits: most often a claim, where bare digits count something
# Classes by the shape of a token that no vocabulary knows.
WORD, NAME, OTHER_NUMBER, CLAUSE_END, PUNCTUATION = "word", "name", "figure", "clause_end", "punctuation"


class Spelling(NamedTuple):
    """One spelling of a vocabulary."""

    text: str
    word_class: str
    metric: str | None = None  # canonical names
    dataset: str | None = None


@dataclass(slots=True)
class Tokens:
    """A sentence's tokens, each with a character that stands for its classes.

    tags: those characters; reverse: the same from the end; numbers: token index → candidate.
    """

    sentence: str
    tags: str
    numbers: dict[int, Candidate]
    reverse: str
    _pieces: list[str]  # what is written, before phrases became one token
    _first_piece: list[int]  # of each token, and one more
    _named: dict[int, Spelling]  # token → what the vocabularies know it as; filled as it is asked for
    _names: Mapping[str, Spelling]
    _spans: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.tags)

    def retag(self, changed: Mapping[int, str]) -> None:
        """Gives tokens other classes than their words have by themselves."""
        tags = list(self.tags)
        for i, tag in changed.items():
            tags[i] = tag
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
        spelling = self._spelling(i)
        return spelling.metric if spelling else None

    def dataset(self, i: int) -> str | None:
        """The canonical name of the dataset that the token names."""
        spelling = self._spelling(i)
        return spelling.dataset if spelling else None

    def _spelling(self, i: int) -> Spelling | None:
        text = self._pieces[self._first_piece[i]]
        return self._named.get(i) or self._names.get(text) or self._names.get(text.lower())
