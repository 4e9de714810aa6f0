"""Under which conditions the numbers of a sentence were measured."""

import re
from collections.abc import Mapping, Sequence

from transforms.claims.groups import Group
from transforms.claims.tokens import Tokens
from transforms.claims.turns import Span, take_turns
from transforms.conditions import Condition, find_conditions

# Between conditions that hold together: "5-way 1-shot"; more is a list: "1-shot and 5-shot".
_TOGETHER = re.compile(r"[ ,(]{0,2}")
_NOUN = r"(?:sets?|splits?|subsets?|settings?|tracks?|protocols?|scenarios?|partitions?|levels?)"
_UNKNOWN = re.compile(rf"[ (]{{1,2}}((?:[\w-]+ ){{1,3}}{_NOUN})\b")
_KNOWN_WORDS = re.compile(rf"\b(?:the|a|an|and|or|of|in|on|data|test|training|{_NOUN})\b", re.I)


def deal_conditions(tokens: Tokens, groups: Sequence[Group]) -> Mapping[int, Sequence[str]]:
    """Token of a number → its conditions. Where conditions and numbers take turns, or are lists of one length, each
    number has its own; else what stands before all numbers is of all, and what stands behind one of that one."""
    found = sorted(find_conditions(tokens.sentence), key=lambda each: each.start)
    numbers = {
        member: span
        for group in groups
        for member in group.members
        for span in [(tokens.numbers[member].start, tokens.numbers[member].end)]
        if not any(each.start < span[1] and span[0] < each.end for each in found)  # "10% labels"
    }
    joined = _join(tokens.sentence, found)
    if not joined:
        return {}
    if len(joined) == len(numbers):
        return dict(zip(numbers, joined.values(), strict=True))
    turns = take_turns(sorted(numbers.values()), list(joined))
    dealt: dict[int, list[str]] = {}
    for member, number in numbers.items():
        own = turns.name_of(number)
        places = [own] if own else [place for place in joined if not turns.names and _is_of(place, number, numbers)]
        dealt[member] = [name for place in places for name in joined[place]]
    return dealt


def _is_of(condition: Span, number: Span, numbers: Mapping[int, Span]) -> bool:
    """Whether a condition stands before all numbers, or the number is the last before it."""
    before = [span for span in numbers.values() if span < condition]
    return not before or max(before) == number


def _join(sentence: str, found: Sequence[Condition]) -> dict[Span, list[str]]:
    """Place → conditions that hold together."""
    joined: dict[Span, list[str]] = {}
    for i, each in enumerate(found):
        if i and _TOGETHER.fullmatch(sentence, found[i - 1].end, each.start):
            start, names = list(joined)[-1][0], joined.popitem()[1]
            joined[start, each.end] = [*names, each.name]
        else:
            joined[each.start, each.end] = [each.name]
    return {place: names for place, names in joined.items() if any(names)}


def find_condition_text(sentence: str, number_end: int, datasets: Sequence[str]) -> str | None:
    """Words behind a dataset's name that say which part or protocol of it is meant, and that no vocabulary knows.

    >>> find_condition_text("92.6 on Brick World hard scenarios", 4, ["Brick World"])
    'hard scenarios'
    >>> find_condition_text("92.6 on the ImageNet test set", 4, ["ImageNet"])
    """
    for dataset in datasets:
        place = sentence.find(dataset, number_end)
        place = place if place >= 0 else sentence.find(dataset)
        match = _UNKNOWN.match(sentence, place + len(dataset)) if place >= 0 else None
        if match and not find_conditions(match[1]) and _KNOWN_WORDS.sub("", match[1]).strip():
            return match[1]
    return None
