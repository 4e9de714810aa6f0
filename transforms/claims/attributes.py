"""How a claimed number is bounded, and what it is compared with."""

from collections.abc import Sequence

from transforms.claims.groups import Group
from transforms.claims.lexicon import Lexicon
from transforms.claims.metrics import nearest_before, verbs_of_change
from transforms.claims.tokens import Tokens

_COMPARATOR_MAX_TOKENS = 12


class Attributes:
    """Finds bounds and comparators. bounds: 'up_to', 'at_least' …, each a role of cues behind 'bound_'."""

    def __init__(self, lexicon: Lexicon, bounds: Sequence[str]) -> None:
        self._bounds = [(name, lexicon.tags(f"bound_{name}")) for name in bounds]
        self._behind = [(name, lexicon.tags(f"behind_{name}")) for name in ("at_least", "less_than")]
        self._fill = lexicon.tags("fill", "bound", "open")
        self._compared = lexicon.tags("compared")
        self._verbs = verbs_of_change(lexicon)
        self._beats = lexicon.tags("beat_verb", "lose_verb")
        self._comparator_end = lexicon.tags(
            *(
                "comma",
                "clause_end",
                "open",
                "close",
                "number",
                "on",
                "in",
                "by",
                "with",
                "while",
                "for",
                "when",
                "across",
                "using",
                "at",
            )
        )

    def bound(self, tokens: Tokens, first: int) -> str:
        """The nearest word of bound among the small words before the number, or right behind it ("3 points or more");
        else 'exact'.

        'about' only where there is no other: "up to about 3%" is 'up_to'.
        """
        for name, tags in self._behind:
            if tokens.tags[first + 1 : first + 2] in tags:
                return name
        found = "at_least" if tokens.numbers[first].is_minimum else "exact"
        i = first - 1
        while i >= 0 and tokens.tags[i] in self._fill:
            for name, tags in self._bounds:
                if tokens.tags[i] in tags and name != "about":
                    return name
                if tokens.tags[i] in tags:
                    found = name
            i -= 1
        return found

    def comparator(self, tokens: Tokens, group: Group) -> str | None:
        """What the number is compared with: behind "than", "over", "compared to"; or what a verb of winning has as its
        object."""
        verb = nearest_before(tokens, group, self._verbs)
        if group.form.metric_side == "beat" and verb is not None and tokens.tags[verb] in self._beats:
            found = self._until(tokens, verb + 1, group.first)
            if found:
                return found
        for i in range(group.last + 1, len(tokens.tags)):
            if tokens.tags[i] in self._compared:
                return self._until(tokens, i + 1, len(tokens.tags))
        return None

    def _until(self, tokens: Tokens, start: int, end: int) -> str | None:
        last = start
        while last < end and last - start < _COMPARATOR_MAX_TOKENS and tokens.tags[last] not in self._comparator_end:
            last += 1
        return tokens.text(start, last - 1) if last > start else None
