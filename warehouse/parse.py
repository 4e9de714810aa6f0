"""Parse: the landed bytes → paper, claim, link and reject frames as Parquet files in the batch's folder."""

import shutil
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import polars as pl

from transforms import claims, links
from transforms.extraction import extract
from transforms.frames import Parsed, combined
from transforms.identity import stable_hash
from transforms.papers import normalise
from transforms.text import REPAIR_VERSION
from warehouse.batches import FRAMES, Batch, batch_lock, read_batch
from warehouse.clock import timed
from warehouse.errors import StepError
from warehouse.files import file_sha256, read_json, write_atomically, write_json
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.sources import Source, source
from warehouse.vocabularies import vocabulary, vocabulary_hash

_TEMPORARY = ".parse-"  # how the folder of pieces begins
EXTRACTOR_VERSION = f"claims {claims.EXTRACTOR_VERSION}, links {links.EXTRACTOR_VERSION}"


@dataclass(frozen=True)
class ParseNote:
    """What parse leaves for the next steps. fingerprint: equal bytes, parser, extractors and vocabularies give equal frames."""

    fingerprint: str
    parser_version: str
    extractor_version: str
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
    listed_link_count: int
    result_count: int
    term_count: int
    upstream_fields: dict[str, dict[str, int]]
    unread_fields: dict[str, int]
    seconds: float


def parse(settings: Settings, batch_id: str) -> ParseNote:
    """Parses a landed batch, unless the same bytes were parsed by the same code. Raises StepError where the landed file changed."""
    batch = read_batch(settings, batch_id)
    facts = source(batch.source)
    fingerprint = _fingerprint(batch, facts)
    with logged(settings, "parse", batch=batch.batch_id, source=batch.source) as entry, batch_lock(settings, batch, "parse"):
        if (note := parse_note(settings, batch)) and note.fingerprint == fingerprint:
            entry["is_known"] = True
            return note
        _without_litter(batch.folder(settings))
        note = _parse(settings, batch, facts, fingerprint)
        entry.update(rows=note.paper_count, rejects=note.reject_count, claims=note.claim_count, links=note.link_count)
        return note


def _parse(settings: Settings, batch: Batch, facts: Source, fingerprint: str) -> ParseNote:
    with timed() as watch, tempfile.TemporaryDirectory(dir=batch.folder(settings), prefix=_TEMPORARY) as folder:
        counts: Counter[str] = Counter()
        pieces, seen = [], pl.Series(dtype=pl.String)
        with _landed_file(settings, batch).open("rb") as file:
            for number, piece in enumerate(facts.pieces(file)):
                frames, seen = _frames(piece, batch, seen)
                counts.update(_counts(piece, frames))
                for name in FRAMES:
                    frames[name].write_parquet(Path(folder) / f"{name}-{number:05}.parquet")
                pieces.append(piece.without_rows())
        for name in FRAMES:
            parts = sorted(Path(folder).glob(f"{name}-*.parquet"))
            write_atomically(batch.frame(settings, name), pl.scan_parquet(parts, glob=False).sink_parquet)
    whole = combined(pieces)
    note = ParseNote(
        fingerprint=fingerprint,
        parser_version=facts.parser_version,
        extractor_version=EXTRACTOR_VERSION,
        upstream_format=whole.format,
        upstream_fields=whole.upstream_fields,
        unread_fields=whole.unread_fields,
        seconds=watch.seconds,
        **counts,
    )
    write_json(batch.note(settings, "parse"), asdict(note))
    return note


def parse_note(settings: Settings, batch: Batch) -> ParseNote | None:
    """The note of the batch's parse; None where there is none, or one of another version of paperhouse."""
    facts = read_json(batch.note(settings, "parse"))
    return ParseNote(**facts) if facts and set(facts) == {each.name for each in fields(ParseNote)} else None


def _frames(piece: Parsed, batch: Batch, seen: pl.Series) -> tuple[dict[str, pl.DataFrame], pl.Series]:
    """The frames of one piece, and the text_ids seen so far: a text is read for claims and links once a file."""
    papers = normalise(piece.records, batch.source, batch.listed_on)
    texts = papers.select("text_id", "title", "abstract").filter(~pl.col("text_id").is_in(seen.implode()))
    found_claims, found_links = extract(texts, vocabulary())
    listed = links.classified(piece.listed_links, vocabulary()).filter(pl.col("url").is_not_null())
    frames = {
        "papers": papers,
        "claims": found_claims,
        "links": found_links,
        "listed_links": listed,
        "results": piece.results,
        "terms": piece.terms,
        "rejects": piece.rejects,
    }
    return frames, pl.concat([seen, texts["text_id"].unique()])


def _counts(piece: Parsed, frames: dict[str, pl.DataFrame]) -> dict[str, int]:
    papers, rejects = frames["papers"], frames["rejects"]
    kept = pl.concat([frames[name]["entry_index"] for name in ("papers", "rejects", "results", "terms")])
    return {
        "line_count": piece.line_count,
        "ignored_line_count": piece.ignored_line_count,
        "paper_line_count": int(papers["line_count"].sum()),
        "reject_line_count": int(rejects["line_count"].sum()),
        "entry_count": piece.entry_count,
        "kept_entry_count": kept.n_unique(),
        "paper_count": papers.height,
        "reject_count": rejects.height,
        "broken_count": int(rejects["reason"].str.starts_with("broken").sum()),
        "null_abstract_count": papers["abstract"].null_count(),
        "claim_count": frames["claims"].height,
        "link_count": frames["links"].height,
        "listed_link_count": frames["listed_links"].height,
        "result_count": frames["results"].height,
        "term_count": frames["terms"].height,
    }


def _fingerprint(batch: Batch, facts: Source) -> str:
    return stable_hash(
        "\n".join([batch.batch_id, facts.parser_version, REPAIR_VERSION, EXTRACTOR_VERSION, vocabulary_hash(), facts.model_dump_json()])
    )


def _landed_file(settings: Settings, batch: Batch) -> Path:
    file = batch.landed_file(settings)
    if not file.exists() or file_sha256(file) != batch.sha256:
        state = "was changed on disk: its bytes no longer match their SHA-256" if file.exists() else "is gone"
        raise StepError(f"the landed file {file} of {batch.original_name} {state}", f"Land it again: paperhouse run --source {batch.source} FILE")
    return file


def _without_litter(folder: Path) -> None:
    """Makes the folder where it lacks; takes out what a run that was killed left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in [*folder.glob(f"{_TEMPORARY}*"), *folder.glob(".*.tmp")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
