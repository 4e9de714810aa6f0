"""Numbers and names that take turns in a sentence: "by 3.2 on A, 4.1 on B and 5.0 on C"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from transforms.claims.groups import Group
from transforms.claims.tokens import Tokens

Span = tuple[int, int]  # first and last token
TURN, OFF_TURN = "turn", "off_turn"  # the features of a name whose turn it is, and of the others


@dataclass(frozen=True, slots=True)
class Turns:
    """names: number → its name; side: of the number that names stand on, "behind" or "before"; is_strict: one number a
    name."""

    side: str = ""
    names: Mapping[Span, Span] = field(default_factory=dict)
    is_strict: bool = False

    def name_of(self, number: Span) -> Span | None:
        """The name of the number, or of the one that it is a part of; None where they do not take turns."""
        return next((name for (first, last), name in self.names.items() if first <= number[0] <= last), None)

    def features(self, is_own: bool) -> list[str]:
        """Of a name: whether it is its turn, and how they take turns."""
        turn = TURN if is_own else OFF_TURN
        return [turn, f"{'' if self.is_strict else 'shared_'}{turn}:{self.side}"]


def take_turns(numbers: Sequence[Span], names: Sequence[Span]) -> Turns:
    """Which name is whose, where numbers and names take turns: behind each name, or before each, stands a number, or
    several. Both in the order of the sentence.

    >>> take_turns([(1, 1), (5, 5)], [(3, 3), (7, 8)]).names
    {(1, 1): (3, 3), (5, 5): (7, 8)}
    >>> take_turns([(1, 1), (3, 3), (7, 7)], [(5, 5), (9, 9)]).names
    {(1, 1): (5, 5), (3, 3): (5, 5), (7, 7): (9, 9)}
    >>> take_turns([(3, 3), (7, 7)], [(1, 1), (5, 5), (9, 9)]).names
    {}
    """
    if len(numbers) < len(names) or len(names) < 2:
        return Turns()
    side = "behind" if numbers[0] < names[0] else "before"
    known = set(names)
    ordered = [(span, span in known) for span in sorted([*numbers, *names])]
    if ordered[0][1] == ordered[-1][1] or any(left[1] and right[1] for left, right in pairwise(ordered)):
        return Turns()
    found: dict[Span, Span] = {}
    own: Span | None = None
    for span, is_name in reversed(ordered) if side == "behind" else ordered:
        if is_name:
            own = span
        elif own:
            found[span] = own
    return Turns(side, dict(sorted(found.items())), len(numbers) == len(names))


def join_changes(tokens: Tokens, groups: Sequence[Group], to: frozenset[str]) -> list[tuple[int, int]]:
    """The numbers' places, "from 35.9 % to 59.4 %" as one."""
    spans: list[tuple[int, int]] = []
    for group in groups:
        if spans and spans[-1][1] == group.first - 2 and tokens.tags[group.first - 1] in to:
            spans[-1] = (spans[-1][0], group.last)
        else:
            spans.append((group.first, group.last))
    return spans
