"""Every form of language, by its example; and the forms that the issue of the claims asked for, in sentences of our
own."""

import pytest

from transforms.claims.explain import explain
from warehouse.vocabularies import read_vocabulary

ROWS = read_vocabulary().forms


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["form"])
def test_a_form_is_the_first_to_fit_its_example(row, reader):
    claims = list(reader.claims(row["example"], ""))
    rules = [claim["rule"] for claim in claims]
    assert row["form"] in rules if row["kind"] != "none" else rules == []


FIELDS = ("value_text", "unit", "kind", "direction", "bound", "metric", "subject")
SENTENCES = {
    "It improves accuracy by 3.2% over the baseline.": [
        ("3.2%", "percent", "change", "up", "exact", "accuracy", "proposed")
    ],
    "Training is up to 2.4× faster.": [("2.4×", "times", "change", "up", "up_to", "speed", "proposed")],
    "It reduces memory usage by more than 66%-73%.": [
        ("66%-73%", "percent", "change", "down", "at_least", "memory", "proposed")
    ],
    "We reach an AUROC of 0.70±0.02.": [("0.70", "score", "level", None, "exact", "auc", "proposed")],
    "Accuracy rises from 61.2% to 67.1%.": [
        ("61.2%", "percent", "level", None, "exact", "accuracy", "baseline"),
        ("67.1%", "percent", "level", None, "exact", "accuracy", "proposed"),
    ],
    "It lifts F1 from 58% to almost 85%.": [
        ("58%", "percent", "level", None, "exact", "f1", "baseline"),
        ("85%", "percent", "level", None, "about", "f1", "proposed"),
    ],
    "An FID of 1.27 is reached.": [("1.27", "score", "level", None, "exact", "fid", "proposed")],
    "BLEU of 41 is reached.": [("41", "score", "level", None, "exact", "bleu", "proposed")],
    "It attains FID=1.81 and IS=317.2.": [
        ("1.81", "score", "level", None, "exact", "fid", "proposed"),
        ("317.2", "score", "level", None, "exact", "inception score", "proposed"),
    ],
    "It has 28.4 BLEU on WMT14 En-De, more than 2 BLEU above the best, and 41.8 BLEU on WMT14 En-Fr.": [
        ("28.4", "score", "level", None, "exact", "bleu", "proposed"),
        ("2", "score", "change", "up", "at_least", "bleu", "proposed"),
        ("41.8", "score", "level", None, "exact", "bleu", "proposed"),
    ],
    "It has an F1 of 51.0%, much over a baseline of 20%, but humans reach 86.8%.": [
        ("51.0%", "percent", "level", None, "exact", "f1", "proposed"),
        ("20%", "percent", "level", None, "exact", "f1", "baseline"),
        ("86.8%", "percent", "level", None, "exact", "f1", "baseline"),
    ],
    "We gain +4% accuracy.": [("+4%", "percent", "change", "up", "exact", "accuracy", "proposed")],
    "The model is 74% smaller.": [("74%", "percent", "change", "down", "exact", "size", "proposed")],
    "It has a 0.6%, 2% gain in performance.": [
        ("0.6%", "percent", "change", "up", "exact", "performance", "proposed"),
        ("2%", "percent", "change", "up", "exact", "performance", "proposed"),
    ],
    "It beats the old one by 3.3 and 2.7 points in exact match.": [
        ("3.3", "points", "change", "up", "exact", "exact match", "proposed"),
        ("2.7", "points", "change", "up", "exact", "exact match", "proposed"),
    ],
    "There are drops of 0.4 and 0.1 in FID and sFID.": [
        ("0.4", "score", "change", "down", "exact", "fid", "proposed"),
        ("0.1", "score", "change", "down", "exact", "sfid", "proposed"),
    ],
    "It saves about 45% and 47% computational cost.": [
        ("45%", "percent", "change", "down", "about", "computational cost", "proposed"),
        ("47%", "percent", "change", "down", "about", "computational cost", "proposed"),
    ],
    "It surpasses people (90.6% vs. 89.8%).": [
        ("90.6%", "percent", "level", None, "exact", None, "proposed"),
        ("89.8%", "percent", "level", None, "exact", None, "baseline"),
    ],
    "Gains of 9% to 34% are seen.": [("9% to 34%", "percent", "change", "up", "exact", None, "proposed")],
    "It speeds up training by a factor of 1.65.": [("1.65", "times", "change", "up", "exact", "speed", "proposed")],
    "It cuts the number of parameters by 10,000 times and GPU memory by 3×.": [
        ("10,000", "times", "change", "down", "exact", "parameters", "proposed"),
        ("3×", "times", "change", "down", "exact", "memory", "proposed"),
    ],
    "It needs only 20% of the training cost.": [
        ("20%", "percent", "level", None, "exact", "computational cost", "proposed")
    ],
    "It runs at ~25 FPS.": [("25", "other", "level", None, "about", "speed", "proposed")],
    "Accuracy falls by at least 5pp (or 5.7%).": [
        ("5", "points", "change", "down", "at_least", "accuracy", "proposed"),
        ("5.7%", "percent", "change", "down", "exact", "accuracy", "proposed"),
    ],
    "The accuracy rises from 75.2% to 79% and 79.1% to 83%.": [
        ("75.2%", "percent", "level", None, "exact", "accuracy", "baseline"),
        ("79%", "percent", "level", None, "exact", "accuracy", "proposed"),
        ("79.1%", "percent", "level", None, "exact", "accuracy", "baseline"),
        ("83%", "percent", "level", None, "exact", "accuracy", "proposed"),
    ],
    "Accuracy is 84.3% while being 6.1x faster; it also reaches 91.7%.": [
        ("84.3%", "percent", "level", None, "exact", "accuracy", "proposed"),
        ("6.1x", "times", "change", "up", "exact", "speed", "proposed"),
        ("91.7%", "percent", "level", None, "exact", "accuracy", "proposed"),
    ],
    "The best prior method peaks at 78.2% accuracy.": [
        ("78.2%", "percent", "level", None, "exact", "accuracy", "baseline")
    ],
    "Even GPT-4o is limited to 31.2% accuracy.": [("31.2%", "percent", "level", None, "exact", "accuracy", "baseline")],
    "It reaches an accuracy of 78.1%, compared to the 71.2% of BERT.": [
        ("78.1%", "percent", "level", None, "exact", "accuracy", "proposed"),
        ("71.2%", "percent", "level", None, "exact", "accuracy", "baseline"),
    ],
    "Our accuracy is 4.2% inferior to BERT.": [("4.2%", "percent", "change", "down", "exact", "accuracy", "proposed")],
    "It is better by 12% in accuracy.": [("12%", "percent", "change", "up", "exact", "accuracy", "proposed")],
    "It shows 12% superior performance.": [("12%", "percent", "change", "up", "exact", "performance", "proposed")],
    "It improves over BERT by 3.2% in accuracy, 4.1% in F1, and 2% in recall.": [
        ("3.2%", "percent", "change", "up", "exact", "accuracy", "proposed"),
        ("4.1%", "percent", "change", "up", "exact", "f1", "proposed"),
        ("2%", "percent", "change", "up", "exact", "recall", "proposed"),
    ],
    "It has a precision and recall of 83% and 79%, respectively.": [
        ("83%", "percent", "level", None, "exact", "precision", "proposed"),
        ("79%", "percent", "level", None, "exact", "recall", "proposed"),
    ],
    "It reaches an MRR/MAP/Accuracy of 81.2/79.1/91.3.": [
        ("81.2", "score", "level", None, "exact", "mean reciprocal rank", "proposed"),
        ("79.1", "score", "level", None, "exact", "map", "proposed"),
        ("91.3", "score", "level", None, "exact", "accuracy", "proposed"),
    ],
    "It cuts memory from 40 GB to 12 GB.": [
        ("40", "bytes", "level", None, "exact", "memory", "baseline"),
        ("12", "bytes", "level", None, "exact", "memory", "proposed"),
    ],
    "It draws 100 fps or more at 1080p.": [("100", "other", "level", None, "at_least", "speed", "proposed")],
    "It compresses the cache by 4×.": [("4×", "times", "change", "down", "exact", "cache", "proposed")],
}
NO_CLAIMS = [
    "GPT-3 has 175B parameters and ResNet-50 fewer.",
    "We use 25 tasks of 2019 and version 2.0.",
    "Images of 64×64 pixels are used, on 8 GPUs.",
    "See Section 3 and https://x.org/90%.",
    "It is trained with a learning rate of 0.001.",
    "The video is 5 seconds long at 480x832 pixels.",
    "An analysis of over 4,000 errors is given.",
    "No number at all.",
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES.items())
def test_forms(sentence, expected, reader):
    assert [tuple(claim[name] for name in FIELDS) for claim in reader.claims(sentence, "")] == expected


@pytest.mark.parametrize("sentence", NO_CLAIMS)
def test_numbers_that_are_no_claims(sentence, reader):
    assert list(reader.claims(sentence, "")) == []


def test_counts_of_wins_are_borderline(reader):
    assert [claim["is_optional"] for claim in reader.claims("It is best on 34 out of 40 tasks.", "")] == [True]


def test_an_explanation_shows_tokens_numbers_and_the_form(vocabulary):
    sentence = "Our 3 models improve accuracy by 3.2% on COCO."
    explanation = explain(vocabulary, sentence, sentence.index("3.2"))
    assert explanation.form["form"] == "up_by"
    assert [(number.text, number.form) for number in explanation.candidates] == [("3", None), ("3.2%", "up_by")]
    assert {token.text: token.known_as for token in explanation.tokens if token.known_as} == {
        "accuracy": "accuracy",
        "COCO": "COCO",
    }
    assert explain(vocabulary, sentence, 4).form is None
