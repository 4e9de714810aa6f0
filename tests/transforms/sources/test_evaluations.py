"""Results that others measured: Every Eval Ever's records, and what the Hugging Face Hub has."""

import gzip
import io
import json
import tarfile

import pytest

from tests.fuzzing.seeds import SEEDS
from warehouse.upstream.sources import read_source

EEE, HUB = read_source("every_eval_ever"), read_source("hf_eval_results")


def read(source, content, name):
    (parsed,) = source.pieces(io.BytesIO(content), name)
    return parsed


def bundle(**files):
    """As the landing zone makes them; and with a link that leads nowhere."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, packed in files.items():
            member = tarfile.TarInfo(f"{name}.json.gz")
            member.size = len(packed)
            archive.addfile(member, io.BytesIO(packed))
        link = tarfile.TarInfo("link.json.gz")
        link.type, link.linkname = tarfile.SYMTYPE, "nowhere"
        archive.addfile(link)
    return content.getvalue()


def test_a_record_of_every_eval_ever():
    parsed = read(EEE, SEEDS["every_eval_ever"]()[1], "a.json")
    (row,) = parsed.results.to_dicts()
    assert (row["model"], row["dataset"], row["metric"]) == ("quarry/gneiss", "ImageNet", "accuracy")
    assert row["value"] == 91.5
    assert (row["condition"], row["verification"], str(row["reported_on"])) == ("x", "self_reported", "2024-01-02")
    assert parsed.records["arxiv_id"].to_list() == ["2401.00001"]
    assert parsed.rejects["reason"].to_list() == ["no_score"]
    assert parsed.unread_fields["evaluation_results.metric_config.lower_is_better"] == 2


def test_the_paper_of_a_benchmark_is_not_the_models():
    record = json.loads(SEEDS["every_eval_ever"]()[0])
    record["evaluation_results"][0]["source_data"]["url"] = ["https://arxiv.org/abs/2001.00001"]
    record["evaluation_results"][0]["score_details"]["details"] = {}
    parsed = read(EEE, json.dumps(record).encode(), "a.json")
    assert parsed.records.is_empty()
    assert parsed.results["paper_url"].to_list() == [None]


def test_fractions_are_read_as_percent_where_the_record_says_so():
    record = json.loads(SEEDS["every_eval_ever"]()[0])
    (result,) = record["evaluation_results"]
    result["metric_config"] |= {"min_score": 0, "max_score": 1}
    result["score_details"]["score"] = 0.915
    (row,) = read(EEE, json.dumps(record).encode(), "a.json").results.to_dicts()
    assert (row["value"], row["value_text"]) == (91.5, "91.5%")
    result["score_details"]["score"] = 10**400
    assert read(EEE, json.dumps(record).encode(), "a.json").rejects["reason"].to_list() == ["no_score"]


def test_records_of_a_bundle_are_read_together_and_a_broken_one_alone_is_a_reject():
    files = {"a": SEEDS["every_eval_ever"]()[1], "b": b"{", "c": b"[]"}
    content = bundle(**{name: gzip.compress(text) for name, text in files.items()})
    parsed = read(EEE, content, "3 files.tar")
    assert parsed.results.height == 1
    assert parsed.rejects.select("reason", "excerpt").rows() == [
        ("no_score", "a.json"),
        ("not_json", "b.json"),
        ("no_record", "c.json"),
    ]
    (unreadable,) = read(EEE, bundle(a=gzip.compress(b"{}")[:-9]), "2 files.tar").rejects["reason"]
    assert unreadable == "unreadable_file", "one file does not break the others' batch"
    cut = read(EEE, content[:700], "3 files.tar")
    assert cut.rejects["reason"].to_list() == ["broken_file"]


def test_the_results_of_a_models_repository():
    parsed = read(HUB, SEEDS["hf_eval_results"]()[2], "quarry--gneiss-3B--gpqa.yaml")
    (row,) = parsed.results.to_dicts()
    assert (row["model"], row["dataset"], row["metric"]) == ("quarry/gneiss-3B", "GPQA Diamond", "accuracy")
    assert (row["value"], row["value_text"]) == (41.2, "41.2%"), "boards mix fractions and percent"
    assert (row["condition"], row["verification"]) == ("no-tools", "self_reported")
    assert row["code_urls"] == ["https://huggingface.co/quarry/gneiss-3B"]
    assert parsed.records["arxiv_id"].to_list() == ["2401.00001"]
    assert parsed.format == "eval_results"


def test_the_hubs_answers_say_what_is_verified_or_proposed():
    rows = [
        {"modelId": "quarry/gneiss", "value": 44.1, "verified": True},
        {"modelId": "quarry/slate", "value": 12, "verified": False, "pullRequest": 3},
        {"modelId": "quarry/shale", "value": "high"},
    ]
    parsed = read(HUB, json.dumps(rows).encode(), "cais--hle.json")
    assert parsed.results.select("model", "dataset", "verification").rows() == [
        ("quarry/gneiss", "HLE", "verified"),
        ("quarry/slate", "HLE", "community"),
    ]
    assert parsed.rejects["reason"].to_list() == ["no_value"]
    model = read(HUB, SEEDS["hf_eval_results"]()[0], "anything.json")
    assert model.results.select("model", "verification").rows() == [("quarry/gneiss", "self_reported")]


@pytest.mark.parametrize(
    ("content", "name", "reason", "says"),
    [
        (b"- dataset: {id: a}\n  value: 1", "gpqa.yaml", "no_repository", "save it as ORG--MODEL--NAME.yaml"),
        (b'[{"modelId": "a/b", "value": 1}]', "hle.json", "no_repository", "save it as ORG--DATASET.json"),
        (b"- dataset: [\n  x: :", "a--b--c.yaml", "not_yaml", "line 2"),
        (b"{", "a--b.json", "not_json", "a--b.json"),
        (b"- &a [1]\n- *a", "a--b--c.yaml", "not_yaml", "aliases"),
        (b"- 1: 2\n  on: 3", "a--b--c.yaml", "no_value", "no dataset"),
        (b"- value: !!timestamp x\n  dataset: {id: a}", "a--b--c.yaml", "no_value", "number"),
        (b"just words", "a--b--c.yaml", "no_results", "no list"),
        (b'{"id": "a/b"}', "x.json", "no_results", "evalResults"),
        (b"", "a--b.json", "not_json", "a--b.json"),
    ],
)
def test_what_is_no_result_says_why(content, name, reason, says):
    (row,) = read(HUB, content, name).rejects.to_dicts()
    assert row["reason"] == reason
    assert says in row["message"]
