"""From texts to claims: each free number of a sentence, the form that makes it a claim, and what the claim speaks of."""

import re
from dataclasses import replace

import polars as pl

from transforms.claims.attributes import Attributes, Group
from transforms.claims.candidates import Candidate
from transforms.claims.datasets import Datasets
from transforms.claims.forms import Form, Forms
from transforms.claims.lexicon import lexicon_of
from transforms.claims.reading import Reading
from transforms.frames import CLAIMS, conform
from transforms.sections import Section, sections
from transforms.vocabulary import Vocabulary

EXTRACTOR_VERSION = "2"

CONTAINING = r"\d"
_LISTED_CONFIDENCE = 0.75


def extract_claims(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract) → CLAIMS, in the order of the texts and of the numbers in them."""
    reader = Reader(vocabulary)
    rows = [row for section in sections(texts, containing=CONTAINING) for row in reader.claims(section)]
    return conform(rows, CLAIMS)


class Reader:
    """Reads sentences with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._units = vocabulary.units
        self._metrics = vocabulary.metrics
        self.lexicon = lexicon_of(vocabulary)
        self.forms = Forms(vocabulary.forms, self.lexicon)
        self._attributes = Attributes(self.lexicon, vocabulary.bounds)
        self._datasets = Datasets(self.lexicon, vocabulary.models, vocabulary.fields)
        letters = self.lexicon.letters_of
        self._points = frozenset(letters(["points_word"]))
        self._factor = frozenset(letters(["factor"]))
        self._to = frozenset(letters(["to"]))
        self._before_points = frozenset(letters(["fill", "metric", "percent"]))
        join = letters(["comma", "and", "or", "slash"])
        small = letters(["fill", "bound"])
        opened, closed, any_or = letters(["open"]), letters(["close"]), letters(["or"])
        aside = f"(?:[{opened}][^{letters(['number', 'clause_end'])}]{{1,4}}[{closed}])?"
        self._tight = re.compile(f"{aside}(?:[{small}]*(?:[{join}]|[{opened}][{any_or}]))+[{small}]*")
        verbs = letters(["number", "clause_end", "up_verb", "down_verb", "beat_verb", "report_verb", "up_adj", "down_adj", "from"])
        self._loose = re.compile(f"[^{verbs}]{{0,14}}?[{join}{letters(['but', 'while', 'with'])}][^{verbs}]{{0,5}}")
        self._nouns = frozenset(letters(["word", "count_noun", "model_word"]))

    def claims(self, section: Section) -> list[dict[str, object]]:
        """The rows, in CLAIMS' columns, of a title or an abstract."""
        return [row for index in range(len(section.spans)) for row in self._sentence_claims(section, index)]

    def _sentence_claims(self, section: Section, index: int) -> list[dict[str, object]]:
        sentence_start, sentence = section.spans[index][0], section.sentence(index)
        if not any(c.isdigit() for c in sentence):
            return []
        reading = self.lexicon.read(sentence)
        groups = self.groups(reading)
        if not groups:
            return []
        named = self._datasets.of_groups(reading, groups)
        if not any(name for names in named for name in names):
            named = [[self._context(section, index, group)] * len(group.members) for group in groups]
        rows: list[dict[str, object]] = []
        for group, datasets in zip(groups, named, strict=True):
            metrics = self._attributes.metrics(reading, group)
            if group.form.needs_metric and group.unit != "percent" and metrics[0].name is None:
                continue
            comparator = self._attributes.comparator(reading, group) if group.form.kind == "change" else None
            bound = self._attributes.bound(reading, group.first)
            for member, metric, names in zip(group.members, metrics, datasets, strict=True):
                candidate = reading.numbers[member]
                own_bound = self._attributes.bound(reading, member)
                rows.append(
                    {
                        "text_id": section.text_id,
                        "section": section.name,
                        "sentence_index": index,
                        "char_start": sentence_start + candidate.start,
                        "char_end": sentence_start + candidate.end,
                        "evidence": sentence,
                        "value_text": candidate.value_text,
                        "value": candidate.value,
                        "value_high": candidate.value_high,
                        "unit": group.unit,
                        "kind": group.form.kind,
                        "direction": group.form.direction,
                        "bound": bound if own_bound == "exact" else own_bound,
                        "metric": metric.name,
                        "metric_text": metric.written,
                        "higher_is_better": self._is_better(metric.name),
                        "subject": group.form.subject,
                        "comparator": comparator,
                        "datasets": names,
                        "confidence": group.form.confidence,
                        "is_optional": group.form.is_optional,
                        "rule": group.form.name,
                        "extractor_version": EXTRACTOR_VERSION,
                    }
                )
        return rows

    def _context(self, section: Section, index: int, group: Group) -> list[str]:
        """The datasets of a claim whose sentence names none: those of claims right before it; for a level, the one that the paper introduces."""
        if index:
            before = self.lexicon.read(section.sentence(index - 1))
            if before.numbers and self.groups(before) and (names := self._datasets.named(before)):
                return names
        earlier = range(index - 1, -1, -1) if group.form.kind == "level" else ()
        return next((names for i in earlier if (names := self._datasets.introduced(self.lexicon.read(section.sentence(i))))), [])

    def _is_better(self, name: str | None) -> bool | None:
        known = self._metrics.get(name or "")
        return known.higher_is_better if known else None

    def groups(self, reading: Reading) -> list[Group]:
        """The numbers that are claims, those of one list together."""
        found: list[Group] = []
        previous: list[int] = []
        for members, unit in self._lists(reading):
            form = self._form(reading, members, unit)
            model = found[-1] if found and found[-1].members is previous else None
            if model and self._ends_range(reading, model, members[0]):
                self._widen(reading, model, members[0])
                continue
            if model and self._goes_on(reading, model, members, unit, form):
                found.append(Group(members, self._listed(model.form), unit, is_continued=True))
            elif form:
                found.append(Group(members, form, unit))
            previous = members
        return found

    def _lists(self, reading: Reading) -> list[tuple[list[int], str]]:
        """The free numbers, those that only commas, "and" and small words join together, and their unit."""
        lists: list[tuple[list[int], str]] = []
        for i in reading.numbers:
            unit = self._unit(reading, i)
            if lists:
                members, last_unit = lists[-1]
                if self._tight.fullmatch(reading.tags[members[-1] + 1 : i]) and (last_unit == unit or last_unit == "score"):
                    members.append(i)
                    lists[-1] = (members, unit)
                    continue
            lists.append(([i], unit))
        return lists

    def _unit(self, reading: Reading, i: int) -> str:
        candidate = reading.numbers[i]
        if candidate.unit_token:
            return self._units[candidate.unit_token][0]
        if i and reading.tags[i - 1] in self._factor:
            return "times"
        for j in range(i + 1, min(i + 4, len(reading.tokens))):
            if reading.tags[j] in self._points:
                return "points"
            if reading.tags[j] not in self._before_points:
                break
        return "count" if candidate.has_magnitude else "score"

    def _measure(self, candidate: Candidate, unit: str) -> str:
        return self._units[candidate.unit_token][1] if candidate.unit_token else unit

    def _form(self, reading: Reading, members: list[int], unit: str) -> Form | None:
        last = reading.numbers[members[-1]]
        is_whole = unit == "score" and last.is_whole
        form = self.forms.fitting(reading, members[0], members[-1], self._measure(last, unit), is_whole)
        is_counting = is_whole and reading.tags[members[-1] + 1 : members[-1] + 2] in self._nouns
        return None if form and form.kind == "level" and form.metric_side == "before" and is_counting else form

    def _goes_on(self, reading: Reading, model: Group, members: list[int], unit: str, form: Form | None) -> bool:
        if unit != model.unit or (form and not form.is_weak):
            return False
        if reading.numbers[members[0]].is_whole and not reading.numbers[model.last].is_whole:
            return False
        return bool(self._loose.fullmatch(reading.tags[model.last + 1 : members[0]]))

    def _ends_range(self, reading: Reading, model: Group, i: int) -> bool:
        """Whether the number is the high end of a change: "gains of 9% to 34%"."""
        return model.form.kind == "change" and i == model.last + 2 and reading.tags[i - 1] in self._to

    def _widen(self, reading: Reading, model: Group, i: int) -> None:
        low, high = reading.numbers[model.last], reading.numbers[i]
        text = reading.sentence[low.start : high.end]
        reading.numbers[model.last] = replace(low, end=high.end, phrase_end=high.phrase_end, value_text=text, value_high=high.value)

    def _listed(self, form: Form) -> Form:
        return replace(form, name="listed", confidence=min(form.confidence, _LISTED_CONFIDENCE))
