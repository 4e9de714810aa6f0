"""Trouble of the machine is known by its number, or by what libraries say of it, also where it is the cause of another
error."""

import errno

import pytest

from warehouse.errors import StepError, classify_system_error


def caused(by):
    try:
        raise ValueError("no rows") from by
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "the disk is full: /data/x", "Free some space"),
        (
            OSError("Running\nEncountered an error: [Errno 28] No space left on device\nTraceback …"),
            "error: [Errno 28] No space left on device",
            "",
        ),
        (
            caused(OSError(errno.EROFS, "Read-only file system", "/data")),
            "the file system is read-only: /data",
            "Remount it",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), "a right is lacking: /data", "PAPERHOUSE_HOME"),
        (
            FileExistsError(errno.EEXIST, "File exists", "/data/build"),
            "a file is where a folder should be",
            "Move it away",
        ),
        (
            RuntimeError("IO Error: Corrupt database file: computed checksum 1"),
            "a database is damaged",
            "paperhouse rebuild",
        ),
    ],
)
def test_a_system_error_is_reported_with_a_hint(error, message, hint):
    found = classify_system_error(error)
    assert isinstance(found, StepError)
    assert message in found.message
    assert hint in found.hint
    assert "Traceback" not in found.message


def test_anything_else_is_no_trouble_of_the_machine():
    assert classify_system_error(ValueError("no such column")) is None
