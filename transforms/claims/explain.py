"""Why a number of a sentence is the claim that it is: its tokens with their classes, and the form that fits."""

from dataclasses import dataclass

from transforms.claims.extract import reader_of
from transforms.claims.groups import LISTED
from transforms.vocabulary import Vocabulary

_SHAPES = {"word", "punctuation"}  # classes that carry no information


@dataclass(frozen=True)
class Piece:
    """A token of the sentence. known_as: the canonical metric or dataset that the vocabularies have for it."""

    text: str
    classes: list[str]
    known_as: str | None


@dataclass(frozen=True)
class Number:
    """A free number of the sentence. form: the one that makes it a claim; null where none does."""

    text: str
    unit: str | None
    form: str | None
    start: int  # in the sentence


@dataclass(frozen=True)
class Explanation:
    tokens: list[Piece]
    candidates: list[Number]
    form: dict[str, object] | None  # the row of claim_forms behind the number asked for


def explain(vocabulary: Vocabulary, sentence: str, start: int) -> Explanation:
    """The reading of a sentence, and the form of its number that starts at the character."""
    reader = reader_of(vocabulary)
    reading = reader.lexicon.read(sentence)
    forms = {member: group for group in reader.groups(reading) for member in group.members}
    candidates = [
        Number(
            found.value_text,
            forms[i].unit if i in forms else found.unit_token,
            forms[i].form.name if i in forms else None,
            found.start,
        )
        for i, found in reading.numbers.items()
    ]
    rule = next((number.form for number in candidates if number.start == start), None)
    row = next((row for row in vocabulary.forms if rule and row["form"] == rule.removesuffix(LISTED)), None)
    tokens = [
        Piece(
            reading.text(i), sorted(reader.lexicon.classes_of(tag) - _SHAPES), reading.metric(i) or reading.dataset(i)
        )
        for i, tag in enumerate(reading.tags)
    ]
    return Explanation(tokens, candidates, row)
