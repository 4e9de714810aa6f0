"""From texts to claims: each free number of a sentence, the form that makes it a claim, and what the claim speaks of."""

import re
from functools import cached_property

import polars as pl

from transforms.claims.candidates import Candidate, candidates
from transforms.claims.forms import Form, Forms
from transforms.frames import CLAIMS, conform
from transforms.sections import Section, sections
from transforms.vocabulary import Vocabulary, any_of

EXTRACTOR_VERSION = "1"

# An unknown dataset, by its form: a name with two capitals or digits that "dataset", "benchmark" or the like follows.
_DATASET_BY_FORM = re.compile(
    r"\b[A-Z](?=[\w.+-]*[A-Z0-9])[\w.+-]*\w"
    r"(?=(?:\s(?!on|in|of|for|from|across|over|and|with|to|by)[a-z][\w-]*){0,2}\s(?:datasets?|benchmarks?|corpus|corpora|test sets?)\b)"
)
_COMPARATOR_END = re.compile(r"[,.;:()]|\s(?:on|in|by|with|for|when|while|and|across|using|at|under|without)\s")
_COMPARATOR_MAX_CHARACTERS = 80


def extract_claims(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract) → CLAIMS, in the order of the texts and of the numbers in them."""
    reader = _Reader(vocabulary)
    rows = [
        row
        for section in sections(texts, containing=r"\d")
        for index, (start, end) in enumerate(section.spans)
        for row in reader.claims(section, index, start, section.text[start:end])
    ]
    return conform(rows, CLAIMS)


class _Reader:
    """Reads sentences with one vocabulary, compiled once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._forms = Forms(vocabulary)

    @cached_property
    def _metric(self) -> re.Pattern[str]:
        return re.compile(any_of(self._vocabulary.metrics), re.I)

    @cached_property
    def _dataset(self) -> re.Pattern[str]:
        return re.compile(any_of(self._vocabulary.datasets))

    @cached_property
    def _comparator(self) -> re.Pattern[str]:
        return re.compile(any_of(self._vocabulary.cues("comparator")) + r"\s", re.I)

    @cached_property
    def _bounds(self) -> list[tuple[str, re.Pattern[str]]]:
        return [
            (role.removeprefix("bound_"), re.compile(rf"{any_of(self._vocabulary.cues(role))}\s?(?:an?\s|the\s)?(?:average\s(?:of\s)?)?$", re.I))
            for role in self._vocabulary.bounds
        ]

    def claims(self, section: Section, sentence_index: int, sentence_start: int, sentence: str) -> list[dict[str, object]]:
        """The rows, in CLAIMS' columns, of one sentence that starts at sentence_start of its section."""
        found = [
            (candidate, unit, form)
            for candidate in candidates(sentence)
            for unit in [self._vocabulary.units.get(candidate.unit_token or "", "score")]
            if (form := self._forms.fitting(sentence, candidate, unit))
        ]
        if not found:
            return []
        found = self._forms.in_lists(sentence, found)
        datasets = self._datasets_of(sentence, [candidate for candidate, _, _ in found])
        return [
            {
                "text_id": section.text_id,
                "section": section.name,
                "sentence_index": sentence_index,
                "char_start": sentence_start + candidate.start,
                "char_end": sentence_start + candidate.end,
                "evidence": sentence,
                "value_text": candidate.value_text,
                "value": candidate.value,
                "value_high": candidate.value_high,
                "unit": unit,
                "kind": form.kind,
                "direction": form.direction,
                "bound": self._bound(sentence[: candidate.start]),
                **self._metric_of(sentence, candidate, form),
                "subject": form.subject,
                "comparator": self._comparator_of(sentence, candidate) if form.kind == "change" else None,
                "datasets": datasets[candidate.start],
                "confidence": form.confidence,
                "is_optional": False,
                "rule": form.name,
                "extractor_version": EXTRACTOR_VERSION,
            }
            for candidate, unit, form in found
        ]

    def _bound(self, before: str) -> str:
        return next((role for role, pattern in self._bounds if pattern.search(before)), "exact")

    def _metric_of(self, sentence: str, candidate: Candidate, form: Form) -> dict[str, object]:
        """The metric word nearest to the number: behind it up to the next number, else before it, else anywhere behind.

        A metric that is only ever a ratio, such as speed, is never a level's.
        """
        hits = [hit for hit in self._metric.finditer(sentence) if form.kind == "change" or self._vocabulary.metrics[hit[0].lower()].unit != "times"]
        before = [hit for hit in hits if hit.end() <= candidate.start]
        after = [hit for hit in hits if hit.start() >= candidate.phrase_end]
        near = [hit for hit in after if not re.search(r"[\d;,]", sentence[candidate.phrase_end : hit.start()])]
        nearest = (before[-1:] or near[:1] if form.names_metric_first else near[:1] or before[-1:]) or after[:1]
        if not nearest:
            return {"metric": None, "metric_text": None, "higher_is_better": None}
        written = nearest[0][0]
        metric = self._vocabulary.metrics[written.lower()]
        return {"metric": metric.name, "metric_text": written, "higher_is_better": metric.higher_is_better}

    def _comparator_of(self, sentence: str, candidate: Candidate) -> str | None:
        match = self._comparator.search(sentence, candidate.phrase_end)
        if not match:
            return None
        end = _COMPARATOR_END.search(sentence + ".", match.end())
        comparator = sentence[match.end() : end.start() if end else None].strip()
        return comparator if 0 < len(comparator) <= _COMPARATOR_MAX_CHARACTERS and not comparator[0].isdigit() else None

    def _datasets_of(self, sentence: str, claimed: list[Candidate]) -> dict[int, list[str]]:
        """For each number, by its start, the datasets that it was measured on: known ones by their canonical names, others as written.

        Those between the number and the next one ("91% on A, 84% on B and C"); for a number that has none, those that
        stand before the first number, and for numbers in a row what their last one has ("91% and 84% on A").
        """
        known = [(hit.start(), self._vocabulary.datasets[hit[0]]) for hit in self._dataset.finditer(sentence)]
        places = {start for start, _ in known}
        hits = sorted(known + [(hit.start(), hit[0]) for hit in _DATASET_BY_FORM.finditer(sentence) if hit.start() not in places])
        leading = [name for start, name in hits if claimed and start < claimed[0].start]
        ends = [*(candidate.start for candidate in claimed[1:]), len(sentence)][: len(claimed)]
        following: list[str] = []
        named: dict[int, list[str]] = {}
        for candidate, end in reversed(list(zip(claimed, ends, strict=True))):
            own = [name for start, name in hits if candidate.start < start < end]
            following = own or following
            named[candidate.start] = list(dict.fromkeys(own or leading or following))
        return named
