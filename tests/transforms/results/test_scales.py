import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.results.scales import find_scale, load_scales, make_scale, write_scales

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(VALUES, st.floats(-1e6, 1e6))
def test_a_value_has_its_place(values, value):
    ((count, share, distance, _, factor),) = make_scale(values).place(np.array([value])).tolist()
    assert factor in (0.01, 1, 100)
    assert count == math.log1p(len(values))
    assert 0 <= share <= 1
    assert math.isfinite(distance)


def test_a_datasets_own_scale_counts_from_three_results():
    few, many = make_scale([1, 2]), make_scale([1, 2, 3])
    of_metric = make_scale([50, 60])
    assert find_scale({("COCO", "AP"): few, ("", "AP"): of_metric}, "COCO", "AP") == of_metric
    assert find_scale({("COCO", "AP"): many, ("", "AP"): of_metric}, "COCO", "AP") == many
    assert find_scale({("COCO", "AP"): make_scale([])}, "COCO", "AP") is None


def test_scales_are_read_as_they_are_written(tmp_path):
    scales = {("COCO", "AP"): make_scale([1, 2, 3.5]), ("", "AP"): make_scale(range(100))}
    write_scales(tmp_path / "scales.csv", scales)
    assert load_scales(tmp_path / "scales.csv") == scales


@pytest.mark.parametrize("count", [20, 21, 1000])
def test_the_ends_of_a_scale_are_kept(count):
    assert make_scale(range(count)).points[:: len(make_scale(range(count)).points) - 1] == (0, count - 1)
