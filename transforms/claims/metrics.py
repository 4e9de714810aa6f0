"""What a claimed number measures: ways of language propose names before and behind the number, and the scorer picks
one, or none."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from transforms.claims.groups import Group
from transforms.claims.lexicon import Lexicon
from transforms.claims.scorer import Choice, Gap, Option, Scorer, unit_class
from transforms.claims.tokens import Tokens
from transforms.claims.turns import Turns, join_changes, take_turns

_PHRASE_MAX_TOKENS = 4
_NOUN_WITHIN = 7  # tokens between a noun of change and its number: "a reduction in training cost of 3×"


@dataclass(frozen=True, slots=True)
class MeasuredName:
    name: str | None  # canonical where the vocabulary knows it, else as written in lower case
    written: str | None


# Finds a token that names the metric, or a metric that no vocabulary knows.
Way = Callable[[Tokens, Group], "int | MeasuredName | None"]

_BROAD = frozenset({"accuracy", "score"})  # behind a metric they say that it is one
_GENERAL = frozenset({"performance", "quality", "results", "gain", "improvement", "score"})
_BESIDE = 3  # tokens behind the number: a known metric there needs no further words
_NEAR_PREPOSITION = 4  # tokens behind the number: "by 3.2 accuracy points", "by 5% in accuracy"
_MANY = 3  # tokens proposed: more count as so many
_NEAR = 20  # tokens from the number within which a metric is proposed


# The ways that suit a form, by its metric_side: what the first that finds something gives is a feature of the scorer.
_WAYS_OF_SIDE = {
    "before": "terms aside item before behind preposition",
    "after": "behind comparative preposition before",
    "around": "behind before preposition next_number",
    "object": "behind near_preposition item object verb object_phrase before preposition",
    "beat": "behind near_preposition object preposition next_number clause quality_before",
    "noun": "aside item behind noun preposition noun_phrase clause quality_before",
    "condition": "preposition comparative",
    "quality": "quality_before",
    "none": "behind",
    "rate": "",
    "any": "behind near_preposition object preposition next_number quality_before",
}
# Ways that propose words that no vocabulary knows.
_PHRASE_WAYS = "aside comparative object_phrase noun_phrase words_behind item_phrase subject_phrase terms_phrase"
_PHRASE_ENDS = (
    *("link", "number", "figure", "comma", "open", "close", "clause_end", "punctuation", "dash", "colon", "compared"),
    *("and", "dataset", "dataset_word", "report_verb", "beat_verb", "up_verb", "versus", "vs"),
    *("behind_at_least", "behind_less_than"),
)


class Metrics:
    """Proposes the metrics of numbers, and has a scorer choose."""

    def __init__(self, lexicon: Lexicon, scorer: Scorer) -> None:
        self._scorer = scorer
        self._gap = Gap(lexicon)
        self._set_classes(lexicon)
        self._set_patterns(lexicon)
        ways: dict[str, Way] = {
            "aside": self._words_aside,
            "before": self._before,
            "behind": self._behind,
            "clause": partial(self._match, self._clause),
            "comparative": self._words_compared,
            "item": self._item,
            "item_phrase": self._item_phrase,
            "near_preposition": partial(self._match, self._preposition, within=_NEAR_PREPOSITION),
            "next_number": self._behind_next,
            "noun": self._noun,
            "noun_phrase": self._noun_phrase,
            "object": self._object,
            "object_phrase": self._object_phrase,
            "preposition": partial(self._match, self._preposition),
            "quality_before": self._quality_before,
            "subject_phrase": self._subject_phrase,
            "terms": partial(self._match, self._terms),
            "terms_phrase": self._terms_phrase,
            "verb": self._verb,
            "words_behind": self._words_behind,
        }
        self._ways = {side: [ways[name] for name in names.split()] for side, names in _WAYS_OF_SIDE.items()}
        self._phrase_ways = {name: ways[name] for name in _PHRASE_WAYS.split()}

    def _set_classes(self, lexicon: Lexicon) -> None:
        tags = lexicon.tags
        self._metric = tags("metric")
        self._quality = tags("quality")
        self._counted = tags("count_noun", "empty_noun")
        self._dataset_words = tags("dataset_word")  # change in size or quality, but are neither
        self._model_words = tags("model_word")
        self._fill = tags("fill", "bound", "open")
        self._leads = tags("fill", "bound", "by", "of", "to", "at", "is", "open")
        self._glue = tags("comma", "and", "or", "slash")
        self._in = tags("in", "of")
        self._in_terms = tags("in_terms")
        self._to = tags("to")
        self._be = tags("be", "is", "fill")
        self._open = tags("open")
        self._changes = tags("up_noun", "down_noun", "up_adj", "down_adj")
        self._verbs = verbs_of_change(lexicon)
        self._phrase_end = tags(*_PHRASE_ENDS)
        self._phrase_begin = self._phrase_end | tags("fill")

    def _set_patterns(self, lexicon: Lexicon) -> None:
        """Regular expressions over the classes of the tokens behind a number; the last one is the metric."""
        one, but = lexicon.one_of, lexicon.none_of
        metric = one("metric")
        near = but("number", "clause_end", "comma", "link")
        inside = but("number", "clause_end", "comma", "dataset", "compared")
        self._direct = re.compile(f"{but('number', 'clause_end', 'comma', 'link', 'open')}{{0,3}}?{metric}")
        self._preposition = re.compile(f"{near}{{0,4}}?{one('in', 'of', 'on', 'for', 'to')}{inside}{{0,5}}?{metric}")
        self._terms = re.compile(f"{near}{{0,2}}?{one('in_terms')}{near}{{0,2}}?{metric}")
        self._clause = re.compile(f"{but('number', 'clause_end', 'comma')}{{0,12}}?{one('in')}{near}{{0,3}}?{metric}")
        self._next = re.compile(f"{near}{{0,3}}?{one('and', 'or', 'slash', 'versus')}{near}{{0,2}}?{one('number')}")

    def choices(self, tokens: Tokens, groups: Sequence[Group]) -> list[Choice[MeasuredName]]:
        """For each group, its options and the one that the scorer picks: a metric a number."""
        choices: list[Choice[MeasuredName]] = []
        turns = self._take_turns(tokens, groups)
        for k in range(len(groups)):
            options = self._options(tokens, groups, k, choices[-1].best.place if choices else None, turns)
            choices.append(self._scorer.choose("metric", options))
        return choices

    def _options(
        self, tokens: Tokens, groups: Sequence[Group], k: int, taken: int | None, turns: Turns
    ) -> list[Option[MeasuredName]]:
        """taken: the token that names the metric of the group before."""
        group = groups[k]
        side = group.form.metric_side
        proposals: dict[int | MeasuredName, list[str]] = {}
        ways = self._ways.get(side, self._ways["any"])
        ruled = next((found for way in ways if (found := way(tokens, group)) is not None), None)
        if ruled is not None:
            proposals[ruled] = ["rule", f"rule:{side}"]
        is_beside = isinstance(ruled, int) and 0 < ruled - group.last <= _BESIDE
        for way in () if is_beside else self._phrase_ways:
            if (phrase := self._phrase_ways[way](tokens, group)) is not None:
                proposals.setdefault(phrase, []).append(f"way:{way}")
        near = _BESIDE if is_beside else _NEAR
        start = max(0, group.first - near)
        for i, tag in enumerate(tokens.tags[start : group.last + near], start):
            if tag in self._metric and not group.first <= i <= group.last:
                proposals.setdefault(i, [])
        if len(group.members) > 1:
            self._join_listed(tokens, group, proposals)
        phrases = [way for found, ways in proposals.items() if isinstance(found, MeasuredName) for way in ways]
        rivals = [f"rival:{way}" for way in phrases if way.startswith("way:")]
        measured = f"{group.form.kind}:{unit_class(group.unit)}"
        options = [
            self._of_phrase(found, features, measured, group)
            if isinstance(found, MeasuredName)
            else self._of_token(
                tokens,
                groups,
                k,
                found,
                [*features, *rivals, *self._describe_turn(tokens, turns, group, found)],
                measured,
                taken,
            )
            for found, features in proposals.items()
        ]
        nothing = MeasuredName(group.form.default_metric, None)
        features = ["none", f"none:{side}", f"none:{measured}", f"none:{group.form.name}"]
        features += [f"none:{rival}" for rival in rivals]
        features.append(f"none:tokens{min(_MANY, sum(isinstance(found, int) for found in proposals))}")
        if ruled is None:
            features += ["rule", "none:rule", f"rule:{side}"]
        if group.form.default_metric:
            features.append("default")
        return [*options, Option([nothing] * len(group.members), None, features)]

    def _take_turns(self, tokens: Tokens, groups: Sequence[Group]) -> Turns:
        """Of numbers and metrics, where no metric stands twice: "3.1 ROUGE-1 and 2.8 ROUGE-2"."""
        spans: list[tuple[int, int]] = []
        for i, tag in enumerate(tokens.tags):
            if tag in self._quality and tag not in self._changes and tokens.metric(i) not in _GENERAL:
                if spans and spans[-1][1] == i - 1:
                    spans[-1] = (spans[-1][0], i)
                else:
                    spans.append((i, i))
        if len({tokens.metric(last) for _, last in spans}) < len(spans):
            return Turns()
        return take_turns(join_changes(tokens, groups, self._to), spans)

    def _describe_turn(self, tokens: Tokens, turns: Turns, group: Group, i: int) -> list[str]:
        own = turns.name_of((group.first, group.last))
        if own is None or tokens.tags[i] not in self._quality:
            return []
        return turns.features(own[0] <= i <= own[1] or tokens.metric(i) == tokens.metric(own[1]))

    def _join_listed(self, tokens: Tokens, group: Group, proposals: dict[int | MeasuredName, list[str]]) -> None:
        """Proposes as one what is listed as the numbers are: "a precision and recall of 83% and 79%"."""
        for i in sorted(found for found in proposals if isinstance(found, int)):
            run = self._run(tokens, i, self._metric)
            if len(run) == len(group.members) and i in proposals:
                heads = [run[-1] + 1] if self._is_head(tokens, run[-1] + 1) else []
                for each in (*run[1:], *heads):
                    proposals[i] += proposals.pop(each, [])

    def _is_head(self, tokens: Tokens, i: int) -> bool:
        """Whether the token is a word such as "scores", which the metrics before it have as their head."""
        return i < len(tokens) and tokens.metric(i) in _GENERAL

    def _of_phrase(self, found: MeasuredName, features: list[str], measured: str, group: Group) -> Option[MeasuredName]:
        words = (found.name or "").count(" ") + 1
        features += [f"{way}:{measured}" for way in features if way.startswith("way:")]
        features += ["phrase", f"phrase:{words}", f"phrase:{measured}", f"phrase:{group.form.metric_side}"]
        return Option([found] * len(group.members), None, features)

    def _of_token(
        self, tokens: Tokens, groups: Sequence[Group], k: int, i: int, features: list[str], measured: str,
        taken: int | None,
    ) -> Option[MeasuredName]:  # fmt: skip
        group, tag = groups[k], tokens.tags[i]
        run = self._run(tokens, i, self._metric) if len(group.members) > 1 else [i]
        is_aligned = len(run) == len(group.members)
        gap = self._gap.features(tokens, groups, k, i, run[-1] if is_aligned else i)
        features += gap
        role = "changes" if tag in self._changes else "quality" if tag in self._quality else "measure"
        if tokens.metric(i) in _GENERAL:
            role = "general"
        features += [role, f"{role}:{measured}", f"{role}:{group.form.metric_side}", f"{role}:{gap[1]}"]
        if not is_aligned and tokens.tags[i + 1 : i + 2] in self._metric:
            features.append("not_head")
        if i == taken:
            features += [f"taken:{each}" for each in features if each.startswith("rival:")]
            features.append("taken:listed" if group.is_continued else "taken")
        if not is_aligned or len(run) == 1:
            return Option([_named(tokens, i)] * len(group.members), i, features)
        return Option([_named(tokens, each) for each in run], i, [*features, "aligned"])

    def _before(self, tokens: Tokens, group: Group) -> int | None:
        """The nearest before the number: of quality, if there is one, for a number that can be a level of it; else of
        anything."""
        nearest = next(
            (
                i
                for i in range(group.first - 1, -1, -1)
                if tokens.tags[i] in self._metric and self._is_level_metric(tokens, i, group)
            ),
            None,
        )
        return (
            nearest
            if group.unit not in ("percent", "score", "points")
            else self._quality_before(tokens, group) or nearest
        )

    def _quality_before(self, tokens: Tokens, group: Group) -> int | None:
        return nearest_before(tokens, group, self._quality)

    def _words_aside(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "and dynamic degree (56.25)": the words before the bracket, for a number that goes on a list."""
        opened = group.first - 1
        if not group.is_continued or opened < 0 or tokens.tags[opened] not in self._open:
            return None
        start = opened
        while start > 0 and tokens.tags[start - 1] not in self._phrase_end:
            start -= 1
        return self._phrase_from(tokens, start, opened)

    def _item(self, tokens: Tokens, group: Group) -> int | None:
        """As in "memory by 3×", behind another number of the same list."""
        if not group.is_continued:
            return None
        i = group.first - 1
        while tokens.tags[i] in self._leads:
            i -= 1
        return i if tokens.tags[i] in self._metric else None

    def _may_be(self, tokens: Tokens, i: int, group: Group) -> bool:
        """Whether the token may name the metric: where one thing beats another, only quality does."""
        return tokens.tags[i] in self._metric and (group.form.metric_side != "beat" or tokens.tags[i] in self._quality)

    def _is_level_metric(self, tokens: Tokens, i: int, group: Group) -> bool:
        """A word that is only ever a comparison, such as "faster", names no level's metric."""
        return group.form.kind == "change" or tokens.tags[i] not in self._changes

    def _behind(self, tokens: Tokens, group: Group) -> int | None:
        """As in "3.2% accuracy", "2× faster", "33% less data"."""
        i = group.last + 1
        match = self._direct.match(tokens.tags, i)
        if not match:
            return None
        found = match.end() - 1
        if not self._is_level_metric(tokens, found, group):
            return None
        further = self._direct.match(tokens.tags, found + 1)
        if further and tokens.tags[found] in self._changes and further.end() - found <= 3:
            found = further.end() - 1
        return self._head(tokens, found)

    def _head(self, tokens: Tokens, i: int) -> int:
        """The last of metrics side by side: "full parameter performance" is a performance, but "token compression" is
        one of tokens, and "mIoU accuracy" an mIoU."""
        while tokens.tags[i + 1 : i + 2] in self._metric - self._changes:
            if tokens.tags[i] in self._quality and tokens.metric(i + 1) in _BROAD:
                break
            i += 1
        return i

    def _match(self, pattern: re.Pattern[str], tokens: Tokens, group: Group, within: int | None = None) -> int | None:
        """As in "3.2% in accuracy" (preposition), "30.02 in terms of BLEU" (terms), "a 10% gain over the best one in
        robustness" (clause); within so many tokens."""
        match = pattern.match(tokens.tags, group.last + 1)
        if not match or (within is not None and match.end() - 1 - group.last > within):
            return None
        return self._head(tokens, match.end() - 1)

    def _behind_next(self, tokens: Tokens, group: Group) -> int | None:
        """As in "52.8% validation and 52.7% test accuracy": behind the next number, which the same list has."""
        following = self._next.match(tokens.tags, group.last + 1)
        match = following and (
            self._direct.match(tokens.tags, following.end()) or self._preposition.match(tokens.tags, following.end())
        )
        return self._head(tokens, match.end() - 1) if match else None

    def _object(self, tokens: Tokens, group: Group) -> int | None:
        """As in "improves the accuracy of BERT by 3%": between verb and number, the first."""
        verb = nearest_before(tokens, group, self._verbs)
        if verb is None:
            return None
        return next((i for i in range(verb + 1, group.first) if self._may_be(tokens, i, group)), None)

    def _verb(self, tokens: Tokens, group: Group) -> int | None:
        """As in "speeds up training by 3×"."""
        verb = nearest_before(tokens, group, self._verbs)
        return verb if verb is not None and tokens.tags[verb] in self._metric else None

    def _object_phrase(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "alleviates forgetting by 11%": the verb's object, where it is no name."""
        verb = nearest_before(tokens, group, self._verbs)
        return self._phrase_from(tokens, verb + 1, group.first) if verb is not None else None

    def _noun(self, tokens: Tokens, group: Group) -> int | None:
        """As in "a 57% token reduction", "a 2× speedup": up to the noun of change, the noun itself last."""
        end = self._noun_behind(tokens, group)
        if end is None:
            noun = nearest_before(tokens, group, self._changes, _NOUN_WITHIN)
            if noun is None:
                return None
            inside = next((i for i in range(noun + 1, group.first) if tokens.tags[i] in self._metric), None)
            modifier = noun - 1 if noun and tokens.tags[noun - 1] in self._metric else None
            return inside or modifier or (noun if tokens.tags[noun] in self._metric else None)
        return next((i for i in (*range(end - 1, group.last, -1), end) if tokens.tags[i] in self._metric), None)

    def _noun_behind(self, tokens: Tokens, group: Group) -> int | None:
        """The noun of change behind the number, in its noun phrase."""
        for i in range(group.last + 1, min(group.last + 7, len(tokens))):
            if tokens.tags[i] in self._changes:
                return i
            if tokens.tags[i] in self._phrase_end:
                return None
        return None

    def _noun_phrase(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "a 70% token reduction", "an 11% drop in promptability": the words before or behind the noun of change,
        where they are no names."""
        end = self._noun_behind(tokens, group)
        if end is None:
            noun = nearest_before(tokens, group, self._changes, _NOUN_WITHIN)
            return self._phrase_from(tokens, noun + 2, group.first) if noun is not None else None
        return self._phrase_from(tokens, group.last + 1, end) or (
            self._phrase_from(tokens, end + 2, len(tokens)) if tokens.tags[end + 1 : end + 2] in self._in else None
        )

    def _words_compared(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "2.2× more verbose", "16% fewer errors of judgement": the words behind the comparative."""
        i = group.last + 1
        if i < len(tokens.tags) and tokens.tags[i] in self._changes:
            return self._phrase_from(tokens, i + 1, len(tokens.tags))
        return None

    def _words_behind(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "100% validity", "24x temporal extrapolation": the words right behind the number."""
        i = group.last + 1
        if i == len(tokens) or tokens.tags[i] in self._phrase_end:
            return None
        return self._phrase_from(tokens, i, len(tokens))

    def _item_phrase(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "and planning time by 8%": the words of the list's item before the number."""
        end = group.first
        while end and tokens.tags[end - 1] in self._leads:
            end -= 1
        return self._phrase_before(tokens, end) if group.is_continued else None

    def _subject_phrase(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "degradation was reduced by 8%": the words before the verb."""
        verb = nearest_before(tokens, group, self._verbs)
        while verb is not None and verb and tokens.tags[verb - 1] in self._be:
            verb -= 1
        return self._phrase_before(tokens, verb) if verb else None

    def _terms_phrase(self, tokens: Tokens, group: Group) -> MeasuredName | None:
        """As in "99% in terms of intelligible rate"."""
        for i in range(group.last + 1, min(group.last + 4, len(tokens))):
            if tokens.tags[i] in self._in_terms:
                return self._phrase_from(tokens, i + 1, len(tokens))
        return None

    def _phrase_before(self, tokens: Tokens, end: int) -> MeasuredName | None:
        """The words right before a token, from the last small one on: of "a problem the share", "share"."""
        start = end
        while start > 0 and end - start < _PHRASE_MAX_TOKENS and tokens.tags[start - 1] not in self._phrase_begin:
            start -= 1
        return self._phrase_from(tokens, start, end) if start < end else None

    def _phrase_from(self, tokens: Tokens, start: int, end: int) -> MeasuredName | None:
        """The noun phrase that begins there; None where it is empty, holds a name or is a known metric."""
        words: list[int] = []
        for i in range(start, end):
            if tokens.tags[i] in self._dataset_words or (tokens.tags[i] in self._model_words and words):
                return None
            if tokens.tags[i] in self._model_words:
                continue
            if tokens.tags[i] in self._phrase_end or len(words) > _PHRASE_MAX_TOKENS:
                break
            if tokens.tags[i] not in self._fill and tokens.tags[i] not in self._changes:
                words.append(i)
        if words and (tokens.tags[words[-1]] in self._counted or (not words[1:] and tokens.metric(words[0]))):
            return None
        texts = [tokens.text(i) for i in words]
        if not texts or len(texts) > _PHRASE_MAX_TOKENS or any(text != text.lower() for text in texts):
            return None
        return MeasuredName(" ".join(texts), tokens.text(words[0], words[-1]))

    def _run(self, tokens: Tokens, start: int, tags: frozenset[str]) -> list[int]:
        """The tokens with those tags that a list joins to the one at start."""
        run = [start]
        i = start + 1
        while i < len(tokens.tags):
            if tokens.tags[i] in tags:
                if run[-1] != i - 1 or not self._is_head(tokens, i):  # "UAS and LAS scores" are two
                    run.append(i)
            elif tokens.tags[i] not in self._glue:
                break
            i += 1
        return run


def verbs_of_change(lexicon: Lexicon) -> frozenset[str]:
    """The tags of verbs that say what changed."""
    return lexicon.tags("up_verb", "down_verb", "beat_verb", "lose_verb", "restore_verb")


def nearest_before(tokens: Tokens, group: Group, tags: frozenset[str], within: int | None = None) -> int | None:
    """The nearest token before the number that has one of the tags, among so many tokens."""
    farthest = 0 if within is None else max(0, group.first - within)
    for i in range(group.first - 1, farthest - 1, -1):
        if tokens.tags[i] in tags:
            return i
    return None


def _named(tokens: Tokens, i: int) -> MeasuredName:
    """The metric of a token; a bare "score" is one of the dataset or metric before it: "a GLUE score", "perplexity
    scores"."""
    name = tokens.metric(i)
    if name == "score" and i:
        if dataset := tokens.dataset(i - 1):
            return MeasuredName(f"{dataset.lower()} score", tokens.text(i - 1, i))
        if metric := tokens.metric(i - 1):
            return MeasuredName(metric, tokens.text(i - 1))
    return MeasuredName(name, tokens.text(i))
