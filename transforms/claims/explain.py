"""Why a number of a sentence is the claim that it is: its tokens with their classes, the form that fits, and the
metrics and datasets that were proposed, with their probabilities."""

from dataclasses import dataclass

from transforms.claims.extract import make_reader
from transforms.claims.groups import LISTED
from transforms.vocabulary import Vocabulary

_SHAPES = {"word", "punctuation"}  # classes that carry no information


@dataclass(frozen=True)
class Token:
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
class Proposal:
    """A metric or list of datasets that was proposed for the number. probability: that it is right, as the scorer has
    it."""

    text: str  # empty for none
    probability: float
    features: list[str]


@dataclass(frozen=True)
class Explanation:
    tokens: list[Token]
    candidates: list[Number]
    form: dict[str, object] | None  # the row of claim_forms behind the number asked for
    metrics: list[Proposal]  # the likeliest first
    dataset_lists: list[Proposal]


def explain(vocabulary: Vocabulary, sentence: str, start: int, before: str = "", title: str = "") -> Explanation:
    """The tokens of a sentence, and what the claim of its number that starts at the character comes from; before: the
    section up to the sentence."""
    reader = make_reader(vocabulary)
    tokens = reader.read(sentence, before)
    chosen = reader.choices(tokens, before, title)
    forms = {member: each.group for each in chosen for member in each.group.members}
    candidates = [
        Number(
            found.value_text,
            forms[i].unit if i in forms else found.unit_token,
            forms[i].form.name if i in forms else None,
            found.start,
        )
        for i, found in tokens.numbers.items()
    ]
    rule = next((number.form for number in candidates if number.start == start), None)
    row = next((row for row in vocabulary.forms if rule and row["form"] == rule.removesuffix(LISTED)), None)
    explained = [
        Token(tokens.text(i), sorted(reader.lexicon.classes_of(tag) - _SHAPES), tokens.metric(i) or tokens.dataset(i))
        for i, tag in enumerate(tokens.tags)
    ]
    asked = [
        (each, i)
        for each in chosen
        for i, member in enumerate(each.group.members)
        if tokens.numbers[member].start == start
    ]
    metrics = [
        Proposal(
            option.values[i].written or option.values[i].name or "",
            round(probability, 3),
            option.features,
        )
        for each, i in asked
        for option, probability in zip(each.metrics.options, each.metrics.probabilities, strict=True)
    ]
    lists = [
        Proposal(", ".join(option.values[i]), round(probability, 3), option.features)
        for each, i in asked
        for option, probability in zip(each.datasets.options, each.datasets.probabilities, strict=True)
    ]
    return Explanation(explained, candidates, row, _likeliest_first(metrics), _likeliest_first(lists))


def _likeliest_first(proposals: list[Proposal]) -> list[Proposal]:
    return sorted(proposals, key=lambda proposal: -proposal.probability)
