"""Conditions in texts and names: what is named, what is denied, and what is only a word."""

import csv
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.conditions import FILES, find_conditions, split_name
from warehouse.vocabularies import read_vocabulary


def names(text):
    return [each.name for each in find_conditions(text) if each.name]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on the ImageNet validation set", ["val"]),
        ("5-way 1-shot", ["5-way", "1-shot"]),
        ("with 4,000 labels", ["4000 labels"]),
        ("0.1% labels", ["0.1% labels"]),
        ("12.5% of the labels", ["12.5% labels"]),
        ("1,024 shots", ["1024-shot"]),
        ("English-to-German", ["en-de"]),
        ("De-Fr", ["de-fr"]),
        ("test-clean and test-other", ["test-clean", "test-other"]),
        ("at 256×256", ["256 pixels"]),
        ("under the PGD-20 attack", ["under attack"]),
        ("without extra data", []),
        ("single model without ensembling", ["single model"]),
        ("outperforming ensembles of ten networks", []),
        ("without any adversarial attack", []),
        ("Hi-Fi generation", []),
        ("with external validation of it", []),
        ("valid moves in 2 ways", []),
        ("the development of models", []),
    ],
)
def test_a_text_names_conditions(text, found):
    assert names(text) == found


@pytest.mark.parametrize(
    ("written", "bare", "conditions"),
    [
        ("WMT2014 English-German", "WMT2014", ["en-de"]),
        ("LibriSpeech test-clean", "LibriSpeech", ["test-clean"]),
        ("ImageNet - 10% labeled data", "ImageNet", ["10% labels"]),
        ("CIFAR-10, 250 Labels", "CIFAR-10", ["250 labels"]),
        ("Mini-Imagenet 5-way (1-shot)", "Mini-Imagenet", ["5-way", "1-shot"]),
        ("NTU RGB+D", "NTU RGB+D", []),
        ("test-dev", "test-dev", []),
    ],
)
def test_a_name_is_split_from_its_conditions(written, bare, conditions):
    assert split_name(written) == (bare, conditions)


def test_names_of_vocabularies_keep_what_is_their_own():
    vocabulary = read_vocabulary()
    assert vocabulary.split_dataset("WMT14 En-De") == ("WMT2014", ["en-de"])
    assert vocabulary.split_metric("Hits@10") == ("hit rate", ["@10"])
    assert vocabulary.split_metric("Recall@1") == ("recall@1", [])
    assert vocabulary.split_metric("zero-shot accuracy") == ("zero-shot accuracy", [])
    assert vocabulary.split_metric("validation ROC AUC") == ("auc", ["val"])
    assert vocabulary.split_metric("Text-to-video R@1") == ("recall@1", ["text-to-video"])
    assert vocabulary.join_conditions(["ImageNet"], ["val", "5-shot", "5-shot", ""]) == "5-shot"


@pytest.mark.parametrize(
    ("written", "metric", "conditions"),
    [
        ("MR", "mean rank", []),  # mR@50 is a mean recall
        ("mR@50", "recall@k", ["@50"]),
        ("Rank-1", "accuracy", []),
        ("Acc@1", "accuracy", []),
        ("Rank-5", "rank accuracy", ["@5"]),
        ("MAE @ 12 step", "mean absolute error", ["@12 step"]),
        ("mAP IOU@0.7", "map", ["@0.7"]),
        ("Detection AUROC", "auc", ["image-level"]),
        ("Accuracy (CS)", "accuracy", ["cross-subject"]),
        ("mIoU (13 classes)", "miou", ["13 classes"]),
    ],
)
def test_a_heading_is_a_metric_under_conditions(written, metric, conditions):
    assert read_vocabulary().split_metric(written) == (metric, conditions)


def test_no_two_datasets_are_spelled_alike_but_for_a_plus():
    def fold(name):
        return "".join(character for character in name.replace("+", "plus") if character.isalnum()).lower()

    folded = {}
    for spelling, dataset in read_vocabulary().datasets.items():
        folded.setdefault(fold(spelling), set()).add(dataset)
    assert {each for each in map(frozenset, folded.values()) if len(each) > 1} == {frozenset({"DUDE", "DUD-E"})}


@given(st.text(), st.sampled_from([row["pattern"] for row in csv.DictReader(FILES[0].open(encoding="utf-8"))]))
def test_no_text_raises_and_places_do_not_overlap(text, pattern):
    found = sorted(find_conditions(text + pattern), key=lambda each: each.start)
    assert all(left.end <= right.start for left, right in pairwise(found))
