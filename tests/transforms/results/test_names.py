import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.results.names import Names, Triple, load_names, split_tokens

NAMES = Names(
    [
        Triple("Image Classification", "CIFAR-10", "Percentage correct", 9),
        Triple("Image Classification", "ImageNet", "Top 1 Accuracy", 9),
        Triple("Speech Enhancement", "VoiceBank + DEMAND", "PESQ", 3),
        Triple("Object Detection", "COCO test-dev", "box AP", 5),
    ]
)


@pytest.mark.parametrize(
    ("text", "dataset"),
    [
        ("on CIFAR10.", "CIFAR-10"),
        ("on CIFAR 10", "CIFAR-10"),
        ("Voice Bank+DEMAND", "VoiceBank + DEMAND"),
        ("the imagenet set", "ImageNet"),
    ],
)
def test_a_name_is_found_however_it_is_divided(text, dataset):
    assert NAMES.find(split_tokens(text)).whole["dataset", dataset] == 1


@pytest.mark.parametrize("text", ["CIFAR-100", "ImageNette", "imagenets"])
def test_a_part_of_a_longer_word_is_no_name(text):
    assert not NAMES.find(split_tokens(text)).whole


def test_the_first_words_of_a_name_are_a_part_of_it():
    found = NAMES.find(split_tokens("We train on COCO."))
    assert found.part["dataset", "COCO test-dev"] == 1
    assert not found.whole


def test_the_words_of_a_name_may_stand_apart():
    assert NAMES.find_covered(set(split_tokens("COCO results on the test set, dev"))) == {"COCO test-dev": 1.0}


def test_a_paper_that_names_were_learned_from_is_read_without_them():
    view = NAMES.hide([("Speech Enhancement", "VoiceBank + DEMAND", "PESQ")] * 3)
    assert not view.find(split_tokens("PESQ on VoiceBank + DEMAND")).whole
    assert NAMES.find(split_tokens("PESQ on VoiceBank + DEMAND")).whole
    triple = NAMES.triples[2]
    assert (view.count_triple(triple), NAMES.count_triple(triple)) == (0, 3)


def test_the_names_that_are_shipped_are_whole():
    names = load_names()
    assert len(names.triples) > 10_000
    assert all(each.task and each.dataset and each.metric and each.count > 0 for each in names.triples)


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text):
    found = NAMES.find(split_tokens(text))
    assert all(count > 0 for count in (found.whole + found.part).values())
