"""Check: Great Expectations validates a batch's frames before they are loaded. A batch that fails is kept in
quarantine."""

import shutil
from dataclasses import asdict
from pathlib import Path

import polars as pl

from expectations.validation import Database, Validation, suite_files, validate
from transforms.config import SourceConfig
from transforms.formats.files import describe_unreadable
from transforms.frames import CLAIM_VALUES, LINK_VALUES
from transforms.identity.keys import stable_hash
from warehouse.clock import timed
from warehouse.errors import RejectedError, StepError, explain_failed_validation
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.storage.batches import FRAMES, Batch, batch_lock, frame_files, read_batch
from warehouse.storage.connection import connect, limit, quoted
from warehouse.storage.database import build_database
from warehouse.storage.decisions import read_decision
from warehouse.storage.files import temporary_folder, write_json
from warehouse.storage.loads import close_load
from warehouse.storage.notes import CheckNote, ParseNote, read_check_note, read_parse_note
from warehouse.storage.quarantine import quarantine_batch, release_from_quarantine
from warehouse.upstream.sources import read_source

# Claims and links beside the text that they are places in.
_TEXT_SPANS = """
create view batch.text_spans as
with placed as (
    select text_id, section, char_start, char_end, value_text as placed_text from batch.claims
    union all
    select text_id, section, char_start, char_end, url_text from batch.links
)
select placed.*, if(placed.section = 'title', papers.title, papers.abstract) as text
from placed inner join batch.papers using (text_id)
"""


def check(settings: Settings, batch_id: str) -> CheckNote:
    """Validates a parsed batch, unless it passed the same suites before.

    Raises StepError where the batch is not parsed, RejectedError where it fails: then a copy lies in quarantine, the
    load is closed as failed, and the warehouse is as it was.
    """
    batch = read_batch(settings, batch_id)
    parsed = read_parse_note(settings, batch)
    if parsed is None:
        raise StepError(f"batch {batch.batch_id} is not parsed", f"Next: paperhouse parse {batch.batch_id}")
    with (
        logged(settings, "check", batch=batch.batch_id, source=batch.source, rows=parsed.paper_count) as entry,
        batch_lock(settings, batch, "check"),
    ):
        note = _check(settings, batch, parsed)
        entry.update(is_passed=note.is_passed, page=note.page)
        return note


def _check(settings: Settings, batch: Batch, parsed: ParseNote) -> CheckNote:
    fingerprint = check_fingerprint(parsed)
    note = read_check_note(settings, batch)
    if note and note.fingerprint == fingerprint and note.is_passed and (settings.home / note.page).exists():
        return note
    site = settings.data_docs / "batches" / batch.batch_id
    with timed() as watch:
        validation = _validate(settings, batch, parsed, site)
    if validation.errors:
        raise explain_failed_validation("check", validation.errors[0], validation.page)
    page = str(validation.page.relative_to(settings.home))
    failures = [str(failure) for failure in validation.failures]
    note = CheckNote(fingerprint, validation.is_passed, page, validation.expectation_count, failures, watch.seconds)
    write_json(batch.note(settings, "check"), asdict(note))
    if note.is_passed or read_decision(settings, batch.batch_id, "release"):
        release_from_quarantine(settings, batch)
        return note
    what = _describe_file(settings, batch, parsed)
    reason = what or "; ".join(failures)
    kept = quarantine_batch(settings, batch, reason, page)
    with build_database(settings, "check") as connection:
        close_load(connection, batch, "failed", parsed, note, message=reason)
    raise RejectedError(
        f"batch {batch.batch_id} ({batch.original_name}) failed its check and was not loaded: {reason}",
        f"Details: {settings.home / note.page}\nThe batch is kept in {kept}. Fix the file and run it, or fix "
        f"the bounds in "
        f'transforms/sources/{batch.source}.yml and: paperhouse retry {batch.batch_id} --reason "…"'
        + ("" if what else f'\nIf it is right as it is: paperhouse release {batch.batch_id} --reason "…"'),
    )


def _describe_file(settings: Settings, batch: Batch, parsed: ParseNote) -> str | None:
    """What is wrong with the file as a whole, in words: it was cut or is damaged, or it is no file of any source."""
    if parsed.broken_count:
        files = frame_files(batch.frames(settings, parsed.fingerprint), "rejects")
        broken = pl.concat(map(pl.read_parquet, files)).filter(pl.col("reason").str.starts_with("broken"))
        return f"the file cannot be read to its end: {broken['message'][0]}" if broken.height else None
    if parsed.kept_entry_count > parsed.reject_count:
        return None
    with batch.landed_file(settings).open("rb") as file:
        return describe_unreadable(file.read(4000))


def check_fingerprint(parsed: ParseNote) -> str:
    return stable_hash(parsed.fingerprint + "".join(file.read_text("utf-8") for file in suite_files("batch")))


def _validate(settings: Settings, batch: Batch, parsed: ParseNote, site: Path) -> Validation:
    config = read_source(batch.source).config
    shutil.rmtree(site, ignore_errors=True)
    with temporary_folder(batch.folder(settings), "check") as folder:
        database = folder / "check.duckdb"
        with connect(database) as connection:
            connection.execute("create schema batch")
            for name in FRAMES:
                files = ", ".join(
                    quoted(str(file)) for file in frame_files(batch.frames(settings, parsed.fingerprint), name)
                )
                connection.execute(f"create view batch.{name} as from read_parquet([{files}])")
            connection.execute(_TEXT_SPANS)
            accounting = folder / "accounting.parquet"
            _count_accounting(parsed, config).write_parquet(accounting)
            connection.execute("create table batch.accounting as from read_parquet(?)", [str(accounting)])
        allowed = {f"allowed_{column}": list(values) for column, values in (CLAIM_VALUES | LINK_VALUES).items()}
        bounds = config.assertions.model_dump() | allowed
        return validate(Database(database, (limit(settings),)), "batch", "batch", bounds, site)


def _count_accounting(parsed: ParseNote, config: SourceConfig) -> pl.DataFrame:
    """One row: the counts of the parse, the shares that a source's YAML bounds, the fields that its format must have
    and lacks, and the latest day that an entry may have."""
    has_entries = parsed.entry_count > parsed.reject_count
    lacking = config.lacking_fields(parsed.upstream_format, parsed.upstream_fields) if has_entries else []
    is_list = config.assertions.allows_lists_without_abstracts and parsed.null_abstract_count == parsed.paper_count
    counts = {name: value for name, value in asdict(parsed).items() if name.endswith("_count")}
    shares = {
        "reject_share": config.assertions.reject_share(parsed.reject_count, parsed.entry_count),
        "null_abstract_share": 0.0 if is_list else parsed.null_abstract_count / max(1, parsed.paper_count),
    }
    return pl.DataFrame([counts | shares | {"lacking_fields": ", ".join(lacking), "dated_until": parsed.dated_until}])
