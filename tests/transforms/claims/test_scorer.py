import pytest

from transforms.claims.extract import ClaimReader
from transforms.claims.scorer import WEIGHTS, Option, Scorer, logistic, logit, read_scorer


def test_the_option_with_the_highest_score_is_chosen_and_of_equals_the_first():
    scorer = Scorer({"metric": {"bias": -1, "near": 3, "far": 0.5}})
    options = [Option(["a"], 1, ["far"]), Option(["b"], 2, ["near", "unknown"]), Option(["c"], 3, ["near"])]
    choice = scorer.choose("metric", options)
    assert choice.best.values == ["b"]
    assert choice.probability == pytest.approx(logistic(2))


def test_log_odds_and_probability_are_inverse():
    assert logistic(logit(0.7)) == pytest.approx(0.7)
    assert 0 < logistic(-1000) < logistic(1000) < 1


def test_without_a_calibration_the_confidence_is_that_of_the_form():
    assert Scorer({}).confidence(0.8, 0.1, 0.1) == 0.8


def test_confidence_grows_with_each_part():
    scorer = read_scorer()
    low = scorer.confidence(0.8, 0.5, 0.5)
    assert low < scorer.confidence(0.9, 0.5, 0.5) < 1
    assert low < scorer.confidence(0.8, 0.9, 0.5)
    assert low < scorer.confidence(0.8, 0.5, 0.9)


def test_the_weights_are_of_features_that_exist(vocabulary):
    """A weight of a feature that nothing has would be dead; a few sentences have most of the common ones."""
    reader = ClaimReader(vocabulary)
    sentences = (
        "Accuracy is 91.2% on CIFAR10, and 80% on ImageNet.",
        "It cuts memory by 3× and raises F1 by 2.1 points over BERT.",
    )
    seen = {
        feature
        for sentence in sentences
        for chosen in reader.choices(reader.read(sentence, ""), "")
        for choice in (chosen.metrics, chosen.datasets)
        for option in choice.options
        for feature in option.features
    }
    weights = read_scorer(WEIGHTS)
    assert len([name for name in seen if weights.score("metric", [name]) != weights.score("metric", [])]) > 20
    assert len([name for name in seen if weights.score("datasets", [name]) != weights.score("datasets", [])]) > 10
