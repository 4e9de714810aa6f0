"""Parse: the landed bytes → paper, claim, link and reject frames as Parquet files in the batch's folder, some for each
piece of the file."""

import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import polars as pl

from transforms import dates, invariants, links, tidy
from transforms.extraction import TextContext, read_records
from transforms.frames import Parsed, Piece, combine
from transforms.identity.keys import stable_hash
from transforms.names import name_corrections, name_results, name_terms
from transforms.parallel import parallel_imap
from transforms.text.repair import REPAIR_VERSION
from warehouse.clock import now, timed
from warehouse.errors import StepError
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.storage.batches import Batch, batch_lock, piece_file, read_batch
from warehouse.storage.files import file_sha256, put_folder, temporary_folder, write_json
from warehouse.storage.notes import ParseNote, read_parse_note
from warehouse.storage.texts import KnownTexts
from warehouse.upstream.sources import Source, read_source
from warehouse.versions import EXTRACTOR_VERSION, texts_fingerprint
from warehouse.vocabularies import read_vocabulary, vocabulary_hash


def parse(settings: Settings, batch_id: str) -> ParseNote:
    """Parses a landed batch, unless the same bytes were parsed by the same code. Raises StepError where the landed file
    changed."""
    batch = read_batch(settings, batch_id)
    source = read_source(batch.source)
    fingerprint = parse_fingerprint(batch, source)
    today = max(batch.landed_at, now()).date()  # a clock that was behind when it landed may be right by now
    with (
        logged(settings, "parse", batch=batch.batch_id, source=batch.source) as entry,
        batch_lock(settings, batch, "parse"),
    ):
        if (note := read_parse_note(settings, batch)) and is_current(note, fingerprint, today):
            entry["is_known"] = True
            return note
        _remove_leftovers(batch.folder(settings), batch.frames(settings, note.fingerprint) if note else None)
        note = _parse(settings, batch, source, fingerprint, today)
        entry.update(rows=note.paper_count, rejects=note.reject_count, claims=note.claim_count, links=note.link_count)
        return note


def is_current(note: ParseNote, fingerprint: str, today: date) -> bool:
    """Whether a parse of now, of that parse_fingerprint, would give what the note says. Entries that were rejected as
    dated after its day are read again on a later one."""
    is_late = note.rejected_until is not None and today.isoformat() > note.rejected_until
    return is_same_reading(note, fingerprint) and not is_late


def is_same_reading(note: ParseNote, fingerprint: str) -> bool:
    """Whether the note is of that parse_fingerprint, on whatever day."""
    return note.fingerprint == _dated(fingerprint, note.rejected_until)


def _dated(fingerprint: str, rejected_until: str | None) -> str:
    return stable_hash(f"{fingerprint} {rejected_until}") if rejected_until else fingerprint


def _parse(settings: Settings, batch: Batch, source: Source, fingerprint: str, today: date) -> ParseNote:
    with timed() as watch, temporary_folder(batch.folder(settings), "parse") as place:
        folder = place / "frames"
        folder.mkdir()
        known = KnownTexts(settings.build / "texts.sqlite", texts_fingerprint(), batch.folder(settings))
        pieces = _PieceFiles(folder)
        venue = source.config.venue_of(batch.original_name)
        context = TextContext(batch.source, batch.listed_on, read_vocabulary(), known.among, *venue)
        task = _PieceTask(folder, today, context)
        with _landed_file(settings, batch).open("rb") as file:
            for read_piece in parallel_imap(
                _read_piece, enumerate(source.iter_pieces(file, batch.original_name)), task
            ):
                pieces.add(read_piece)
        pieces.finish(known)
        rejected_until = today.isoformat() if pieces.counts.pop("future_count") else None
        fingerprint = _dated(fingerprint, rejected_until)
        put_folder(folder, batch.frames(settings, fingerprint))
    known.add(pieces.text_ids, batch.frames(settings, fingerprint))
    whole = combine(pieces.parsed)
    note = ParseNote(
        fingerprint=fingerprint,
        parser_version=source.parser_version,
        extractor_version=EXTRACTOR_VERSION,
        texts_fingerprint=texts_fingerprint(),
        upstream_format=whole.format,
        upstream_fields=whole.upstream_fields,
        unread_fields=whole.unread_fields,
        rejected_until=rejected_until,
        dated_until=today.isoformat(),
        seconds=watch.seconds,
        **pieces.counts,
    )
    write_json(batch.note(settings, "parse"), asdict(note))
    return note


@dataclass(frozen=True)
class _PieceTask:
    """What is the same for all pieces. folder: where their frames go."""

    folder: Path
    today: date
    context: TextContext


@dataclass(frozen=True)
class _PieceSummary:
    """What is known of a piece whose frames lie in the folder."""

    number: int
    parsed: Parsed  # without rows
    counts: dict[str, int]
    texts: pl.DataFrame  # text_id, number, is_known: another batch has its claims and links


def _read_piece(numbered: tuple[int, Piece], task: _PieceTask) -> _PieceSummary:
    """Makes and reads a piece, in a process of its own: only what is counted goes back, as frames would cost as much
    again on their way."""
    number, piece = numbered
    parsed = dates.reject_future_dates(tidy.materialize(piece), task.context.listed_on, task.today)
    found = read_records(parsed.records, task.context)
    vocabulary = task.context.vocabulary
    listed = links.classify_links(parsed.listed_links, vocabulary).filter(pl.col("url").is_not_null())
    frames = {
        "papers": found.papers,
        "claims": found.claims,
        "links": found.links,
        "listed_links": listed,
        "results": name_results(parsed.results, vocabulary),
        "terms": name_terms(parsed.terms, vocabulary),
        "link_checks": parsed.link_checks,
        "corrections": name_corrections(parsed.corrections, vocabulary),
        "tables": parsed.tables,
        "table_cells": name_results(parsed.table_cells, vocabulary),
        "table_results": name_results(parsed.table_results, vocabulary),
        "table_references": parsed.table_references,
        "rejects": pl.concat([parsed.rejects, found.rejects]),
    }
    for name, frame in frames.items():
        if frame.height or number == 0:
            frame.write_parquet(piece_file(task.folder, name, number))
    counts = {_count(name): frame.height for name, frame in frames.items()}
    counts |= _counts(parsed) | {
        "null_abstract_count": found.papers["abstract"].null_count(),
        "reject_count": parsed.rejects.height,
        "dropped_claim_count": int(found.rejects["reason"].str.starts_with("claim_").sum()),
        "dropped_link_count": int(found.rejects["reason"].str.starts_with("link_").sum()),
    }
    is_known = pl.col("text_id").is_in(found.known.implode())
    texts = found.papers.select("text_id", number=number, is_known=is_known).unique()
    return _PieceSummary(number, parsed.without_rows(), counts, texts)


def _count(name: str) -> str:
    """The count of a frame, as ParseNote names it."""
    return f"{name.removesuffix('s')}_count"


class _PieceFiles:
    """What was read of a file so far, as Parquet files in a folder; only what is counted stays in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.counts: Counter[str] = Counter()
        self.parsed: list[Parsed] = []
        self._texts: list[pl.DataFrame] = []

    def add(self, piece: _PieceSummary) -> None:
        self.counts.update(piece.counts)
        self.parsed.append(piece.parsed)
        self._texts.append(piece.texts)

    @property
    def text_ids(self) -> pl.Series:
        return pl.concat(self._texts)["text_id"]

    def finish(self, known: KnownTexts) -> None:
        """Leaves each text its claims and links once, where it was read first, and takes over those of the texts that
        others have read."""
        texts = pl.concat(self._texts)
        read_here = texts.filter(~pl.col("is_known"))
        repeated = read_here.filter(~pl.col("text_id").is_first_distinct())
        for (number,), again in repeated.group_by("number"):
            for name in ("claims", "links"):
                if (file := piece_file(self._folder, name, number)).exists():
                    found = pl.read_parquet(file)
                    self._put(
                        name,
                        number,
                        found.join(again, on="text_id", how="anti", maintain_order="left"),
                        instead_of=found.height,
                    )
        # While pieces are read, others finish.
        read_by_others = texts.filter(pl.col("is_known")).join(read_here, on="text_id", how="anti")
        for name, found in known.found_in(read_by_others["text_id"]).items():
            if found.height:
                self._put(name, len(self.parsed), found)

    def _put(self, name: str, number: int, frame: pl.DataFrame, instead_of: int = 0) -> None:
        frame.write_parquet(piece_file(self._folder, name, number))
        self.counts[_count(name)] += frame.height - instead_of


def _counts(piece: Parsed) -> dict[str, int]:
    return {
        "line_count": piece.line_count,
        "ignored_line_count": piece.ignored_line_count,
        "paper_line_count": int(piece.records["line_count"].sum()),
        "reject_line_count": int(piece.rejects["line_count"].sum()),
        "entry_count": piece.entry_count,
        "kept_entry_count": piece.kept_entries.len(),
        "future_count": int((piece.rejects["reason"] == dates.REASON).sum()),
        "broken_count": int(piece.rejects["reason"].str.starts_with("broken").sum()),
    }


def parse_fingerprint(batch: Batch, source: Source) -> str:
    """A hash of all that a parse follows from: the landed bytes, the venue that the file's name says, the source's YAML
    and parser, the extractors and the vocabularies."""
    versions = [
        source.parser_version,
        dates.VERSION,
        invariants.VERSION,
        tidy.VERSION,
        REPAIR_VERSION,
        EXTRACTOR_VERSION,
        vocabulary_hash(),
        source.config.model_dump_json(),
        str(source.config.venue_of(batch.original_name)),
    ]
    return stable_hash("\n".join([batch.batch_id, *versions]))


def _landed_file(settings: Settings, batch: Batch) -> Path:
    file = batch.landed_file(settings)
    if not file.exists() or file_sha256(file) != batch.sha256:
        state = "was changed on disk: its bytes no longer match their SHA-256" if file.exists() else "is gone"
        raise StepError(
            f"the landed file {file} of {batch.original_name} {state}",
            f"Land it again: paperhouse run --source {batch.source} FILE",
        )
    return file


def _remove_leftovers(folder: Path, last_frames: Path | None) -> None:
    """Creates the folder where there is none; removes what a killed run left in it, and frames that are not of the
    last parse.

    Those of the last one stay beside the new ones, as a batch that is parsed now may take texts over from them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = [path for path in folder.glob("frames-*") if path != last_frames]
    for path in [*folder.glob(".*.tmp"), *old]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
