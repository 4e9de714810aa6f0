import pytest

from transforms.evaluation import score_claims, score_links

CLAIM = {
    "quote": "improves accuracy by 3.2% on "
        "COCO", "value_text": "3.2%", "value": 3.2, "value_high": None, "unit": "percent", "kind": "change",
    "direction": "up", "bound": "exact", "metric": "accuracy", "subject": "proposed", "datasets": ["COCO"],
}  # fmt: skip


def summary(gold, predicted):
    return score_claims({"paper": gold}, {"paper": predicted}).summary()


def test_a_perfect_answer():
    scores = summary([CLAIM], [CLAIM])
    assert (scores["found"], scores["strict"], scores["full"], scores["precision"], scores["recall"]) == (1, 1, 1, 1, 1)


def test_a_missing_paper_is_missed_and_a_surplus_claim_costs_precision():
    assert score_claims({"paper": [CLAIM]}, {}).errors == [
        "missed  paper | 3.2 percent | improves accuracy by 3.2% on COCO"
    ]
    scores = summary([CLAIM], [CLAIM, CLAIM | {"value": 7}])
    assert (scores["precision"], scores["recall"]) == (0.5, 1)


@pytest.mark.parametrize(
    ("wrong", "strict", "full"),
    [
        ({"direction": "down"}, 0, 0),
        ({"unit": "points"}, 0, 0),
        ({"metric": "recall"}, 1, 0),
        ({"datasets": ["ImageNet"]}, 1, 0),
        ({"bound": "about"}, 1, 1),
    ],
)
def test_wrong_fields(wrong, strict, full):
    scores = summary([CLAIM], [CLAIM | wrong])
    assert (scores["found"], scores["strict"], scores["full"]) == (1, strict, full)


@pytest.mark.parametrize("value", [3.2000001, 3.2])
def test_values_are_compared_closely(value):
    assert summary([CLAIM], [CLAIM | {"value": value}])["found"] == 1
    assert summary([CLAIM], [CLAIM | {"value": value + 0.1}])["found"] == 0


def test_ranges_need_both_ends_where_both_have_one():
    gold = CLAIM | {"value_high": 5.0}
    assert summary([gold], [CLAIM])["found"] == 1
    assert summary([gold], [CLAIM | {"value_high": 6.0}])["found"] == 0


def test_optional_answers_neither_reward_nor_punish():
    scores = summary([CLAIM, CLAIM | {"value": 7, "optional": True}], [CLAIM, CLAIM | {"value": 7}])
    assert (scores["gold"], scores["predicted"], scores["found"]) == (1, 1, 1)
    assert summary([CLAIM | {"optional": True}], [])["gold"] == 0


def test_either_of_several_answers_is_right():
    assert summary([CLAIM | {"unit": {"any": ["points", "percent"]}}], [CLAIM])["strict"] == 1


def test_the_best_agreeing_are_matched():
    down = CLAIM | {"direction": "down"}
    assert summary([CLAIM, down], [down, CLAIM])["strict"] == 1


@pytest.mark.parametrize(
    ("metric", "is_same"),
    [
        ("top-1 accuracy", True),
        ("acc", True),
        ("average accuracy", True),
        ("accuracies of", False),
        ("speed", False),
        (None, False),
    ],
)
def test_metrics_are_compared_by_their_words(metric, is_same):
    assert summary([CLAIM], [CLAIM | {"metric": metric}])["full"] == is_same


def test_links():
    link = {"url": "https://github.com/A/b", "kind": "repository", "availability": "available"}
    scores = score_links(
        {"p": [link, link | {"url": "https://x.org"}]},
        {"p": [link | {"url": "https://github.com/a/b/", "availability": "promised"}]},
    )
    assert scores.summary()["fields"] == {"kind": 1, "availability": 0}
    assert (scores.gold, scores.matched, scores.surplus) == (2, 1, 0)
    assert len(scores.errors) == 2


def test_reliability_tells_how_many_of_a_confidence_are_right():
    guesses = [
        CLAIM | {"confidence": 0.95},
        CLAIM | {"value": 7, "confidence": 0.91},
        CLAIM | {"value": 9, "metric": "recall", "confidence": 0.5},
    ]
    rows = score_claims({"paper": [CLAIM, CLAIM | {"value": 9}]}, {"paper": guesses}).reliability()
    assert [(row["confidence"], row["claims"], row["found"], row["full"]) for row in rows] == [
        ("0.5 to 0.6", 1, 1.0, 0.0),
        ("0.9 to 1.0", 2, 0.5, 0.5),
    ]
