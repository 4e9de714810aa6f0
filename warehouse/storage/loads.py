"""The record of every load, in raw.loads: opened when a batch lands, closed with its outcome."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import duckdb

from transforms.formats.drift import compare_schemas
from warehouse.clock import now, now_after
from warehouse.settings import Settings
from warehouse.storage.batches import Batch
from warehouse.storage.connection import insert, scalar
from warehouse.storage.database import build_database
from warehouse.storage.notes import CheckNote, ParseNote

_COUNTS = (
    "line_count", "ignored_line_count", "entry_count", "paper_count", "reject_count", "claim_count", "link_count",
    "listed_link_count", "result_count", "term_count", "link_check_count", "correction_count",
    "table_count", "table_cell_count", "table_result_count", "table_reference_count",
    "dropped_claim_count", "dropped_link_count",
)  # fmt: skip
_COMPARED = 20  # earlier loads, with which the fields of an upstream are compared


def open_load(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """A row for this attempt, unless the batch's last one is still open: that one goes on."""
    query = "select max(attempt), bool_or(outcome is null) from raw.loads where batch_id = ?"
    last, is_open = connection.execute(query, [batch.batch_id]).fetchone() or (None, None)
    if is_open:
        connection.execute(
            "update raw.loads set opened_by = ? where batch_id = ? and outcome is null", [name_opener(), batch.batch_id]
        )
        return
    attempt = (last or 0) + 1
    facts = {
        "load_id": f"{batch.batch_id}-{attempt}",
        "attempt": attempt,
        "started_at": now(),
        "opened_by": name_opener(),
    }
    insert(connection, "raw.loads", facts | asdict(batch))


def name_opener() -> str | None:
    """ "DAG_ID RUN_ID" of the run that Airflow has started this process for; None elsewhere."""
    dag_id, run_id = (os.environ.get(f"AIRFLOW_CTX_DAG_{name}") for name in ("ID", "RUN_ID"))
    return f"{dag_id} {run_id}" if dag_id and run_id else None


def close_load(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    outcome: str,
    parsed: ParseNote,
    checked: CheckNote,
    **facts: Any,
) -> None:
    """Ends the batch's open load; outcome is 'loaded', 'unchanged' or 'failed', facts are further columns of
    raw.loads."""
    values = {
        "outcome": outcome,
        "fingerprint": parsed.fingerprint,
        "parser_version": parsed.parser_version,
        "extractor_version": parsed.extractor_version,
        **{name: getattr(parsed, name) for name in _COUNTS},
        "upstream_format": parsed.upstream_format,
        "upstream_fields": json.dumps(parsed.upstream_fields),
        "schema_changes": json.dumps(_schema_changes(connection, batch, parsed)),
        "unread_fields": json.dumps(parsed.unread_fields),
        "parse_seconds": parsed.seconds,
        "is_check_passed": checked.is_passed,
        "check_page": checked.page,
        "check_seconds": checked.seconds,
        **facts,
    }
    end_load(connection, batch, values)


def end_load(connection: duckdb.DuckDBPyConnection, batch: Batch, values: dict[str, Any]) -> None:
    """Ends the batch's open load with these values of its columns; where none is open, one of this moment."""
    open_load(connection, batch)
    # As landings, ends of loads do not go back, even where the clock does: by them readers know what is new.
    last = scalar(connection, "select max(finished_at) from raw.loads")
    values = {"finished_at": now_after(last), **values}
    assignments = ", ".join(f"{name} = ?" for name in values)
    connection.execute(
        f"update raw.loads set {assignments} where batch_id = ? and outcome is null", [*values.values(), batch.batch_id]
    )


def _schema_changes(connection: duckdb.DuckDBPyConnection, batch: Batch, parsed: ParseNote) -> dict[str, list[str]]:
    """What changed in the upstream's fields since the loads that came before, of the same source and format."""
    query = """
        select upstream_fields from raw.loads
        where source = ? and upstream_format = ? and outcome = 'loaded' and batch_id <> ? and entry_count > 0 order by
            load_number desc limit ?
    """
    earlier = connection.execute(query, [batch.source, parsed.upstream_format, batch.batch_id, _COMPARED]).fetchall()
    return (
        compare_schemas([json.loads(fields) for (fields,) in earlier], parsed.upstream_fields)
        if parsed.upstream_fields
        else {}
    )


def find_open_batches(settings: Settings) -> list[str]:
    """The ids of the batches whose load is open, in the order of their landing."""
    with build_database(settings, "status") as connection:
        found = connection.execute(
            "select batch_id from raw.loads where outcome is null order by started_at, load_id"
        ).fetchall()
    return [batch_id for (batch_id,) in found]


def find_orphaned_batches(
    settings: Settings, run: str | None, is_live: Callable[[str], bool], sources: list[str]
) -> list[str]:
    """The batches of the sources whose load a run of Airflow has opened and no live run goes on with, and those of this
    very run, in the order of their landing. A run is "DAG_ID RUN_ID"."""
    query = """
        select batch_id, opened_by from raw.loads
        where outcome is null and opened_by is not null and list_contains(?, source) order by landed_at, load_id
    """
    with build_database(settings, "status") as connection:
        found = connection.execute(query, [sources]).fetchall()
    ended = {each for each in {opened_by for _, opened_by in found} if each == run or not is_live(each)}
    return [batch_id for batch_id, opened_by in found if opened_by in ended]


def find_loading_runs(settings: Settings) -> list[str]:
    """The runs of Airflow that have open loads, each as "DAG_ID RUN_ID"; some of them may have ended."""
    query = "select distinct opened_by from raw.loads where outcome is null and opened_by is not null order by all"
    with build_database(settings, "status") as connection:
        return [run for (run,) in connection.execute(query).fetchall()]


def has_loaded(settings: Settings, run: str | None) -> bool:
    """Whether the run of Airflow, "DAG_ID RUN_ID", has loaded anything new."""
    query = "select count(*) > 0 from raw.loads where opened_by = ? and outcome = 'loaded'"
    with build_database(settings, "status") as connection:
        return bool(scalar(connection, query, [run]))


def read_last_outcomes(settings: Settings) -> dict[str, str | None]:
    """The outcome of each batch's last load; None where that is open. A batch that was loaded once stays 'loaded'
    whatever failed later."""
    query = (
        "select batch_id, if(bool_or(outcome = 'loaded'), 'loaded', arg_max(coalesce(outcome, 'open'), "
        "attempt)) from raw.loads group by batch_id"
    )
    with build_database(settings, "status") as connection:
        return {
            batch_id: None if outcome == "open" else outcome
            for batch_id, outcome in connection.execute(query).fetchall()
        }
