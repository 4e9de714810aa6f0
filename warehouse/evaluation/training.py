"""Learns the weights of the scorer of claims from annotated papers, by scikit-learn, and writes them as a CSV file."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from transforms.claims.extract import Chosen, ClaimReader
from transforms.claims.prefilter import may_claim
from transforms.claims.scorer import EXCLUSIVE_MODELS, Choice, Scorer, logit, softmax
from transforms.evaluation import STRICT, Answers, Claim, accepts
from transforms.text.sentences import split_sentences
from warehouse.errors import UsageError
from warehouse.evaluation.scoring import names_of_metric, published_texts, read_gold, split_of
from warehouse.vocabularies import read_vocabulary

MODELS = ("metric", "datasets")
_SMALLEST = 0.02  # weights below it are left out
_RAREST = 5  # options that a feature must have
_INVERSE_PENALTY = 0.5  # scikit-learn's C, by cross-validation on `look`
_SOFTMAX_PENALTY = 4.0  # of the squared weights, by cross-validation on `look` and `tune`


@dataclass(frozen=True)
class Example:
    """A group of numbers that is annotated. options: for each model, the features of each option and whether it is
    right; parts: what its confidence is made of; full: for each of its claims, whether it is right in full."""

    options: dict[str, list[tuple[list[str], bool]]]
    parts: tuple[float, float, float]
    full: list[bool]


@dataclass(frozen=True)
class Training:
    """shares: model → the share of groups of `tune` for which the scorer of `look` picks a right option."""

    weights: dict[str, dict[str, float]]
    examples: int
    shares: dict[str, float]


def train(connection: duckdb.DuckDBPyConnection, gold: Sequence[Path], file: Path) -> Training:
    """Learns the weights of the scorer from the claims of the gold files and the published texts of their papers, and
    writes them into the file.

    Weights are learnt on the splits `look` and `tune`; the calibration of confidence on `tune`, with weights learnt on
    `look` alone. Raises UsageError where the publication lacks the papers.
    """
    answers = {title: claims for each in gold for title, claims in read_gold(each, "claims").items()}
    texts = published_texts(connection, answers)
    if texts.is_empty():
        raise UsageError("the publication has no annotated paper", "Load their texts first: paperhouse run --source …")
    splits = {
        name: texts.filter(pl.col("text_id").map_elements(split_of, pl.String) == name) for name in ("look", "tune")
    }
    look = list(iter_examples(splits["look"], answers, ClaimReader(read_vocabulary(), Scorer({}))))
    weights = {model: fit_options(look, model) for model in MODELS}
    unsharpened = list(iter_examples(splits["tune"], answers, ClaimReader(read_vocabulary(), Scorer({}))))
    factors = {model: find_sharpness(unsharpened, model, weights[model]) for model in EXCLUSIVE_MODELS}
    weights |= {model: _multiply(weights[model], factor) for model, factor in factors.items()}
    tune = list(iter_examples(splits["tune"], answers, ClaimReader(read_vocabulary(), Scorer(weights))))
    shares = {model: share_right(tune, model, Scorer(weights)) for model in MODELS}
    confidence = _fit_confidence(tune)
    weights = {model: fit_options(look + tune, model) for model in MODELS} | {"confidence": confidence}
    weights |= {model: _multiply(weights[model], factor) for model, factor in factors.items()}
    _write(weights, file)
    return Training(weights, len(look) + len(tune), shares)


def iter_examples(texts: pl.DataFrame, answers: Answers, reader: ClaimReader) -> Iterator[Example]:
    """The groups of the texts (text_id, title, abstract) of which a number is annotated, and not as optional."""
    left = {title: list(claims) for title, claims in answers.items()}
    titles = dict(texts.select("text_id", "title").iter_rows())
    for text_id, section, text, _, start, sentence in split_sentences(texts, *may_claim(read_vocabulary())).iter_rows():
        tokens = reader.read(sentence, text[:start])
        for chosen in reader.choices(tokens, text[:start], titles[text_id]):
            places = [tokens.numbers[member] for member in chosen.group.members]
            found = [_take(left[text_id], section, start + each.start, each.value, sentence) for each in places]
            known = [(i, claim) for i, claim in enumerate(found) if claim and not claim.get("optional")]
            if known and not chosen.group.form.is_optional:
                yield _example(chosen, known)


def _take(claims: list[Claim], section: str, start: int, value: float, sentence: str) -> Claim | None:
    """The annotation of the number at that place, taken out of the list; without places, the first of that value."""
    for claim in claims:
        is_there = (
            claim["section"] == section and claim["char_start"] <= start < claim["char_end"]
            if "char_start" in claim
            else str(claim["value_text"]) in sentence
        )
        if is_there and abs(claim["value"] - value) <= 1e-6 * max(1.0, abs(value)):
            claims.remove(claim)
            return claim
    return None


def _example(chosen: Chosen, known: list[tuple[int, Claim]]) -> Example:
    form = chosen.group.form
    right = {
        "metric": lambda claim, value: accepts(claim, "metric", {"metric": _written(value)}),
        "datasets": lambda claim, value: accepts(claim, "datasets", {"datasets": value}),
    }
    choices: dict[str, Choice[Any]] = {"metric": chosen.metrics, "datasets": chosen.datasets}
    options = {
        model: _prefer_named(
            [
                (option.features, all(right[model](claim, option.values[i]) for i, claim in known))
                for option in choice.options
            ]
        )
        for model, choice in choices.items()
    }
    strict = {"unit": chosen.group.unit, "kind": form.kind, "direction": form.direction}
    full = [
        all(accepts(claim, name, strict) for name in STRICT)
        and all(right[model](claim, choice.best.values[i]) for model, choice in choices.items())
        for i, claim in known
    ]
    return Example(options, (form.confidence, chosen.metrics.probability, chosen.datasets.probability), full)


def _prefer_named(options: list[tuple[list[str], bool]]) -> list[tuple[list[str], bool]]:
    """None, the last option, is right only where no other is: annotations often allow it beside a general word."""
    *named, (features, is_right) = options
    return [*named, (features, is_right and not any(each for _, each in named))]


def _written(metric: Any) -> Any:
    return names_of_metric({"metric": metric.name, "metric_text": metric.written})


def picks_right(example: Example, model: str, scorer: Scorer) -> bool:
    """Whether the option that the scorer picks is a right one."""
    options = example.options[model]
    return options[scorer.rank(model, [features for features, _ in options])[0]][1]


def share_right(examples: Sequence[Example], model: str, scorer: Scorer) -> float:
    """The share of numbers for which the scorer picks a right option."""
    right = sum(picks_right(example, model, scorer) * len(example.full) for example in examples)
    return right / max(1, sum(len(example.full) for example in examples))


def fit_options(examples: Sequence[Example], model: str) -> dict[str, float]:
    """Weights of the groups that have a right option: by a softmax over the options of each where one alone is right,
    else by logistic regression over all options."""
    groups = [example for example in examples if any(is_right for _, is_right in example.options[model])]
    options = [(features, is_right, len(each.full)) for each in groups for features, is_right in each.options[model]]
    seen = Counter(feature for features, _, _ in options for feature in set(features))
    rows = [dict.fromkeys((name for name in features if seen[name] >= _RAREST), 1.0) for features, _, _ in options]
    rights, counts = [is_right for _, is_right, _ in options], [count for _, _, count in options]
    if model in EXCLUSIVE_MODELS:
        return _fit_softmax(rows, rights, counts, [len(each.options[model]) for each in groups])
    return _fit(rows, rights, counts)


def find_sharpness(examples: Sequence[Example], model: str, weights: Mapping[str, float]) -> float:
    """By what the weights of a softmax are multiplied so that its probabilities are those of other papers: a penalty
    makes them too even."""
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

    groups = [example for example in examples if any(is_right for _, is_right in example.options[model])]

    def loss(factor: float) -> float:
        scorer = Scorer({model: _multiply(weights, factor)})
        likely = (softmax([scorer.score(model, features) for features, _ in each.options[model]]) for each in groups)
        rights = ([is_right for _, is_right in each.options[model]] for each in groups)
        return -sum(
            math.log(max(1e-9, sum(one for one, is_right in zip(found, right, strict=True) if is_right)))
            for found, right in zip(likely, rights, strict=True)
        )

    return float(minimize_scalar(loss, bounds=(0.5, 5.0), method="bounded").x)


def _multiply(weights: Mapping[str, float], factor: float) -> dict[str, float]:
    return {name: factor * weight for name, weight in weights.items()}


def _fit_confidence(examples: Sequence[Example]) -> dict[str, float]:
    """Logistic regression of whether a claim is right in full over the log odds of form, metric and datasets."""
    rows = [
        dict(zip(("form", "metric", "datasets"), map(logit, example.parts), strict=True))
        for example in examples
        for _ in example.full
    ]
    labels = [is_full for example in examples for is_full in example.full]
    return _fit(rows, labels, [1] * len(rows))


def _fit_softmax(
    rows: list[dict[str, float]], rights: list[bool], counts: list[int], sizes: list[int]
) -> dict[str, float]:
    """Weights that make the right options of each group likely among all of it, by the conditional likelihood of
    McFadden's choice model. sizes: of the groups, one after the other."""
    from scipy.optimize import minimize
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(rows)
    group = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.cumsum([0, *sizes[:-1]])
    right, count = np.array(rights, dtype=np.float64), np.array(counts, dtype=np.float64)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = matrix @ weights
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[group])
        of_all, of_right = np.add.reduceat(powers, starts), np.add.reduceat(powers * right, starts)
        slope = matrix.T @ ((powers / of_all[group] - powers * right / of_right[group]) * count)
        unlikely = (count[starts] * (np.log(of_all) - np.log(of_right))).sum()
        return unlikely + _SOFTMAX_PENALTY * (weights @ weights), slope + 2 * _SOFTMAX_PENALTY * weights

    found = minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    weights = zip(vectorizer.get_feature_names_out(), found.x, strict=True)
    return {name: float(weight) for name, weight in weights if abs(weight) >= _SMALLEST}


def _fit(rows: list[dict[str, float]], labels: list[bool], counts: list[int]) -> dict[str, float]:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(rows)
    model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=5000).fit(matrix, labels, sample_weight=counts)
    weights = zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
    return {"bias": float(model.intercept_[0])} | {
        name: float(weight) for name, weight in weights if abs(weight) >= _SMALLEST
    }


def _write(weights: dict[str, dict[str, float]], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("model", "feature", "weight"))
        for model, features in weights.items():
            writer.writerows((model, name, f"{weight:.3f}") for name, weight in sorted(features.items()))
