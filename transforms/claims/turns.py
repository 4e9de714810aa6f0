"""Numbers and names that take turns in a sentence, one for one: "by 3.2 on A, 4.1 on B and 5.0 on C"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Span = tuple[int, int]  # first and last token
TURN, OFF_TURN = "turn", "off_turn"  # the features of a name whose turn it is, and of the others


@dataclass(frozen=True, slots=True)
class Turns:
    """names: number → its name; side: of the number that names stand on, "behind" or "before"."""

    side: str = ""
    names: Mapping[Span, Span] = field(default_factory=dict)

    def name_of(self, number: Span) -> Span | None:
        """The name of the number, or of the one that it is a part of; None where they do not take turns."""
        return next((name for (first, last), name in self.names.items() if first <= number[0] <= last), None)

    def features(self, is_own: bool) -> list[str]:
        return [TURN, f"{TURN}:{self.side}"] if is_own else [OFF_TURN, f"{OFF_TURN}:{self.side}"]


def take_turns(numbers: Sequence[Span], names: Sequence[Span]) -> Turns:
    """Which name is whose, where numbers and names alternate and there are as many of each, two at least. Both in the
    order of the sentence.

    >>> take_turns([(1, 1), (5, 5)], [(3, 3), (7, 8)]).names
    {(1, 1): (3, 3), (5, 5): (7, 8)}
    >>> take_turns([(3, 3), (7, 7)], [(1, 1), (5, 5), (9, 9)]).names
    {}
    """
    if len(numbers) != len(names) or len(numbers) < 2:
        return Turns()
    pairs = list(zip(numbers, names, strict=True))
    for side, ordered in (("behind", pairs), ("before", [(name, number) for number, name in pairs])):
        flat = [span for pair in ordered for span in pair]
        if all(left[1] < right[0] for left, right in pairwise(flat)):
            return Turns(side, dict(pairs))
    return Turns()
