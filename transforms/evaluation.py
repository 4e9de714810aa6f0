"""Scores of extracted claims and links against hand-made answers.

A predicted and a gold claim of a paper match where their values are equal (and the high ends of ranges, where both have
one); matches are one to one, the best agreeing first. Gold claims marked optional neither reward nor punish. A gold
field that holds {"any": [...]} is right with any of the answers. `found` counts matches; `strict` those whose unit,
kind and direction are right too; `full` those whose metric and datasets are right as well.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

Claim = dict[str, Any]
Answers = dict[str, list[Claim]]  # by paper

FIELDS = ("unit", "kind", "direction", "bound", "subject", "metric", "datasets")
STRICT = ("unit", "kind", "direction")
FULL = (*STRICT, "metric", "datasets")

# What several words name, in the comparison of metrics' names; then the words that name nothing.
_NAMES = {
    "accuracy": "acc",
    "attack success rate": "asr",
    "auroc": "auc",
    "computational cost": "compute cost",
    "f1": "f1-score",
    "flops": "flop",
    "intersection over union": "iou",
    "parameters": "param params",
    "performance": "gain gains",
    "perplexity": "perplexities ppl",
    "size": "larger smaller",
    "speed": "faster slower speed-up speedup",
    "word error rate": "wer",
}
SAME_WORDS = {word: name for name, words in _NAMES.items() for word in words.split()}
_MATH = re.compile(r"[$_{}\\]")
EMPTY_WORDS = frozenset("a absolute average in mean model of on overall point points rate relative score the".split())


@dataclass
class Scores:
    """Counts, and what follows from them. errors: what went wrong, a line each."""

    gold: int = 0  # that are not optional
    matched: int = 0
    strict: int = 0
    full: int = 0
    surplus: int = 0  # predicted, and matched by nothing
    right: dict[str, int] = field(default_factory=dict)  # field → matches in which it is right
    errors: list[str] = field(default_factory=list)
    # A prediction's confidence, whether it is found, whether in full.
    outcomes: list[tuple[float, bool, bool]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """gold, predicted, precision, recall, F1 for found, strict and full, and each field's accuracy among the
        matches."""
        predicted = self.matched + self.surplus
        return {
            "gold": self.gold,
            "predicted": predicted,
            "precision": _share(self.matched, predicted),
            "recall": _share(self.matched, self.gold),
            **{
                name: _share(2 * hits, predicted + self.gold)
                for name, hits in (("found", self.matched), ("strict", self.strict), ("full", self.full))
            },
            "fields": {name: _share(hits, self.matched) for name, hits in self.right.items()},
        }

    def reliability(self) -> list[dict[str, Any]]:
        """For each tenth of confidence that has predictions: how many, their mean confidence, and the shares found and
        right in full."""
        bins: dict[int, list[tuple[float, bool, bool]]] = {}
        for outcome in self.outcomes:
            bins.setdefault(min(int(outcome[0] * 10), 9), []).append(outcome)
        return [
            {
                "confidence": f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}",
                "claims": len(found),
                "mean": sum(confidence for confidence, _, _ in found) / len(found),
                "found": _share(sum(is_found for _, is_found, _ in found), len(found)),
                "full": _share(sum(is_full for _, _, is_full in found), len(found)),
            }
            for tenth, found in sorted(bins.items())
        ]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def score_claims(gold: Answers, predicted: Answers) -> Scores:
    """The scores over all papers of gold; a paper that predicted lacks counts as one without claims."""
    scores = Scores(right=dict.fromkeys(FIELDS, 0))
    for paper, answers in gold.items():
        guesses = predicted.get(paper, [])
        pairs = _pairs(answers, guesses)
        for i, answer in enumerate(answers):
            if not answer.get("optional"):
                scores.gold += 1
                _count(scores, paper, answer, guesses[pairs[i]] if i in pairs else None)
        surplus = [guess for j, guess in enumerate(guesses) if j not in pairs.values()]
        scores.surplus += len(surplus)
        scores.outcomes += [(guess.get("confidence") or 0.0, False, False) for guess in surplus]
        scores.errors += [
            f"extra   {paper} | {guess['value_text']} {guess['unit']} | {guess.get('evidence')}" for guess in surplus
        ]
    return scores


def _count(scores: Scores, paper: str, answer: Claim, guess: Claim | None) -> None:
    if guess is None:
        scores.errors.append(f"missed  {paper} | {answer['value']} {answer.get('unit')} | {_shown(answer)}")
        return
    is_right = {name: accepts(answer, name, guess) for name in FIELDS}
    scores.matched += 1
    scores.strict += all(is_right[name] for name in STRICT)
    is_full = all(is_right[name] for name in FULL)
    scores.full += is_full
    scores.outcomes.append((guess.get("confidence") or 0.0, True, is_full))
    for name, right in is_right.items():
        scores.right[name] += right
    if wrong := [f"{name}: {guess.get(name)} for {answer.get(name)}" for name, right in is_right.items() if not right]:
        scores.errors.append(f"wrong   {paper} | {_shown(answer)} | rule {guess.get('rule')} | {'; '.join(wrong)}")


def _shown(answer: Claim) -> str:
    return str(answer.get("quote") or f"{answer.get('value_text')} at {answer.get('char_start')}")


def _pairs(answers: list[Claim], guesses: list[Claim]) -> dict[int, int]:
    """The matches, as positions in answers → positions in guesses; the best agreeing first, the earlier of equals
    first."""
    scored = [(_agreement(answers[i], guesses[j]), i, j) for i, j in product(range(len(answers)), range(len(guesses)))]
    pairs: dict[int, int] = {}
    for score, i, j in sorted(scored, key=lambda each: (-each[0], each[1], each[2])):
        if score and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _agreement(answer: Claim, guess: Claim) -> int:
    """0 where the values differ, else 1 and one more for each field that is right."""
    highs = (answer.get("value_high"), guess.get("value_high"))
    if not _is_close(answer["value"], guess["value"]) or (None not in highs and not _is_close(*highs)):
        return 0
    return 1 + sum(accepts(answer, name, guess) for name in FIELDS)


def _is_close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b)))


def accepts(answer: Claim, name: str, guess: Claim) -> bool:
    """Whether the guess's field is one of the answer's alternatives."""
    wanted = answer.get(name)
    options = wanted["any"] if isinstance(wanted, dict) else [wanted]
    is_same = _SAME.get(name, _is_equal)
    return any(is_same(option, guess.get(name)) for option in options)


def _is_equal(wanted: Any, got: Any) -> bool:
    return bool(wanted == got)


def _metric_words(name: str | None) -> frozenset[str]:
    """The words of a metric's name that mean something, one for all of a kind, plurals and signs of mathematics
    folded."""
    words = [
        part
        for word in re.findall(r"[a-z0-9][a-z0-9+-]*", _MATH.sub("", (name or "").lower()))
        for part in SAME_WORDS.get(word, word).split()
    ]
    return frozenset(
        word[:-1] if len(word) > 3 and re.search(r"[^s]s$", word) else word for word in words if word not in EMPTY_WORDS
    )


def _is_same_metric(wanted: str | None, got: str | list[str] | None) -> bool:
    """got: one name of the metric, or several, of which any may agree."""
    if isinstance(got, list):
        return any(_is_same_metric(wanted, name) for name in got)
    a, b = _metric_words(wanted), _metric_words(got)
    if not a or not b:
        return a == b
    return a <= b or b <= a or len(a & b) * 2 >= len(a | b)


def _is_same_datasets(wanted: Iterable[str] | None, got: Iterable[str] | None) -> bool:
    a, b = ({re.sub(r"[\W_]+", "", name).lower() for name in names or []} for names in (wanted, got))
    return a == b or bool(a & b)


_SAME: dict[str, Callable[[Any, Any], bool]] = {"metric": _is_same_metric, "datasets": _is_same_datasets}


def score_links(gold: Answers, predicted: Answers) -> Scores:
    """The same for links: matched by their canonical URL, with kind and availability as fields."""
    scores = Scores(right={"kind": 0, "availability": 0})
    for paper, answers in gold.items():
        wanted, got = ({_url(link): link for link in links} for links in (answers, predicted.get(paper, [])))
        scores.gold += len(wanted)
        scores.surplus += len(got.keys() - wanted.keys())
        scores.errors += [f"missed  {paper} | {url}" for url in wanted.keys() - got.keys()]
        scores.errors += [f"extra   {paper} | {url}" for url in got.keys() - wanted.keys()]
        for url in wanted.keys() & got.keys():
            scores.matched += 1
            is_right = {name: wanted[url][name] == got[url][name] for name in scores.right}
            scores.strict += all(is_right.values())
            for name, right in is_right.items():
                scores.right[name] += right
            scores.errors += [
                f"wrong   {paper} | {url} | {name}: {got[url][name]}" for name, right in is_right.items() if not right
            ]
    scores.full = scores.strict
    return scores


def _url(link: Claim) -> str:
    return str(link["url"]).rstrip("/").lower()
