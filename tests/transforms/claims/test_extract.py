import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.claims import extract_claims
from transforms.frames import CLAIMS
from warehouse.vocabularies import read_vocabulary


@pytest.mark.parametrize(
    ("sentence", "datasets"),
    [
        ("Accuracy is 91.2% on CIFAR10, and 80% on ImageNet.", [["CIFAR-10"], ["ImageNet"]]),
        ("On CIFAR10 and COCO accuracy is 91.2% and 80%.", [["CIFAR-10"], ["COCO"]]),
        ("Accuracy is 91.2% and 80% on GLUE and SQuAD.", [["GLUE"], ["SQuAD"]]),
        ("Accuracy is 91.2% on GLUE and SQuAD.", [["GLUE", "SQuAD"]]),
        ("It is strong on GLUE (91.2%), SQuAD (80%) and COCO (70%).", [["GLUE"], ["SQuAD"], ["COCO"]]),
        ("It reaches 87.04 on DPG-New.", [["DPG-New"]]),
        ("An accuracy of 91% is reached on Qwen9-7B.", [[]]),
        ("Accuracy is 91.2% on the AE-Pub, Shop5PT and XYZ datasets.", [["AE-Pub", "Shop5PT", "XYZ"]]),
        ("Models trained on COCO reach an accuracy of 91.2%.", [[]]),
        ("Accuracy on the General AI Helpers benchmark is 91.2%.", [["General AI Helpers"]]),
        ("On English-German and NLP tasks accuracy is 91.2%.", [[]]),
        ("Accuracy is 91.2%.", [[]]),
        ("Accuracy is 91.2% on the So2Sat random split dataset. ", [["So2Sat"]]),
        ("Accuracy of MLLMs on representative benchmarks is 91.2%.", [[]]),
        ("On WMT’14 BLEU is 28.4.", [["WMT’14"]]),
        ("On Punjabi and with Kubernetes on L40S accuracy is 91.2%.", [[]]),
    ],
)
def test_each_number_has_its_own_datasets(sentence, datasets, texts, vocabulary):
    assert extract_claims(texts(sentence), vocabulary)["datasets"].to_list() == datasets


@pytest.mark.parametrize(
    ("sentence", "value", "high"),
    [
        ("Success rates of 70 to 80% are reached.", 70, 80),
        ("It improves accuracy by between 2% and 5%.", 2, 5),
        ("It brings a 4% to 17% accuracy improvement.", 4, 17),
        ("The drop in accuracy ranges from 19.6% to 47.7%.", 19.6, 47.7),
        ("It is 10-2x faster.", 2, 10),
        ("It gains 2.5 ~ 3.5 points of accuracy.", 2.5, 3.5),
    ],
)
def test_a_range_is_one_claim_whose_value_is_its_low_end(sentence, value, high, texts, vocabulary):
    claims = extract_claims(texts(sentence), vocabulary)
    assert claims.select("value", "value_high").rows() == [(value, high)]


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("The error is reduced by 28.80% to 1.50%.", [28.8, 1.5]),
        ("Accuracy rises by 3.2% to 81.7%.", [3.2, 81.7]),
        ("Accuracy rises from 61.2% to 67.1%.", [61.2, 67.1]),
        ("It is better on GLUE (78.95 to 85.14).", [78.95, 85.14]),
    ],
)
def test_a_level_that_is_reached_is_no_end_of_a_range(sentence, values, texts, vocabulary):
    claims = extract_claims(texts(sentence), vocabulary)
    assert claims.select("value", "value_high").rows() == [(value, None) for value in values]


@pytest.mark.parametrize(
    ("sentence", "metric", "written"),
    [
        ("It reaches an $F_1$ of 81.2.", "f1", "$F_1$"),
        ("It reaches 44.1 AP$_{50}$.", "ap50", "AP$_{50}$"),
        ("It reaches a pass@$k$ of 40%.", "pass@k", "pass@$k$"),
        ("It improves by 2.3 s-BLEU.", "bleu", "s-BLEU"),
        ("We report the false positive rate (FPX). The FPX falls to 4.1%.", "false positive rate", "FPX"),
        ("Accuracy improves by 3% (absolute) on average.", "accuracy", "Accuracy"),
    ],
)
def test_metrics_in_latex_with_affixes_and_defined_by_the_text_are_known(sentence, metric, written, texts, vocabulary):
    claims = extract_claims(texts(sentence), vocabulary)
    assert claims.select("metric", "metric_text").rows() == [(metric, written)]


def test_a_list_of_changes_goes_on(texts, vocabulary):
    claims = extract_claims(
        texts("It boosts accuracy by 17.9% on GSM8K, 11.0% on MATH and 3.9% over others, and reaches 80% in all."),
        vocabulary,
    )
    assert claims.select("value", "kind", "direction", "rule").rows() == [
        (17.9, "change", "up", "up_by"),
        (11.0, "change", "up", "up_by+listed"),
        (3.9, "change", "up", "up_by+listed"),
        (80.0, "level", None, "reported_share"),
    ]
    assert claims["confidence"].is_between(0, 1).all()


def test_a_claim_without_datasets_has_those_of_the_claims_before_it_or_the_one_that_the_paper_introduces(
    texts, vocabulary
):
    before = "On COCO the error falls to 4.4%. With our help, it is reduced from 178.1% to 45.5%."
    introduced = (
        "We present NewBench, a benchmark of 9 tasks. Nothing here. Even the best model has an "
        "accuracy of 27.3%. It gains 3%."
    )
    claims = extract_claims(texts(before, introduced), vocabulary)
    assert claims["datasets"].to_list() == [["COCO"], ["COCO"], ["COCO"], ["NewBench"], ["NewBench"]]


def test_a_benchmark_of_the_title_ends_before_a_preposition(texts, vocabulary):
    frame = texts("Even the best model has an accuracy of 27.3%.", title="NewBench for Agents: A Benchmark of Tasks")
    assert extract_claims(frame, vocabulary)["datasets"].to_list() == [["NewBench"]]


def test_each_of_many_numbers_has_the_name_behind_it(texts, vocabulary):
    """Only names and numbers near each other are compared, so that a long list takes no time of its cube."""
    sentence = "It gains " + ", ".join(f"{i}.5% on Set{i}-Bench" for i in range(1, 200)) + " in accuracy."
    claims = extract_claims(texts(sentence), vocabulary)
    assert claims["datasets"].to_list() == [[f"Set{i}-Bench"] for i in range(1, 200)]


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
    from warehouse.upstream.sources import read_source

    papers = normalise(read_source("hf_listing").parse(real_listing.read_bytes()).records, "hf_listing")
    claims = extract_claims(papers, vocabulary).join(papers.select("text_id", "title", "abstract"), on="text_id")
    assert claims.height > 150
    for row in claims.iter_rows(named=True):
        assert row[row["section"]][row["char_start"] : row["char_end"]] == row["value_text"]
