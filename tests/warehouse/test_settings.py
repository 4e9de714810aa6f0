"""Defaults that follow the machine."""

import pytest

from warehouse import settings
from warehouse.settings import Settings


@pytest.mark.parametrize(
    ("limit", "memory"), [("1000000000\n", "500MB"), ("64000000000\n", "3000MB"), ("max\n", "3000MB"), (None, "3000MB")]
)
def test_memory_follows_the_container(limit, memory, tmp_path, monkeypatch):
    file = tmp_path / "memory.max"
    if limit:
        file.write_text(limit, "ascii")
    monkeypatch.setattr(settings, "_CGROUP_LIMIT", file)
    monkeypatch.delenv("PAPERHOUSE_MEMORY_LIMIT", raising=False)
    assert Settings().memory_limit == memory
