import pytest

from transforms.frames import RESULTS, TERMS, conform
from transforms.names import name_results, name_terms


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Accuracy (%)", "accuracy"),
        ("Top-1 Accuracy", "accuracy"),
        ("Word Error Rate (WER)", "word error rate"),
        ("% Test Accuracy", "accuracy"),
        ("Average MPJPE (mm)", "mpjpe"),
        ("Accuracy (CS)", "accuracy"),  # known by no vocabulary
        ("An-Odd_Score", "an odd score"),
        ("(%)", "(%)"),
        (None, None),
    ],
)
def test_a_metric_of_a_leaderboard_gets_its_canonical_name(vocabulary, written, name):
    named = name_results(conform([{"entry_index": 1, "metric": written, "dataset": "MS COCO"}], RESULTS), vocabulary)
    assert named.select("metric", "metric_text", "dataset", "dataset_text").row(0) == (name, written, "COCO", "MS COCO")


def test_only_datasets_of_a_catalogue_get_canonical_names(vocabulary):
    terms = [{"entry_index": i, "kind": kind, "name": "MS COCO"} for i, kind in enumerate(("dataset", "method"))]
    assert name_terms(conform(terms, TERMS), vocabulary)["name"].to_list() == ["COCO", "MS COCO"]


def test_nothing_is_named_where_there_is_nothing(vocabulary):
    assert name_results(conform([], RESULTS), vocabulary).is_empty()
    assert name_terms(conform([], TERMS), vocabulary).is_empty()
