import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.results.relations import COMPARED, compare

SCORES = st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abc")), max_size=30)


@given(SCORES)
def test_a_score_is_compared_with_its_group_alone(pairs):
    scores = np.array([score for score, _ in pairs])
    found = compare(scores, [group for _, group in pairs])
    assert found.shape == (len(pairs), len(COMPARED))
    for row, (score, group) in zip(found, pairs, strict=True):
        own = sorted((each for each, other in pairs if other == group), reverse=True)
        assert np.isclose(row[4], sum(own))
        assert row[3] == sum(each > 0.1 for each in own)
        assert np.isclose(row[5], own[1] if len(own) > 1 else 0)
        assert own[int(row[2])] == score


def test_groups_may_be_of_any_kind():
    found = compare(np.array([0.5, 0.25]), [("a", 1), ("a", 1)])
    assert np.allclose(found[1], [1 / 3, 0.5, 1, 2, 0.75, 0.25])
