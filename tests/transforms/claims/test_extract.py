import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.claims import extract_claims
from transforms.frames import CLAIMS
from warehouse.vocabularies import vocabulary as read_vocabulary


@pytest.mark.parametrize(
    ("sentence", "datasets"),
    [
        ("Accuracy is 91.2% on CIFAR10, and 80% on ImageNet.", [["CIFAR10"], ["ImageNet"]]),
        ("On CIFAR10 and COCO accuracy is 91.2% and 80%.", [["CIFAR10"], ["COCO"]]),
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
    ],
)
def test_each_number_has_its_own_datasets(sentence, datasets, texts, vocabulary):
    assert extract_claims(texts(sentence), vocabulary)["datasets"].to_list() == datasets


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


def test_a_level_without_datasets_has_those_of_the_claims_before_it_or_the_one_that_the_paper_introduces(
    texts, vocabulary
):
    before = "On COCO the error falls to 4.4%. With our help, it is reduced from 178.1% to 45.5%."
    introduced = (
        "We present NewBench, a benchmark of 9 tasks. Nothing here. Even the best model has an "
        "accuracy of 27.3%. It gains 3%."
    )
    claims = extract_claims(texts(before, introduced), vocabulary)
    assert claims["datasets"].to_list() == [["COCO"], ["COCO"], ["COCO"], ["NewBench"], []]


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
    from warehouse.upstream.sources import source

    papers = normalise(source("hf_listing").parse(real_listing.read_bytes()).records, "hf_listing")
    claims = extract_claims(papers, vocabulary).join(papers.select("text_id", "title", "abstract"), on="text_id")
    assert claims.height > 150
    for row in claims.iter_rows(named=True):
        assert row[row["section"]][row["char_start"] : row["char_end"]] == row["value_text"]
