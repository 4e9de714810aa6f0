import multiprocessing
import os
import time

from warehouse.resident import Resident


def test_commands_run_one_after_the_other_in_one_process(tmp_path):
    with (
        (tmp_path / "log").open("wb") as log,
        Resident("warehouse.cli.app:main", os.environ, tmp_path, log) as resident,
    ):
        codes = [resident.run(*arguments) for arguments in (["--help"], ["dance"], ["evaluate", "--help"])]
    assert codes == [0, 2, 0]
    assert "No such command" in (tmp_path / "log").read_text("utf-8")


def test_one_that_was_never_asked_ends_at_once(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        resident = Resident("warehouse.cli.app:main", os.environ, tmp_path, log)
        resident.stop()
    assert resident._process.returncode == -9


def test_a_command_of_a_process_that_died_has_failed(tmp_path):
    with (tmp_path / "log").open("wb") as log, Resident("nothing.of:the_kind", os.environ, tmp_path, log) as resident:
        assert resident.run("--help") == 1


def test_it_ends_with_its_starter_whatever_that_forked(tmp_path):
    with (
        (tmp_path / "log").open("wb") as log,
        Resident("warehouse.cli.app:main", os.environ, tmp_path, log) as resident,
    ):
        assert resident.run("--help") == 0
        fork = multiprocessing.get_context("fork").Process(target=time.sleep, args=[300], daemon=True)
        fork.start()
    assert fork.is_alive()
    fork.kill()
