"""Load: a checked batch's frames → the raw tables, in one transaction, once."""

from pathlib import Path
from typing import Any

import duckdb

from warehouse.clock import timed
from warehouse.errors import StepError, UsageError
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.steps.check import check_fingerprint
from warehouse.storage.batches import FRAMES, Batch, frame_files, read_batch
from warehouse.storage.connection import scalar, transaction
from warehouse.storage.database import build_database
from warehouse.storage.decisions import Decision, read_decision
from warehouse.storage.loads import close_load, end_load
from warehouse.storage.notes import read_check_note, read_parse_note

_BY_TEXT = ("claims", "links")  # tables whose rows are of a text, whichever batches have it
_BY_BATCH = tuple(name for name in FRAMES if name not in _BY_TEXT)


def load(settings: Settings, batch_id: str) -> str:
    """Loads a batch and closes its load; returns 'loaded', 'unchanged' where the warehouse holds just these frames, or
    'withdrawn' where the batch is withdrawn.

    Raises StepError where no stored validation result says that these frames passed, and the batch is not released.
    """
    batch = read_batch(settings, batch_id)
    parsed, checked = read_parse_note(settings, batch), read_check_note(settings, batch)
    if withdrawn := read_decision(settings, batch.batch_id, "withdraw"):
        with build_database(settings, "load") as connection, transaction(connection):
            _withdraw(connection, batch, withdrawn)
        return "withdrawn"
    released = read_decision(settings, batch.batch_id, "release")
    is_checked = parsed and checked and checked.fingerprint == check_fingerprint(parsed)
    if parsed is None or checked is None or not is_checked or not (checked.is_passed or released):
        raise StepError(f"batch {batch.batch_id} has no check that passed", f"Next: paperhouse check {batch.batch_id}")
    with (
        logged(settings, "load", batch=batch.batch_id, source=batch.source, rows=parsed.paper_count) as entry,
        build_database(settings, "load") as connection,
        transaction(connection),
    ):
        loaded = _read_loaded_fingerprint(connection, batch)
        if loaded == parsed.fingerprint:
            entry["outcome"] = "unchanged"
            close_load(connection, batch, "unchanged", parsed, checked, **(released.columns if released else {}))
            return "unchanged"
        entry["outcome"] = "loaded"
        with timed() as watch:
            number = _insert(connection, batch, batch.frames(settings, parsed.fingerprint))
        facts = {"load_number": number, "is_replacement": loaded is not None, "load_seconds": watch.seconds}
        close_load(connection, batch, "loaded", parsed, checked, **facts, **(released.columns if released else {}))
    return "loaded"


def withdraw(settings: Settings, batch_id: str) -> None:
    """Deletes a batch's rows, for the recorded reason. Raises UsageError where it is not loaded, or
    no decision says so."""
    batch = read_batch(settings, batch_id)
    withdrawn = read_decision(settings, batch.batch_id, "withdraw")
    if withdrawn is None:
        raise UsageError(
            f"there is no decision to withdraw batch {batch.batch_id}",
            f'Next: paperhouse withdraw {batch.batch_id} --reason "…"',
        )
    with build_database(settings, "withdraw") as connection, transaction(connection):
        if _read_loaded_fingerprint(connection, batch) is not None:
            _withdraw(connection, batch, withdrawn)


def _withdraw(connection: duckdb.DuckDBPyConnection, batch: Batch, withdrawn: Decision) -> None:
    """Deletes what the warehouse holds of the batch, and says so in a load; a load that is open ends so in any case."""
    values: dict[str, Any] = {"outcome": "withdrawn", **withdrawn.columns}
    if _read_loaded_fingerprint(connection, batch) is not None:
        for table in _BY_BATCH:
            connection.execute(f"delete from raw.{table} where batch_id = ?", [batch.batch_id])
        values |= {"load_number": _next_number(connection), "is_replacement": True}
    end_load(connection, batch, values)


def _read_loaded_fingerprint(connection: duckdb.DuckDBPyConnection, batch: Batch) -> str | None:
    """The fingerprint of what the warehouse holds of the batch, or None."""
    query = """
        select if(outcome = 'loaded', fingerprint, null) from raw.loads
        where batch_id = ? and outcome in ('loaded', 'withdrawn') order by load_number desc limit 1
    """
    fingerprint: str | None = scalar(connection, query, [batch.batch_id])
    return fingerprint


def _next_number(connection: duckdb.DuckDBPyConnection) -> int:
    number: int = scalar(connection, "select coalesce(max(load_number), 0) + 1 from raw.loads")
    return number


def _insert(connection: duckdb.DuckDBPyConnection, batch: Batch, folder: Path) -> int:
    """Puts the batch's rows in place of any that it had; returns the load's number, one more than the last."""
    number = _next_number(connection)
    frames = {name: [str(file) for file in frame_files(folder, name)] for name in FRAMES}
    for table in _BY_BATCH:
        connection.execute(f"delete from raw.{table} where batch_id = ?", [batch.batch_id])
        connection.execute(
            f"insert into raw.{table} by name select ? as batch_id, ? as load_number, ? as landed_at, * from "
            f"read_parquet(?)",
            [batch.batch_id, number, batch.landed_at, frames[table]],
        )
    for table in _BY_TEXT:
        connection.execute(
            f"delete from raw.{table} where text_id in (select text_id from read_parquet(?))", [frames["papers"]]
        )
        connection.execute(f"insert into raw.{table} by name from read_parquet(?)", [frames[table]])
    return number
