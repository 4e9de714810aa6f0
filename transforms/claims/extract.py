"""From texts to claims: each free number of a sentence, the form that makes it a claim, and what the claim speaks
of."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import polars as pl

from transforms.claims.attributes import Attributes
from transforms.claims.conditions import deal_conditions, find_condition_text
from transforms.claims.datasets import Datasets, Names
from transforms.claims.forms import Forms
from transforms.claims.groups import Group, Grouping
from transforms.claims.metrics import MeasuredName, Metrics
from transforms.claims.prefilter import may_claim
from transforms.claims.scorer import Choice, Scorer, read_scorer
from transforms.claims.spellings import make_lexicon
from transforms.claims.tokens import Tokens
from transforms.frames import CLAIMS
from transforms.text.sentences import find_sentence_spans, split_sentences
from transforms.vocabulary import Vocabulary

EXTRACTOR_VERSION = "7"

Row = dict[str, Any]
_CLAIMS_WITHIN = 2  # sentences before one that goes on with their datasets
_REMEMBERED_SENTENCES = 64
_REMEMBERED_NAMES = 8192


def extract_claims(texts: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """texts (text_id, title, abstract; cleaned) → CLAIMS, in the order of the texts and of the numbers in them.

    Only sentences with a number of a claim's shape are read.
    """
    reader = make_reader(vocabulary)
    found = split_sentences(texts, *may_claim(vocabulary))
    titles = dict(texts.select("text_id", "title").iter_rows())
    rows: list[Row] = [
        {
            **claim,
            "text_id": text_id,
            "section": section,
            "sentence_index": index,
            "char_start": start + claim["char_start"],
            "char_end": start + claim["char_end"],
            "evidence": sentence,
        }
        for text_id, section, text, index, start, sentence in found.iter_rows()
        for claim in reader.claims(sentence, text[:start], titles[text_id])
    ]
    return pl.DataFrame(rows, schema=CLAIMS)


@cache
def make_reader(vocabulary: Vocabulary) -> "ClaimReader":
    """The reader of a vocabulary, made once, as that takes a tenth of a second."""
    reader = ClaimReader(vocabulary)
    gc.freeze()  # it lives as long as the process: the collector of garbage need not look at it again and again
    return reader


@dataclass(frozen=True, slots=True)
class Chosen:
    """A group of numbers of a sentence, with the choice of its metrics and that of its datasets."""

    group: Group
    metrics: Choice[MeasuredName]
    datasets: Choice[list[str]]


class ClaimReader:
    """Reads sentences with one vocabulary and one scorer."""

    def __init__(self, vocabulary: Vocabulary, scorer: Scorer | None = None) -> None:
        self.lexicon = make_lexicon(vocabulary)
        self._scorer = scorer or read_scorer()
        self._grouping = Grouping(self.lexicon, Forms(vocabulary.forms, self.lexicon), vocabulary.units)
        self._attributes = Attributes(self.lexicon, vocabulary.bounds)
        self._metrics = Metrics(self.lexicon, self._scorer)
        self._datasets = Datasets(self.lexicon, self._scorer, vocabulary.models, vocabulary.fields)
        # The sentences of a text stand before several others of it.
        self._named_before = lru_cache(maxsize=_REMEMBERED_SENTENCES)(self._find_named)
        # Names come again and again.
        self._split_dataset = lru_cache(maxsize=_REMEMBERED_NAMES)(vocabulary.split_dataset)
        self._split_metric = lru_cache(maxsize=_REMEMBERED_NAMES)(vocabulary.split_metric)
        self._join_conditions = vocabulary.join_conditions

    def claims(self, sentence: str, before: str, title: str = "") -> Iterator[Row]:
        """A row of CLAIMS for each claim of a sentence, placed in the sentence; before: the section up to it."""
        tokens = self.read(sentence, before)
        found = self.choices(tokens, before, title)
        dealt = deal_conditions(tokens, [chosen.group for chosen in found]) if found else {}
        for chosen in found:
            group = chosen.group
            metrics, datasets = chosen.metrics.best.values, chosen.datasets.best.values
            if group.form.needs_metric and group.unit != "percent" and metrics[0].name is None:
                continue
            comparator = self._attributes.comparator(tokens, group) if group.form.kind == "change" else None
            bound = self._attributes.bound(tokens, group.first)
            confidence = self._scorer.confidence(
                group.form.confidence, chosen.metrics.probability, chosen.datasets.probability
            )
            for member, metric, names in zip(group.members, metrics, datasets, strict=True):
                candidate, own_bound = tokens.numbers[member], self._attributes.bound(tokens, member)
                named: dict[str, str] = {}  # the canonical name → the first spelling
                conditions = [*dealt.get(member, ())]
                for name in names:
                    dataset, its_own = self._split_dataset(name)
                    named.setdefault(dataset, name)
                    conditions += its_own
                if metric.written:
                    conditions += self._split_metric(metric.written)[1]
                yield {
                    "char_start": candidate.start,
                    "char_end": candidate.end,
                    "value_text": candidate.value_text,
                    "value": candidate.value,
                    "value_high": candidate.value_high,
                    "unit": group.unit,
                    "kind": group.form.kind,
                    "direction": group.form.direction,
                    "bound": bound if own_bound == "exact" else own_bound,
                    "metric": metric.name,
                    "metric_text": metric.written,
                    "subject": group.form.subject,
                    "comparator": comparator,
                    "datasets": list(named),
                    "dataset_texts": list(named.values()),
                    "condition": self._join_conditions(named, conditions),
                    "condition_text": find_condition_text(sentence, candidate.end, list(named.values())),
                    "confidence": confidence,
                    "is_optional": group.form.is_optional,
                    "rule": group.form.name,
                    "extractor_version": EXTRACTOR_VERSION,
                }

    def read(self, sentence: str, before: str) -> Tokens:
        """The sentence as tokens; abbreviations of metrics that the text has defined so far are known."""
        return self.lexicon.read(sentence, self.lexicon.defined_metrics(f"{before}{sentence}"))

    def choices(self, tokens: Tokens, before: str, title: str = "") -> list[Chosen]:
        """The numbers of a sentence that are claims, with what was proposed and picked for each."""
        groups = self.groups(tokens)
        if not groups:
            return []
        metrics = self._metrics.choices(tokens, groups)
        datasets = self._datasets.choices(tokens, groups, title, lambda: self._names_before(before, title))
        return [Chosen(*each) for each in zip(groups, metrics, datasets, strict=True)]

    def groups(self, tokens: Tokens) -> list[Group]:
        """The numbers of a sentence that are claims."""
        return self._grouping.groups(tokens)

    def _names_before(self, before: str, title: str) -> Names:
        """The datasets that stand before a sentence: those of the claims right before it, the one that the paper
        introduces, and those that a sentence says it was evaluated on."""
        names: dict[str, tuple[list[str], int]] = {}
        if titled := self._datasets.titled(title):
            names["titled"] = (titled, 1)
        may_introduce = self._datasets.may_introduce(before)
        if before and (may_introduce or self.lexicon.has_number(before) or self._datasets.may_evaluate(before)):
            earlier = [before[start:end] for start, end in reversed(find_sentence_spans(before))]
            for distance, sentence in enumerate(earlier, start=1):
                for way, found in self._named_before(sentence, distance <= _CLAIMS_WITHIN):
                    names.setdefault(way, (found, distance))
        return names

    def _find_named(self, sentence: str, may_claim: bool) -> list[tuple[str, list[str]]]:
        """The names of an earlier sentence, by what they are in it: of its claims, introduced, evaluated on."""
        may_claim = may_claim and self.lexicon.has_number(sentence)
        may_introduce, may_evaluate = self._datasets.may_introduce(sentence), self._datasets.may_evaluate(sentence)
        if not (may_claim or may_introduce or may_evaluate):
            return []
        tokens = self.lexicon.read(sentence)
        introduced = self._datasets.introduced(tokens) if may_introduce else []
        evaluated = self._datasets.named(tokens) if may_evaluate else []
        # Last, as it changes the classes of tokens within ranges and brackets.
        claimed = self._datasets.named(tokens) if may_claim and self.groups(tokens) else []
        found = (("claims", claimed), ("introduced", introduced), ("evaluated", evaluated))
        return [(way, names) for way, names in found if names]
