"""A little of `make faults`, which tries each fault many times; and the readers."""

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.faults import FAULTS, Trial
from tests.faults.harness import make_templates, seeded
from tests.faults.readers import crowd

pytestmark = pytest.mark.trust

NEEDS = {"SIGKILL": "strace"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    return make_templates(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def eprint_templates(tmp_path_factory):
    return make_templates(tmp_path_factory.mktemp("eprints"), "arxiv_source")


def skip_without(program):
    if not shutil.which(program):
        pytest.skip(f"needs {program}: make test-services")


@pytest.mark.parametrize(
    "name",
    [
        "SIGKILL in publish",
        "disk full in publish",
    ],
)
def test_nothing_is_lost(name, templates, tmp_path):
    attempt(name, templates, tmp_path)


@pytest.mark.parametrize("name", ["SIGKILL in parse", "disk full in land"])
def test_nothing_of_e_prints_is_lost(name, eprint_templates, tmp_path):
    attempt(name, eprint_templates, tmp_path)


def attempt(name, templates, tmp_path):
    for part, program in NEEDS.items():
        if part in name:
            skip_without(program)
    if "disk" in name and os.getuid():
        pytest.skip("needs root, to mount a small file system")
    outcome = FAULTS[name](Trial(*templates, tmp_path, seeded("a test", name), attempts=1))
    assert outcome.total() > 0


def test_readers_see_one_version_at_a_time(templates, tmp_path):
    home = templates[0]["publish"].copy(tmp_path / "home")
    found = crowd(home, 8, 4, Path(tmp_path / "stop"))
    assert found["reads"] >= 8
    assert found["most versions seen by one"] > 1
