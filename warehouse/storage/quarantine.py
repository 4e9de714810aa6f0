"""Quarantine: copies of the batches that failed a check, a dbt test or an audit, until someone has dealt with
them."""

import shutil
from pathlib import Path

import duckdb

from warehouse.clock import now
from warehouse.settings import Settings
from warehouse.storage.batches import Batch, read_batch
from warehouse.storage.files import write_json

_NAMED = 10  # batches in a message


def quarantine_batch(settings: Settings, batch: Batch, reason: str, page: str | None) -> Path:
    """Puts the landed file, the batch's frames and why.json (reason, page, at) into quarantine; returns the folder."""
    kept = settings.quarantine / batch.batch_id
    release_from_quarantine(settings, batch)
    if batch.folder(settings).exists():
        shutil.copytree(batch.folder(settings), kept, ignore=shutil.ignore_patterns(".*", "tmp*"))
    kept.mkdir(parents=True, exist_ok=True)
    if batch.landed_file(settings).exists():
        shutil.copyfile(batch.landed_file(settings), kept / "landed")
    _write_why(settings, batch, reason, page)
    return kept


def _write_why(settings: Settings, batch: Batch, reason: str, page: str | None) -> None:
    facts = {"source": batch.source, "original_name": batch.original_name, "reason": reason, "page": page, "at": now()}
    write_json(settings.quarantine / batch.batch_id / "why.json", facts)


def release_from_quarantine(settings: Settings, batch: Batch) -> None:
    shutil.rmtree(settings.quarantine / batch.batch_id, ignore_errors=True)


def find_unpublished(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[Batch]:
    """The batches that were loaded since the last build that was published: those that a failed test or audit can be
    due to."""
    return find_batches_since_publication(settings, connection, ("loaded",))


def find_batches_since_publication(
    settings: Settings, connection: duckdb.DuckDBPyConnection, outcomes: tuple[str, ...]
) -> list[Batch]:
    """The batches of which a load had one of the outcomes since the last build that was published."""
    query = """
        select distinct batch_id from raw.loads
        where list_contains(?, outcome)
            and load_number > coalesce((select max(load_number) from raw.builds where published_version is not null), 0)
        order by batch_id
    """
    return [read_batch(settings, batch_id) for (batch_id,) in connection.execute(query, [list(outcomes)]).fetchall()]


def flag_unpublished_batches(
    settings: Settings, connection: duckdb.DuckDBPyConnection, reason: str, page: str | None
) -> str:
    """Notes in quarantine why each batch since the last publication is not published, with no copy, as all of it is
    where it was; returns the ways out, in words."""
    batches = find_unpublished(settings, connection)
    for batch in batches:
        _write_why(settings, batch, reason, page)
    named = [f"\n  {batch.batch_id} ({batch.original_name})" for batch in batches]
    more = f"\n  and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return (
        f"Loaded since the last publication, and noted in {settings.quarantine}:{''.join(named[:_NAMED])}{more}\n"
        "Fix the fault and: paperhouse retry BATCH\n"
        'Take a batch out again: paperhouse withdraw BATCH --reason "…"\n'
        'Let it pass the guardrails as it is: paperhouse release BATCH --reason "…"\n'
        'Where a change of the models is meant, lift all guardrails: paperhouse audit --reason "…", then '
        "paperhouse publish"
    )
