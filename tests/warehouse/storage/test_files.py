import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from warehouse.errors import StepError
from warehouse.storage.files import read_json, read_secret, write_atomically, write_json


def test_json_round_trip(tmp_path):
    write_json(tmp_path / "a" / "x.json", {"é": [1, None]})
    assert read_json(tmp_path / "a" / "x.json") == {"é": [1, None]}
    assert read_json(tmp_path / "nothing.json") is None


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "x").write_text("old")

    def fail(temporary):
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(tmp_path / "x", fail)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("x", "old")]


def test_a_full_disk_leaves_no_secret_and_the_next_try_makes_one(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        read_secret(tmp_path / "secret")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    made = read_secret(tmp_path / "secret")
    assert len(made) > 30
    assert read_secret(tmp_path / "secret") == made
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_an_empty_secret_is_refused(tmp_path):
    (tmp_path / "secret").touch()
    with pytest.raises(StepError, match=r"is empty\nDelete the file"):
        read_secret(tmp_path / "secret")


def test_all_who_ask_at_once_get_one_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read_secret, [tmp_path / "secret"] * 32))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
