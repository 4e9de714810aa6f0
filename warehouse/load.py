"""Load: a checked batch's frames → the raw tables, in one transaction, once."""

import duckdb

from warehouse.batches import FRAMES, Batch, read_batch
from warehouse.check import check_fingerprint, check_note
from warehouse.clock import timed
from warehouse.database import build_database, scalar, transaction
from warehouse.errors import StepError
from warehouse.loads import close_load
from warehouse.parse import parse_note
from warehouse.settings import Settings


def load(settings: Settings, batch_id: str) -> str:
    """Loads a batch and closes its load; returns 'loaded', or 'unchanged' where the warehouse holds just these frames.

    Raises StepError where no stored validation result says that these very frames passed.
    """
    batch = read_batch(settings, batch_id)
    parsed, checked = parse_note(settings, batch), check_note(settings, batch)
    if parsed is None or checked is None or not checked.is_passed or checked.fingerprint != check_fingerprint(parsed):
        raise StepError(f"batch {batch.batch_id} has no check that passed", f"Next: paperhouse check {batch.batch_id}")
    with build_database(settings, "load") as connection, transaction(connection):
        loaded = _loaded_fingerprint(connection, batch)
        if loaded == parsed.fingerprint:
            close_load(connection, batch, "unchanged", parsed, checked)
            return "unchanged"
        with timed() as watch:
            number = _insert(settings, connection, batch)
        facts = {"load_number": number, "is_replacement": loaded is not None, "load_seconds": watch.seconds}
        close_load(connection, batch, "loaded", parsed, checked, **facts)
    return "loaded"


def _loaded_fingerprint(connection: duckdb.DuckDBPyConnection, batch: Batch) -> str | None:
    query = "select fingerprint from raw.loads where batch_id = ? and outcome = 'loaded' order by load_number desc limit 1"
    fingerprint: str | None = scalar(connection, query, [batch.batch_id])
    return fingerprint


def _insert(settings: Settings, connection: duckdb.DuckDBPyConnection, batch: Batch) -> int:
    """Puts the batch's rows in place of any that it had; returns the load's number, one more than the last."""
    number: int = scalar(connection, "select coalesce(max(load_number), 0) + 1 from raw.loads")
    frames = {name: str(batch.frame(settings, name)) for name in FRAMES}
    for table in ("papers", "listed_links", "results", "terms", "rejects"):
        connection.execute(f"delete from raw.{table} where batch_id = ?", [batch.batch_id])
        connection.execute(
            f"insert into raw.{table} by name select ? as batch_id, ? as load_number, ? as landed_at, * from read_parquet(?)",
            [batch.batch_id, number, batch.landed_at, frames[table]],
        )
    for table in ("claims", "links"):
        connection.execute(f"delete from raw.{table} where text_id in (select text_id from read_parquet(?))", [frames["papers"]])
        connection.execute(f"insert into raw.{table} by name from read_parquet(?)", [frames[table]])
    return number
