"""Parse: the landed bytes → paper, claim, link and reject frames as Parquet files in the batch's folder."""

from dataclasses import asdict, dataclass

import polars as pl

from transforms import claims, links
from transforms.extraction import extract
from transforms.frames import Parsed
from transforms.identity import stable_hash
from transforms.papers import normalise
from warehouse.batches import FRAMES, Batch, read_batch
from warehouse.clock import timed
from warehouse.errors import StepError
from warehouse.files import file_sha256, read_json, write_atomically, write_json
from warehouse.settings import Settings
from warehouse.sources import Source, source
from warehouse.vocabularies import vocabulary, vocabulary_hash

EXTRACTOR_VERSION = f"claims {claims.EXTRACTOR_VERSION}, links {links.EXTRACTOR_VERSION}"


@dataclass(frozen=True)
class ParseNote:
    """What parse leaves for the next steps. fingerprint: equal bytes, parser, extractors and vocabularies give equal frames."""

    fingerprint: str
    parser_version: str
    extractor_version: str
    line_count: int
    ignored_line_count: int
    paper_line_count: int
    reject_line_count: int
    entry_count: int
    paper_count: int
    reject_count: int
    null_abstract_count: int
    claim_count: int
    link_count: int
    unread_fields: dict[str, int]
    seconds: float


def parse(settings: Settings, batch_id: str) -> ParseNote:
    """Parses a landed batch, unless the same bytes were parsed by the same code. Raises StepError where the landed file changed."""
    batch = read_batch(settings, batch_id)
    facts = source(batch.source)
    fingerprint = _fingerprint(batch, facts)
    if (note := parse_note(settings, batch)) and note.fingerprint == fingerprint:
        return note
    with timed() as watch:
        parsed = facts.parse(_landed_bytes(settings, batch))
        papers = normalise(parsed.records, batch.source, batch.listed_on)
        found_claims, found_links = extract(papers.select("text_id", "title", "abstract"), vocabulary())
        frames = {"papers": papers, "claims": found_claims, "links": found_links, "rejects": parsed.rejects}
        for name in FRAMES:
            write_atomically(batch.frame(settings, name), frames[name].write_parquet)
    note = _note(fingerprint, facts, parsed, frames, watch.seconds)
    write_json(batch.note(settings, "parse"), asdict(note))
    return note


def parse_note(settings: Settings, batch: Batch) -> ParseNote | None:
    facts = read_json(batch.note(settings, "parse"))
    return ParseNote(**facts) if facts else None


def _fingerprint(batch: Batch, facts: Source) -> str:
    return stable_hash("\n".join([batch.batch_id, facts.parser_version, EXTRACTOR_VERSION, vocabulary_hash(), facts.model_dump_json()]))


def _landed_bytes(settings: Settings, batch: Batch) -> bytes:
    file = batch.landed_file(settings)
    if not file.exists() or file_sha256(file) != batch.sha256:
        state = "was changed on disk: its bytes no longer match their SHA-256" if file.exists() else "is gone"
        raise StepError(f"the landed file {file} of {batch.original_name} {state}", f"Land it again: paperhouse run --source {batch.source} FILE")
    return file.read_bytes()


def _note(fingerprint: str, facts: Source, parsed: Parsed, frames: dict[str, pl.DataFrame], seconds: float) -> ParseNote:
    papers, rejects = frames["papers"], frames["rejects"]
    return ParseNote(
        fingerprint=fingerprint,
        parser_version=facts.parser_version,
        extractor_version=EXTRACTOR_VERSION,
        line_count=parsed.line_count,
        ignored_line_count=parsed.ignored_line_count,
        paper_line_count=int(papers["line_count"].sum()),
        reject_line_count=int(rejects["line_count"].sum()),
        entry_count=pl.concat([papers["entry_index"], rejects["entry_index"]]).n_unique(),
        paper_count=papers.height,
        reject_count=rejects.height,
        null_abstract_count=papers["abstract"].null_count(),
        claim_count=frames["claims"].height,
        link_count=frames["links"].height,
        unread_fields=parsed.unread_fields,
        seconds=seconds,
    )
