import re

import pytest

from transforms.vocabulary import any_of
from warehouse.vocabularies import SEEDS


def test_the_vocabularies_are_as_large_as_was_asked(vocabulary):
    assert len({metric.name for metric in vocabulary.metrics.values()}) >= 290
    assert len(set(vocabulary.datasets.values())) >= 2000
    assert (SEEDS / "metrics.csv").read_text("utf-8").count("\n") > 299


def test_no_spelling_stands_for_two_datasets(vocabulary):
    spellings = [
        spelling
        for row in vocabulary.rows("datasets")
        for spelling in (row["dataset"], *(row["aliases"] or "").split("|"))
        if spelling
    ]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(
    ("one", "other"),
    [("GPQA", "GPQA Diamond"), ("ImageNet", "ImageNet-C"), ("MATH", "MATH-500"), ("RefCOCO", "RefCOCO+")],
)
def test_versions_of_a_dataset_are_datasets_of_their_own(vocabulary, one, other):
    assert vocabulary.datasets[one] != vocabulary.datasets[other]


def test_words_with_capitals_are_no_other_words(vocabulary):
    assert "mAP" in vocabulary.metrics
    assert not {"map", "comet", "spice", "is"} & vocabulary.metrics.keys()


def test_any_of_takes_the_longest_word():
    assert re.findall(any_of(["a", "a b"]), "a b, a, ab") == ["a b", "a"]
