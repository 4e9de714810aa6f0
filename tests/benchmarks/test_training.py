"""The benchmark of the scorer's training, on examples of which one feature tells all."""

import pytest

pytest.importorskip("sklearn")

from benchmarks.training import cross_validate, family_of, without
from warehouse.evaluation.training import Example


def example(right: str) -> Example:
    options = [([f"side:{side}", "always"], side == right) for side in ("before", "behind")]
    return Example({"metric": options, "datasets": options}, (0.9, 0.9, 0.9), [True])


def test_what_tells_the_right_option_is_learnt_and_missed():
    papers = [[example("behind")] for _ in range(24)]
    assert cross_validate(papers) == (1, 1, 1)
    assert cross_validate([[without(each, "side") for each in paper] for paper in papers]) == (0, 0, 0)


def test_a_family_is_the_first_word_of_a_feature():
    assert [family_of(name) for name in ("before:over_comma", "ahead_of_in:before", "none")] == [
        "before",
        "ahead",
        "none",
    ]
