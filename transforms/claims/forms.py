"""The forms of language in which papers state numbers, as a table: what goes before the number, what comes after, what it means.

The first form that fits a candidate decides; its name is the claim's `rule`, so that a wrong claim can be traced. {UP}, {DOWN},
{METRIC} and {THAN} stand for the vocabularies' words.
"""

import re
from dataclasses import dataclass, replace

from transforms.claims.candidates import Candidate
from transforms.vocabulary import Vocabulary, any_of

# Words that may stand between a cue and its number.
_SMALL_WORDS = (
    "absolute absolutely relative relatively average averaged mean overall significant additional additionally further only merely just "
    "a an the of by in on up to at least most more than over about around nearly approximately almost roughly its their"
).split()
_FILL = rf"(?:\W+(?:{'|'.join(_SMALL_WORDS)})\b){{0,5}}\W{{0,3}}"
# What may follow a metric's name before its value.
_NOUN = r"(?:\s(?:score|scores|rate|rates|value))?"
_REACHES = r"(?:\s(?:of|is|at|to|as|from|with|reaches|reaching|below|above|exceeding))?"
# Between two numbers of one list: a comma or "and"; before it what the first was measured on
# or against, behind it another thing that changed ("and memory by").
_NEXT = r"(?:\s?,\s?(?:and\s)?|\sand\s|\sor\s)(?:(?:an?|average|another|even|further|up|to|by|of|with)\s)*"
_NEXT_IN_LIST = re.compile(_NEXT)
_LIST_GOES_ON = re.compile(r"(?:\s(?:on|over|for|in|against|with|to|from)\b[^;()]{0,60}?)?" + _NEXT + r"(?:(?:[\w-]+\s){1,3}by\s)?")


@dataclass(frozen=True)
class Form:
    name: str
    before: str  # must match up to the number
    after: str  # must match from behind the number and its unit
    units: frozenset[str]
    kind: str  # 'level' or 'change'
    direction: str | None
    subject: str
    confidence: float

    @property
    def names_metric_first(self) -> bool:
        """Whether the metric is to be looked for before the number ("improves accuracy by 3%") rather than after it ("3% higher F1")."""
        return self.name.endswith(("_by", "_level", "_before"))


def _form(name: str, before: str, after: str, units: str, meaning: str, confidence: float, subject: str = "proposed") -> Form:
    kind, _, direction = meaning.partition(" ")
    return Form(name, before, after, frozenset(units.split()), kind, direction or None, subject, confidence)


FORMS = [
    _form("from_level", r"\bfrom\W{1,3}(?:{METRIC}\s(?:of\s)?)?$", r"^[^.;]{0,60}\bto\b", "percent score times", "level", 0.9, "baseline"),
    _form("to_level", r"\bfrom\b[^.;]{0,60}\bto\W{1,3}(?:{ABOUT}\s)?$", r"", "percent score", "level", 0.9),
    _form("signed_up", r"\+$", r"", "percent points score times", "change up", 0.9),
    _form("times_less", r"", r"^\s?(?:{FILL_ONE}\s)?{DOWN}", "times", "change down", 0.9),
    _form("times_more", r"", r"^\s?(?:{FILL_ONE}\s)?{UP}", "times", "change up", 0.9),
    _form("share_less", r"", r"^\s?(?:{FILL_ONE}\s)?{DOWN}", "percent points", "change down", 0.9),
    _form("share_more", r"", r"^\s?(?:{FILL_ONE}\s)?{UP}", "percent points", "change up", 0.9),
    _form("change_down_by", rf"{{DOWN}}(?:\s[\w'-]+){{0,6}}?\sby{_FILL}$", r"", "percent points times score", "change down", 0.85),
    _form("change_up_by", rf"(?:{{UP}}|better)(?:\s[^.;]{{0,80}}?)?\sby{_FILL}$", r"", "percent points times score", "change up", 0.85),
    _form("noun_down", rf"{{DOWN}}{_FILL}$", r"", "percent points times", "change down", 0.8),
    _form("noun_up", rf"{{UP}}{_FILL}$", r"", "percent points times", "change up", 0.8),
    _form("bare_times", r"", r"", "times", "change up", 0.5),
    _form("bare_points", r"", r"", "points", "change up", 0.5),
    _form("metric_before", rf"{{METRIC}}{_NOUN}{_REACHES}{_FILL}$", r"", "percent score", "level", 0.85),
    _form("metric_after", r"", r"^\s?(?:in\s|of\s|on\s)?(?:[\w-]+\s){0,2}?{METRIC}", "percent score", "level", 0.8),
    _form("share", r"", r"", "percent", "level", 0.5),
]  # fmt: skip


Found = tuple[Candidate, str, Form]  # a number, its unit, and the form that makes it a claim
FALLBACKS = ("share", "bare_times", "bare_points")  # the forms that say nothing but that there is a number


class Forms:
    """The table made ready for one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        words = {
            "{UP}": any_of(vocabulary.cues("change_up")),
            "{DOWN}": any_of(vocabulary.cues("change_down")),
            "{METRIC}": any_of(vocabulary.metrics),
            "{ABOUT}": any_of(vocabulary.cues("bound_about")),
            "{FILL_ONE}": r"(?:absolute|relative|average|overall|mean|accuracy|performance|points?|the|in|of|memory|inference|training|\w+)",
        }
        self._forms = [(form, _compiled(form.before, words), _compiled(form.after, words)) for form in FORMS]

    def fitting(self, sentence: str, candidate: Candidate, unit: str) -> Form | None:
        """The first form that fits the candidate in its sentence, or None: then the number is no claim."""
        before, after = sentence[: candidate.start] + ("+" if candidate.value_text.startswith("+") else ""), sentence[candidate.phrase_end :]
        for form, form_before, form_after in self._forms:
            if unit in form.units and form_before.search(before) and form_after.search(after):
                return form
        return None

    def in_lists(self, sentence: str, found: list[Found]) -> list[Found]:
        """The same numbers, those that go on a list of changes made changes too ("by 3% on A, 4% on B", "0.6%, 2% gain")."""
        for i in range(1, len(found)):
            found[i] = self._listed(sentence, found[i - 1], found[i], found[i - 1])
        for i in reversed(range(1, len(found))):
            found[i - 1] = self._listed(sentence, found[i - 1], found[i], found[i])
        return found

    def _listed(self, sentence: str, first: Found, second: Found, model: Found) -> Found:
        """The neighbour of the model, of the two numbers first and second, as a change like the model where they are a list."""
        (_, model_unit, model_form), other = model, second if model is first else first
        candidate, unit, form = other
        between = sentence[first[0].phrase_end : second[0].start]
        goes_on = _NEXT_IN_LIST.fullmatch(between) or (form.name in FALLBACKS and model is first and _LIST_GOES_ON.fullmatch(between))
        if (form.kind == "change" and form.name not in FALLBACKS) or model_form.kind != "change" or unit != model_unit or not goes_on:
            return other
        return candidate, unit, replace(model_form, name="listed", confidence=0.7)


def _compiled(pattern: str, words: dict[str, str]) -> re.Pattern[str]:
    for name, alternatives in words.items():
        pattern = pattern.replace(name, alternatives)
    return re.compile(pattern, re.I)
