"""Which numbers of a sentence are claims, and which of them belong together: lists, ranges, and numbers that go on a
list."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from transforms.claims.candidates import Candidate
from transforms.claims.forms import Form, Forms
from transforms.claims.lexicon import Lexicon
from transforms.claims.tokens import CLAUSE_END, NUMBER, Tokens

LISTED = "+listed"  # behind the name of a form that a number takes from the one before it
_LISTED_CONFIDENCE = 0.75
_RANGE_MAX_RATIO = 15  # of the high end of a change to its low end
_DASHES = frozenset("-–—−~∼")
_POINTS_WITHIN = 3  # tokens behind the number: "3.2 absolute accuracy points"


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers of one list ("by 3.2%, 4% and 5%"), as token indices, with the form that they share."""

    members: Sequence[int]
    form: Form
    unit: str
    is_continued: bool = False  # goes on the group before it: "3% on A and 4% on B"
    range_end: int | None = None  # the token of the high end of a range in words: "9% to 34%"

    @property
    def first(self) -> int:
        return self.members[0]

    @property
    def last(self) -> int:
        return self.members[-1] if self.range_end is None else self.range_end


class Grouping:
    """Groups the numbers of a sentence that one form covers. units: spelling → (unit, measure)."""

    def __init__(self, lexicon: Lexicon, forms: Forms, units: Mapping[str, tuple[str, str]]) -> None:
        self._forms = forms
        self._units = units
        self._points = lexicon.tags("points_word")
        self._before_points = lexicon.tags("fill", "metric", "percent")
        self._factor = lexicon.tags("factor")
        self._to, self._and, self._from = lexicon.tags("to"), lexicon.tags("and"), lexicon.tags("from")
        self._between, self._ranging = lexicon.tags("between"), lexicon.tags("ranging")
        self._open, self._close = lexicon.tags("open"), lexicon.tags("close")
        self._small = lexicon.tags("fill", "bound")
        self._filler = lexicon.rarest_tag("fill")
        self._next_metric = re.compile(f"{lexicon.one_of('in', 'of')}?{lexicon.one_of('metric')}")
        remark = lexicon.one_of("word", "fill", "bound", "percent")
        self._remark = re.compile(f"{lexicon.one_of('open')}{remark}{{1,3}}{lexicon.one_of('close')}")
        self._nouns = lexicon.tags("word", "count_noun", "model_word")
        join, small, opened = (
            lexicon.one_of("comma", "and", "or", "slash"),
            lexicon.one_of("fill", "bound"),
            lexicon.one_of("open"),
        )
        aside = f"(?:{opened}{lexicon.none_of(NUMBER, CLAUSE_END)}{{1,4}}{lexicon.one_of('close')})?"
        self._tight = re.compile(f"{aside}(?:{small}*(?:{join}|{opened}{lexicon.one_of('or')}))+{small}*")
        calm = lexicon.none_of(
            NUMBER, CLAUSE_END, "up_verb", "down_verb", "beat_verb", "report_verb", "up_adj", "down_adj", "from"
        )
        self._loose = re.compile(
            f"{calm}{{0,14}}?{lexicon.one_of('comma', 'and', 'or', 'slash', 'but', 'while')}{calm}{{0,5}}"
        )

    def groups(self, tokens: Tokens) -> list[Group]:
        """The numbers that are claims, those of one list together. A range in words ("9% to 34%") becomes one number of
        the tokens."""
        self._hide_asides(tokens)
        self._merge_ranges(tokens)
        found: list[Group] = []
        previous: list[int] = []
        for members, unit in self._join_lists(tokens):
            model = found[-1] if found and found[-1].members is previous else None
            if model and self._ends_range(tokens, model, members[0]):
                _widen(tokens, model.last, members[0])
                found[-1] = replace(model, range_end=members[0])
                continue
            form = self._form(tokens, members, unit)
            if model and self._is_continued(tokens, model, members, unit, form):
                found.append(Group(members, _listed(model.form), unit, is_continued=True))
            elif form:
                found.append(Group(members, form, unit))
            previous = members
        return found

    def _hide_asides(self, tokens: Tokens) -> None:
        """Makes a bracket right behind a number fill, where it only says of what kind it is: "3% (absolute)"."""
        for i in tokens.numbers:
            match = self._remark.match(tokens.tags, i + 1)
            if match and tokens.text(i + 2, match.end() - 2).islower():
                tokens.retag(dict.fromkeys(range(i + 1, match.end()), self._filler))

    def _merge_ranges(self, tokens: Tokens) -> None:
        """Makes one number of a range in words: "between 2% and 5%", "70 to 80% success rates", "1 − 3 points"."""
        numbers = list(tokens.numbers)
        for low, high in pairwise(numbers):
            if high != low + 2 or low not in tokens.numbers:
                continue
            joint, lead = tokens.tags[low + 1], self._lead(tokens, low)
            is_range = (
                (joint in self._to and (lead in self._ranging or lead not in self._from))
                or (joint in self._and and lead in self._between)
                or tokens.text(low + 1) in _DASHES
            )
            is_second_pair = (  # "from 75% to 79% and 79% to 83%"
                any(number < low and tokens.tags[number - 1] in self._to for number in numbers)
                and tokens.tags[low - 1] in self._and
            )
            in_bracket = lead in self._open and tokens.tags[high + 1 : high + 2] in self._close
            if is_second_pair or (in_bracket and joint in self._to):
                continue
            if is_range and self._is_range(tokens, low, high):
                _widen(tokens, low, high)
                del tokens.numbers[high]
                tokens.retag(dict.fromkeys((low + 1, high), self._filler))

    def _lead(self, tokens: Tokens, i: int) -> str:
        """What leads to a number, over small words; of "ranging from" the first."""
        i -= 1
        while i >= 0 and tokens.tags[i] in self._small:
            i -= 1
        if i > 0 and tokens.tags[i] in self._from and tokens.tags[i - 1] in self._ranging:
            i -= 1
        return tokens.tags[i] if i >= 0 else ""

    def _is_range(self, tokens: Tokens, low: int, high: int) -> bool:
        first, last = tokens.numbers[low], tokens.numbers[high]
        return (
            first.value < last.value <= _RANGE_MAX_RATIO * first.value
            and first.value_high is None
            and last.value_high is None
            and first.unit_token in (None, last.unit_token)
            and not (first.is_whole and last.is_whole)
        )

    def _join_lists(self, tokens: Tokens) -> list[tuple[list[int], str]]:
        """The free numbers, those that only commas, "and" and small words join together, and their unit."""
        lists: list[tuple[list[int], str]] = []
        for i in tokens.numbers:
            unit = self._unit(tokens, i)
            if lists:
                members, last_unit = lists[-1]
                is_next = self._tight.fullmatch(tokens.tags[members[-1] + 1 : i]) and not self._begins_range(tokens, i)
                if is_next and unit in (last_unit, _unit_of_list(last_unit, unit)):
                    members.append(i)
                    lists[-1] = (members, unit)
                    continue
            lists.append(([i], unit))
        return lists

    def _begins_range(self, tokens: Tokens, i: int) -> bool:
        """As in "78% to 83%"."""
        return tokens.tags[i + 1 : i + 2] in self._to and i + 2 in tokens.numbers

    def _unit(self, tokens: Tokens, i: int) -> str:
        candidate = tokens.numbers[i]
        if candidate.unit_token:
            return self._units[candidate.unit_token][0]
        if i and tokens.tags[i - 1] in self._factor:
            return "times"
        for tag in tokens.tags[i + 1 : i + 1 + _POINTS_WITHIN]:
            if tag in self._points:
                return "points"
            if tag not in self._before_points:
                break
        return "count" if candidate.has_magnitude else "score"

    def _form(self, tokens: Tokens, members: list[int], unit: str) -> Form | None:
        last = tokens.numbers[members[-1]]
        is_whole = unit == "score" and last.is_whole
        form = self._forms.fitting(tokens, members[0], members[-1], self._measure(last, unit), is_whole)
        return None if form and form.kind == "level" and is_whole and self._counts(tokens, members[-1] + 1) else form

    def _counts(self, tokens: Tokens, i: int) -> bool:
        """Whether the token makes a bare whole number before it a count: "41 datasets", "4,000 errors"."""
        if i == len(tokens):
            return False
        return tokens.tags[i] in self._nouns or (
            tokens.text(i).islower() and tokens.text(i).endswith("s") and tokens.metric(i) is not None
        )

    def _measure(self, candidate: Candidate, unit: str) -> str:
        return self._units[candidate.unit_token][1] if candidate.unit_token else unit

    def _is_continued(self, tokens: Tokens, model: Group, members: list[int], unit: str, form: Form | None) -> bool:
        is_next_metric = bool(form) and self._goes_on_with_metric(tokens, model, members)
        if (form and not form.is_weak and not is_next_metric) or not (
            unit == model.unit or {unit, model.unit} == {"points", "percent"}
        ):
            return False
        if tokens.numbers[members[0]].is_whole and not tokens.numbers[model.members[-1]].is_whole:
            return False
        return bool(self._loose.fullmatch(tokens.tags[model.last + 1 : members[0]]))

    def _goes_on_with_metric(self, tokens: Tokens, model: Group, members: list[int]) -> bool:
        """As in "by 3.2 BLEU on X, and 1.4 F1 on Y": a metric behind both numbers, of which the first is a change
        by what stands before it."""
        return (
            model.form.kind == "change"
            and model.form.after is None
            and all(self._next_metric.match(tokens.tags, last + 1) for last in (model.last, members[-1]))
        )

    def _ends_range(self, tokens: Tokens, model: Group, i: int) -> bool:
        """Whether the number is the high end of a change: "gains of 9% to 34%". In "falls by 28% to 1.5%" and "rises by
        3% to 81%" it is the level that is reached."""
        low, high = tokens.numbers[model.last].value, tokens.numbers[i].value
        return (
            model.form.kind == "change"
            and i == model.last + 2
            and tokens.tags[i - 1] in self._to
            and low <= high <= _RANGE_MAX_RATIO * low
        )


def _unit_of_list(unit: str, following: str) -> str:
    """The unit of a bare number is that of the next one of its list: "3.3 and 2.7 points"."""
    return following if unit == "score" else unit


def _listed(form: Form) -> Form:
    """The form of a number that goes on a list: named so, and less sure."""
    return replace(
        form, name=form.name.removesuffix(LISTED) + LISTED, confidence=min(form.confidence, _LISTED_CONFIDENCE)
    )


def _widen(tokens: Tokens, i: int, j: int) -> None:
    low, high = tokens.numbers[i], tokens.numbers[j]
    text = tokens.sentence[low.start : high.end]
    tokens.numbers[i] = replace(
        low,
        end=high.end,
        phrase_end=high.phrase_end,
        value_text=text,
        value_high=high.value,
        unit_token=low.unit_token or high.unit_token,
        has_magnitude=low.has_magnitude or high.has_magnitude,
    )
