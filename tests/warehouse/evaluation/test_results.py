"""What `evaluate results` counts is what the task's scorer counts."""

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import UsageError
from warehouse.evaluation.results import read_annotated, score_results

RESULT = {"task": "Object Detection", "dataset": "COCO", "metric": "mAP", "score": "54.3"}


def test_what_is_found_as_it_is_annotated_is_right_in_all():
    scores = score_results({"1": [RESULT], "2": []}, {"1": [RESULT]})
    assert scores.accuracy == 1
    assert {rate.f1 for rate in (*scores.overall.values(), *scores.whole.values())} == {1}


def test_a_name_that_is_nearly_right_counts_in_part_and_a_wrong_number_not_at_all():
    scores = score_results({"1": [RESULT]}, {"1": [RESULT | {"task": "Objects Detection", "score": "54.30%"}]})
    assert (scores.fields["exact"]["task"].f1, scores.fields["partial"]["task"].f1) == (0, 1)
    assert (scores.whole["all four partial"].f1, scores.whole["all four exact"].f1) == (1, 0)
    scores = score_results({"1": [RESULT]}, {"1": [RESULT | {"score": "54"}]})
    assert scores.whole["score"].f1 == 0
    assert [error[1] for error in scores.errors] == ["missed", "surplus"]


def test_a_paper_that_was_not_read_counts_as_one_without_results():
    scores = score_results({"1": [RESULT], "2": []}, {})
    assert scores.accuracy == 0.5
    assert scores.found_count == 0


def test_a_line_that_is_no_paper_is_named(tmp_path):
    file = tmp_path / "gold.jsonl"
    file.write_text('{"arxiv_id": "1", "results": []}\n{"results": []}\n', "utf-8")
    with pytest.raises(UsageError, match="line 2"):
        read_annotated([file])


NAMES = st.sampled_from(
    ["Image Classification", "image classification", "Detection", "ImageNet", "ImageNet-1k", "Accuracy", "-", ""]
)
SCORES = st.sampled_from(["54.3", "54.30%", "0.543", "90", "12.1 ± 0.3", "n/a", ""])
RESULTS = st.lists(
    st.fixed_dictionaries({"task": NAMES, "dataset": NAMES, "metric": NAMES, "score": SCORES}), max_size=4
)
PAPERS = st.dictionaries(st.sampled_from(["1", "2", "3"]), RESULTS, min_size=1)


@given(PAPERS, PAPERS)
def test_shares_are_shares(gold, found):
    scores = score_results(gold, found)
    for rate in (*scores.overall.values(), *scores.whole.values()):
        assert 0 <= rate.precision <= 1
        assert 0 <= rate.recall <= 1


def test_the_figures_are_those_of_the_tasks_scorer(shared, tmp_path):
    """The scorer's own figures, on the validation set and what a reader would find who shifts it by a paper."""
    gold_file = shared / "gold" / "results_validation.jsonl"
    gold = read_annotated([gold_file])
    ids = list(gold)
    found = {
        each: gold[other][:3] if i % 3 else gold[each]
        for i, (each, other) in enumerate(zip(ids, ids[1:] + ids[:1], strict=True))
    }
    found_file = tmp_path / "found.jsonl"
    found_file.write_text("\n".join(json.dumps({"arxiv_id": k, "results": v}) for k, v in found.items()), "utf-8")
    command = [sys.executable, str(shared / "gold" / "score_results.py"), str(gold_file), str(found_file)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    scores = score_results(gold, found)
    theirs = [*re.findall(r"F1 overall ([\d.]+)", text), *re.findall(r"whole results: .*?F1 ([\d.]+)", text)]
    ours = [rate.f1 for rate in (*scores.overall.values(), *scores.whole.values())]
    assert theirs == [f"{100 * value:.2f}" for value in ours]
    assert f"accuracy {scores.accuracy:.3f}" in text
