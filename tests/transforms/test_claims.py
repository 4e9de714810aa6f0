import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.claims import extract_claims
from transforms.claims.candidates import candidates
from transforms.frames import CLAIMS
from warehouse.vocabularies import vocabulary as read_vocabulary

FIELDS = ["value_text", "value", "value_high", "unit", "kind", "direction", "bound", "metric", "subject"]
FORMS = {
    "It improves accuracy by 3.2% over the baseline.": [("3.2%", 3.2, None, "percent", "change", "up", "exact", "accuracy", "proposed")],
    "Training is up to 2.4× faster.": [("2.4×", 2.4, None, "times", "change", "up", "up_to", "speed", "proposed")],
    "It reduces memory usage by more than 66%-73%.": [("66%-73%", 66.0, 73.0, "percent", "change", "down", "at_least", "memory", "proposed")],
    "We reach an AUROC of 0.70±0.02.": [("0.70", 0.7, None, "score", "level", None, "exact", "auroc", "proposed")],
    "Accuracy rises from 61.2% to 67.1%.": [
        ("61.2%", 61.2, None, "percent", "level", None, "exact", "accuracy", "baseline"),
        ("67.1%", 67.1, None, "percent", "level", None, "exact", "accuracy", "proposed"),
    ],
    "It costs about 0.6 points of F1.": [("0.6", 0.6, None, "points", "change", "up", "about", "f1", "proposed")],
    "An FID of 1.27 is reached.": [("1.27", 1.27, None, "score", "level", None, "exact", "fid", "proposed")],
    "We gain +4% accuracy.": [("+4%", 4.0, None, "percent", "change", "up", "exact", "accuracy", "proposed")],
    "The model is 74% smaller.": [("74%", 74.0, None, "percent", "change", "down", "exact", "size", "proposed")],
}


@pytest.mark.parametrize(("sentence", "expected"), FORMS.items())
def test_forms(sentence, expected, texts, vocabulary):
    assert extract_claims(texts(sentence), vocabulary).select(FIELDS).rows() == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "GPT-3 has 175B parameters and ResNet-50 fewer.",
        "We use 25 tasks of 2019 and version 2.0.",
        "Images of 64×64 pixels are used.",
        "See Section 3 and https://x.org/90%.",
        "No number at all.",
    ],
)
def test_numbers_that_are_no_claims(sentence, texts, vocabulary):
    assert extract_claims(texts(sentence), vocabulary).is_empty()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8-10x less", [("8-10x", 8.0, 10.0, "x")]),
        ("by 0.67~1.98 points", [("0.67~1.98", 0.67, 1.98, "points")]),
        ("a 5.8-point gain", [("5.8", 5.8, None, "point")]),
        ("1,234.5% of", [("1,234.5%", 1234.5, None, "%")]),
        ("90 percent", [("90", 90.0, None, "percent")]),
        ("3.0%/5.2% and 2.2 × 10^15, 175 billion", [("3.0%", 3.0, None, "%"), ("5.2%", 5.2, None, "%")]),
        ("GPT-3, 1.5B, v2.0, 3D, 10^8, 2019-05-01", []),
    ],
)
def test_candidates(text, expected):
    assert [(c.value_text, c.value, c.value_high, c.unit_token) for c in candidates(text)] == expected


@pytest.mark.parametrize(
    ("sentence", "datasets"),
    [
        ("Accuracy is 91.2% on CIFAR10, and 80% on ImageNet.", [["CIFAR-10"], ["ImageNet"]]),
        ("On CIFAR10 and CIFAR-10 accuracy is 91.2% and 80%.", [["CIFAR-10"], ["CIFAR-10"]]),
        ("Accuracy is 91.2% and 80% on GLUE and SQuAD.", [["GLUE", "SQuAD"], ["GLUE", "SQuAD"]]),
        ("Accuracy is 91.2%.", [[]]),
        ("Accuracy is 91.2% on the So2Sat random split dataset. ", [["So2Sat"]]),
        ("Accuracy of MLLMs on representative benchmarks is 91.2%.", [[]]),
    ],
)
def test_each_number_has_its_own_datasets(sentence, datasets, texts, vocabulary):
    assert extract_claims(texts(sentence), vocabulary)["datasets"].to_list() == datasets


def test_a_list_of_changes_goes_on(texts, vocabulary):
    claims = extract_claims(texts("It boosts accuracy by 17.9% on GSM8K, 11.0% on MATH and 3.9% over others, and reaches 80% in all."), vocabulary)
    assert claims.select("value", "kind", "direction", "rule").rows() == [
        (17.9, "change", "up", "change_up_by"),
        (11.0, "change", "up", "listed"),
        (3.9, "change", "up", "listed"),
        (80.0, "level", None, "share"),
    ]


def test_a_list_of_changed_things_goes_on(texts, vocabulary):
    claims = extract_claims(texts("It cuts the number of parameters by 10,000 times and GPU memory by 3×."), vocabulary)
    assert claims.select("value", "direction", "metric").rows() == [(10_000.0, "down", "parameters"), (3.0, "down", "memory")]


def test_a_list_is_known_by_its_last_number_too(texts, vocabulary):
    claims = extract_claims(texts("It has a 0.6%, 2% gain in performance."), vocabulary)
    assert claims.select("value", "kind", "direction").rows() == [(0.6, "change", "up"), (2.0, "change", "up")]


def test_a_ratio_is_no_levels_metric(texts, vocabulary):
    claims = extract_claims(texts("Accuracy is 84.3% while being 6.1x faster; it also reaches 91.7%."), vocabulary)
    assert claims["metric"].to_list() == ["accuracy", "speed", "accuracy"]


def test_a_text_is_read_once(texts, vocabulary):
    frame = texts("Accuracy is 91.2%.")
    assert extract_claims(pl.concat([frame, frame]), vocabulary).height == 1


def test_titles_make_claims_too(texts, vocabulary):
    claims = extract_claims(texts("Nothing here.", title="A 3.5× Faster Method"), vocabulary)
    assert claims.select("section", "value").rows() == [("title", 3.5)]


@given(st.text(alphabet="0123456789.,%x×-–~±+ ()accuracyofby^/", max_size=80))
def test_invariants_hold_for_any_text(text):
    frame = pl.DataFrame({"text_id": ["t"], "title": ["T"], "abstract": [text]})
    claims = extract_claims(frame, read_vocabulary())
    assert claims.schema == pl.Schema(CLAIMS)
    for row in claims.iter_rows(named=True):
        assert text[row["char_start"] : row["char_end"]] == row["value_text"]
        assert row["value_text"] in row["evidence"]
        assert (row["kind"] == "change") == (row["direction"] is not None)
        assert row["value"] == row["value"] < float("inf")
    assert claims.select("section", "char_start").is_unique().all()


def test_places_hold_on_the_real_listing(real_listing, vocabulary):
    from transforms.papers import normalise
    from warehouse.sources import source

    papers = normalise(source("hf_listing").parse(real_listing.read_bytes()).records, "hf_listing")
    claims = extract_claims(papers, vocabulary).join(papers.select("text_id", "title", "abstract"), on="text_id")
    assert claims.height > 150
    for row in claims.iter_rows(named=True):
        assert row[row["section"]][row["char_start"] : row["char_end"]] == row["value_text"]
