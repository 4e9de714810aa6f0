import pytest

from warehouse.files import read_json, write_atomically, write_json


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
