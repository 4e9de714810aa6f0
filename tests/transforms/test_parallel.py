"""How many processors a process may use."""

import os

import pytest

from transforms import parallel


@pytest.mark.parametrize(
    ("quota", "count"),
    [("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8), (None, 8), ("9900000 100000", 8)],
)
def test_processors_follow_affinity_and_the_containers_quota(quota, count, tmp_path, monkeypatch):
    file = tmp_path / "cpu.max"
    if quota:
        file.write_text(quota, "ascii")
    monkeypatch.setattr(parallel, "_CGROUP_QUOTA", file)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert parallel.count_processors() == count
