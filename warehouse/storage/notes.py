"""Notes: what parse and check leave in a batch's folder for the steps after them."""

from dataclasses import dataclass, fields
from typing import Any

from warehouse.settings import Settings
from warehouse.storage.batches import Batch
from warehouse.storage.files import DamagedFileError, read_json


@dataclass(frozen=True)
class ParseNote:
    """What parse leaves for the next steps. fingerprint: equal bytes, parser, extractors and vocabularies give equal
    frames."""

    fingerprint: str
    parser_version: str
    extractor_version: str
    texts_fingerprint: str  # of extractors and vocabularies
    upstream_format: str
    line_count: int
    ignored_line_count: int
    paper_line_count: int
    reject_line_count: int
    entry_count: int
    kept_entry_count: int  # entries that are found in a frame
    paper_count: int
    reject_count: int
    broken_count: int
    null_abstract_count: int
    claim_count: int
    link_count: int
    dropped_claim_count: int  # that broke an invariant
    dropped_link_count: int
    listed_link_count: int
    result_count: int
    term_count: int
    link_check_count: int
    correction_count: int
    table_count: int
    table_cell_count: int
    table_result_count: int
    table_reference_count: int
    upstream_fields: dict[str, dict[str, int]]
    unread_fields: dict[str, int]
    rejected_until: str | None  # entries that are dated after this day were rejected; null: none was
    dated_until: str  # the latest day that an entry may have: of the parse, or of the landing
    seconds: float


@dataclass(frozen=True)
class CheckNote:
    fingerprint: str  # of the parsed frames and of the suites that validated them
    is_passed: bool
    page: str  # of the Data Docs, relative to PAPERHOUSE_HOME
    expectation_count: int
    failures: list[str]
    seconds: float


def _read_note(settings: Settings, batch: Batch, step: str) -> Any:
    """What the step left; None where it left nothing that can be read, as it is made again then."""
    try:
        return read_json(batch.note(settings, step))
    except DamagedFileError:
        return None


def read_parse_note(settings: Settings, batch: Batch) -> ParseNote | None:
    """The note of the batch's parse; None where there is none, or one of another version of paperhouse, which left its
    frames elsewhere."""
    facts = _read_note(settings, batch, "parse")
    if (
        not facts
        or set(facts) != {each.name for each in fields(ParseNote)}
        or not batch.frames(settings, facts["fingerprint"]).is_dir()
    ):
        return None
    return ParseNote(**facts)


def read_check_note(settings: Settings, batch: Batch) -> CheckNote | None:
    """The note of the batch's check; None where there is none, or one of another version of paperhouse."""
    facts = _read_note(settings, batch, "check")
    return CheckNote(**facts) if facts and set(facts) == {each.name for each in fields(CheckNote)} else None
