"""Numbers and names that take turns: sentences made of parts, of which it is known what belongs together."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from transforms.claims.extract import make_reader
from transforms.claims.turns import take_turns
from warehouse.vocabularies import read_vocabulary

DATASETS = ("GSM8K", "SVAMP", "CIFAR-10", "SQuAD v2.0", "MultiNLI", "ImageNet", "COCO", "HotpotQA", "nuScenes", "KITTI")
METRICS = ("accuracy", "F1", "BLEU", "ROUGE-1", "ROUGE-2", "mAP", "PSNR", "recall")
NUMBERS = st.decimals(2, 99, places=1, allow_nan=False)
# Sentences around a list of parts, of a number and a name each, the name behind the number or before it.
BEHIND = ("We gain {}.", "Our method reaches an accuracy of {}.", "It improves the accuracy by {} over the baseline.")
BEFORE = ("It improves accuracy {}.", "We raise accuracy {}.")


def claims(sentence):
    return list(make_reader(read_vocabulary()).claims(sentence, ""))


def join(parts):
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


pairs = st.lists(st.tuples(NUMBERS, st.sampled_from(DATASETS)), min_size=2, max_size=4, unique_by=lambda pair: pair[1])


@given(pairs, st.sampled_from(BEHIND))
def test_a_dataset_behind_each_number_is_its_own(parts, sentence):
    assume(len({number for number, _ in parts}) == len(parts))
    found = claims(sentence.format(join([f"{number}% on {name}" for number, name in parts])))
    assert [each["dataset_texts"] for each in found] == [[name] for _, name in parts]


@given(pairs, st.sampled_from(BEFORE))
def test_a_dataset_before_each_number_is_its_own(parts, sentence):
    found = claims(sentence.format(", ".join(f"on {name} by {number}%" for number, name in parts)))
    assert [each["dataset_texts"] for each in found] == [[name] for _, name in parts]


@given(st.lists(st.tuples(NUMBERS, st.sampled_from(METRICS)), min_size=2, max_size=3, unique_by=lambda pair: pair[1]))
def test_a_metric_behind_each_number_is_its_own(parts):
    found = claims(f"We gain {join([f'{number} in {name}' for number, name in parts])}.")
    vocabulary = read_vocabulary()
    assert [each["metric"] for each in found] == [vocabulary.name_metric(name) for _, name in parts]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "We push MultiNLI accuracy to 86.7 %, SQuAD v1.1 F1 to 93.2 and SQuAD v2.0 F1 to 83.1.",
            [("accuracy", ["MultiNLI"]), ("f1", ["SQuAD v1.1"]), ("f1", ["SQuAD v2.0"])],
        ),
        (
            "Our parser achieves UAS and LAS scores of 94.51 % and 92.87 %.",
            [("unlabeled attachment score", []), ("labeled attachment score", [])],
        ),
        (
            "It improves execution accuracy from 35.9 % to 59.4 % and logical form accuracy from 23.4 % to 48.3 %.",
            [*2 * [("execution accuracy", [])], *2 * [("logical form accuracy", [])]],
        ),
        (
            "It attains perplexities of 54.4 and 65.8 on Penn Treebank (PTB) and Wikitext-2.",
            [("perplexity", ["Penn Treebank"]), ("perplexity", ["Wikitext-2"])],
        ),
        ("It reaches 1.27 bits/char on text8.", [("bits per character", ["text8"])]),
        (
            "An F1 of 66.4 in CoNLL-14 and 72.9 in BEA-19 is reached, 10x faster.",
            [("f1", ["CoNLL-14"]), ("f1", ["BEA-19"]), ("speed", ["BEA-19"])],
        ),
        (
            "It gains on FUNSD (0.7895 to 0.8420), SROIE (0.9524 to 0.9781), StoneDocs (0.8340 to 0.8520) and others.",
            [(None, [name]) for name in ("FUNSD", "FUNSD", "SROIE", "SROIE", "StoneDocs", "StoneDocs")],
        ),
    ],
)
def test_what_belongs_together_is_found(sentence, expected):
    assert [(each["metric"], each["dataset_texts"]) for each in claims(sentence)] == expected


def test_a_claim_is_no_surer_than_its_metric_and_its_datasets():
    reader = make_reader(read_vocabulary())
    for sentence in (
        "It gains 3.2% on GSM8K, SVAMP and AQuA.",
        "An accuracy of 91.2% and F1 of 88.0 on CoNLL 2003 is reached.",
    ):
        chosen = reader.choices(reader.read(sentence, ""), "")
        surest = [
            min(each.metrics.probability, each.datasets.probability) for each in chosen for _ in each.group.members
        ]
        for claim, most in zip(claims(sentence), surest, strict=True):
            assert claim["confidence"] <= round(most, 3)


spans = st.lists(st.integers(0, 60), min_size=0, max_size=8, unique=True).map(
    lambda places: [(i, i) for i in sorted(places)]
)


@given(spans, spans)
def test_each_number_has_its_neighbour_or_none_has_a_name(numbers, names):
    assume(not set(numbers) & set(names))
    turns = take_turns(numbers, names)
    assert set(turns.names) in (set(), set(numbers))
    for number, name in turns.names.items():
        between = [each for each in names if min(number, name) < each < max(number, name)]
        assert not between
        assert (name > number) == (turns.side == "behind")
