"""Which condition is of which number."""

import pytest

from transforms.claims.extract import make_reader
from warehouse.vocabularies import read_vocabulary

READER = make_reader(read_vocabulary())


@pytest.mark.parametrize(
    ("sentence", "conditions"),
    [
        ("It reaches 28.4 BLEU on WMT14 English-to-German and 41.8 on WMT14 English-to-French.", ["en-de", "en-fr"]),
        ("It has a WER of 1.9% on LibriSpeech test-clean and 3.9% on test-other.", ["test-clean", "test-other"]),
        ("On 5-way 1-shot and 5-way 5-shot tasks of miniImageNet it reaches 65.1% and 80.2% accuracy.",
         ["1-shot, 5-way", "5-shot, 5-way"]),
        ("In the zero-shot setting it reaches 61.3% accuracy on MMLU and 70.1% on GSM8K.", ["0-shot", "0-shot"]),
        ("It reaches 84.0% top-1 accuracy on ImageNet without extra data.", [None]),
        ("It reaches 71.2% accuracy on the ImageNet validation set.", [None]),  # as is usual there
        ("With 10% of the labels it reaches 71.2% accuracy on CIFAR-100.", ["10% labels"]),
    ],
)  # fmt: skip
def test_each_number_has_its_condition(sentence, conditions):
    claims = [claim for claim in READER.claims(sentence, "") if claim["metric"] != "training data"]
    assert [claim["condition"] for claim in claims] == conditions


def test_words_that_nobody_knows_are_kept():
    (claim,) = READER.claims("It reaches 92.6% accuracy on BrickWorld hard scenarios.", "")
    assert (claim["condition"], claim["condition_text"]) == (None, "hard scenarios")
