"""From texts to claims: each free number of a sentence, the form that makes it a claim, and what the claim speaks
of."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import polars as pl

from transforms.claims.attributes import Attributes
from transforms.claims.datasets import Datasets
from transforms.claims.forms import Forms
from transforms.claims.groups import Group, Grouping
from transforms.claims.lexicon import lexicon_of, may_claim
from transforms.claims.metrics import Metrics
from transforms.claims.reading import Reading
from transforms.frames import CLAIMS
from transforms.text.sentences import sentence_spans, sentences
from transforms.vocabulary import Vocabulary

EXTRACTOR_VERSION = "2"

Row = tuple[Any, ...]


def extract_claims(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract; cleaned) → CLAIMS, in the order of the texts and of the numbers in them.

    Only sentences with a number of a claim's shape are read.
    """
    reader = reader_of(vocabulary)
    rows: list[Row] = [
        (text_id, section, index, start + claim_start, start + claim_end, sentence, *claim)
        for text_id, section, text, index, start, sentence in sentences(texts, *may_claim(vocabulary)).iter_rows()
        for claim_start, claim_end, *claim in reader.claims(sentence, text[:start])
    ]
    return pl.DataFrame(rows, schema=CLAIMS, orient="row")


@cache
def reader_of(vocabulary: Vocabulary) -> "Reader":
    """The reader of a vocabulary, made once, as that takes a tenth of a second."""
    return Reader(vocabulary)


class Reader:
    """Reads sentences with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.lexicon = lexicon_of(vocabulary)
        self._grouping = Grouping(self.lexicon, Forms(vocabulary.forms, self.lexicon), vocabulary.units)
        self._attributes = Attributes(self.lexicon, vocabulary.bounds)
        self._metrics = Metrics(self.lexicon)
        self._datasets = Datasets(self.lexicon, vocabulary.models, vocabulary.fields)
        self._better = {metric.name: metric.higher_is_better for metric in vocabulary.metrics.values()}

    def claims(self, sentence: str, before: str) -> Iterator[Row]:
        """(start and end in the sentence, then CLAIMS from value_text on) for each claim of a sentence; before: the
        section up to it."""
        reading = self.lexicon.read(sentence)
        groups = self.groups(reading)
        if not groups:
            return
        named = self._datasets.of_groups(reading, groups)
        if not any(name for names in named for name in names):
            context = {kind: self._context(before, kind) for kind in {group.form.kind for group in groups}}
            named = [[context[group.form.kind]] * len(group.members) for group in groups]
        for group, datasets in zip(groups, named, strict=True):
            metrics = self._metrics.of_group(reading, group)
            if group.form.needs_metric and group.unit != "percent" and metrics[0].name is None:
                continue
            comparator = self._attributes.comparator(reading, group) if group.form.kind == "change" else None
            bound = self._attributes.bound(reading, group.first)
            for member, metric, names in zip(group.members, metrics, datasets, strict=True):
                candidate, own_bound = reading.numbers[member], self._attributes.bound(reading, member)
                yield (
                    candidate.start,
                    candidate.end,
                    candidate.value_text,
                    candidate.value,
                    candidate.value_high,
                    group.unit,
                    group.form.kind,
                    group.form.direction,
                    bound if own_bound == "exact" else own_bound,
                    metric.name,
                    metric.written,
                    self._better.get(metric.name or ""),
                    group.form.subject,
                    comparator,
                    names,
                    group.form.confidence,
                    group.form.is_optional,
                    group.form.name,
                    EXTRACTOR_VERSION,
                )

    def groups(self, reading: Reading) -> list[Group]:
        """The numbers of a sentence that are claims."""
        return self._grouping.groups(reading)

    def _context(self, before: str, kind: str) -> list[str]:
        """The datasets of a claim whose sentence names none: those of claims right before it; for a level, the one that
        the paper introduces."""
        if not before:
            return []
        may_introduce = kind == "level" and self._datasets.may_introduce(before)
        if not may_introduce and not self.lexicon.has_number(before):
            return []
        earlier = [before[start:end] for start, end in reversed(sentence_spans(before))]
        if self.lexicon.has_number(earlier[0]):
            reading = self.lexicon.read(earlier[0])
            if self.groups(reading) and (names := self._datasets.named(reading)):
                return names
        if not may_introduce:
            return []
        return next((names for sentence in earlier if (names := self._datasets.introduced(sentence))), [])
