"""Parse: the landed bytes → paper, claim, link and reject frames as Parquet files in the batch's folder."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import polars as pl

from transforms import claims, links
from transforms.extraction import CHUNK, Task, read
from transforms.frames import Parsed, combined
from transforms.identity import stable_hash
from transforms.text import REPAIR_VERSION
from warehouse.batches import FRAMES, Batch, batch_lock, read_batch
from warehouse.clock import timed
from warehouse.errors import StepError
from warehouse.files import file_sha256, read_json, write_atomically, write_json
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.sources import Source, source
from warehouse.texts import texts_read
from warehouse.vocabularies import vocabulary, vocabulary_hash

_TEMPORARY = ".parse-"  # how the folder of pieces begins
EXTRACTOR_VERSION = f"claims {claims.EXTRACTOR_VERSION}, links {links.EXTRACTOR_VERSION}"


@dataclass(frozen=True)
class ParseNote:
    """What parse leaves for the next steps. fingerprint: equal bytes, parser, extractors and vocabularies give equal frames."""

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
    with timed() as watch, tempfile.TemporaryDirectory(dir=batch.folder(settings), prefix=_TEMPORARY) as name:
        pieces = _Pieces(Path(name))
        others = texts_read(settings, batch, texts_fingerprint())
        with _landed_file(settings, batch).open("rb") as file:
            task = Task(batch.source, batch.listed_on, vocabulary(), others.text_ids)
            for papers, found_claims, found_links in read(pieces.records(facts.pieces(file)), task):
                pieces.add(papers, found_claims, found_links)
        for frame, found in others.found_in(pieces.text_ids).items():
            pieces.put(frame, found)
        for frame in FRAMES:
            write_atomically(batch.frame(settings, frame), pl.scan_parquet(pieces.files(frame), glob=False).sink_parquet)
    whole = combined(pieces.parsed)
    note = ParseNote(
        fingerprint=fingerprint,
        parser_version=facts.parser_version,
        extractor_version=EXTRACTOR_VERSION,
        texts_fingerprint=texts_fingerprint(),
        upstream_format=whole.format,
        upstream_fields=whole.upstream_fields,
        unread_fields=whole.unread_fields,
        seconds=watch.seconds,
        **pieces.counts,
    )
    write_json(batch.note(settings, "parse"), asdict(note))
    return note


class _Pieces:
    """What was read of a file so far, as Parquet files in a folder; only what is counted stays in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.parsed: list[Parsed] = []
        self.text_ids = pl.Series("text_id", dtype=pl.String)

    def records(self, pieces: Iterator[Parsed]) -> Iterator[pl.DataFrame]:
        """The records of a parser's pieces, at most CHUNK at a time; what else a piece holds is put away."""
        for piece in pieces:
            listed = links.classified(piece.listed_links, vocabulary()).filter(pl.col("url").is_not_null())
            for name, frame in {"listed_links": listed, "results": piece.results, "terms": piece.terms, "rejects": piece.rejects}.items():
                self.put(name, frame)
            self.counts.update(_counts(piece))
            self.parsed.append(piece.without_rows())
            yield from piece.records.iter_slices(CHUNK) if piece.records.height else [piece.records]

    def add(self, papers: pl.DataFrame, found_claims: pl.DataFrame, found_links: pl.DataFrame) -> None:
        """A slice's frames; of texts that stood in an earlier slice already the claims and links are left out."""
        self.put("papers", papers)
        self.counts["null_abstract_count"] += papers["abstract"].null_count()
        for name, found in {"claims": found_claims, "links": found_links}.items():
            repeated = self.text_ids.filter(self.text_ids.is_in(found["text_id"].unique().implode()))
            self.put(name, found.filter(~pl.col("text_id").is_in(repeated.implode())))
        self.text_ids.append(papers["text_id"].unique())

    def put(self, name: str, frame: pl.DataFrame) -> None:
        frame.write_parquet(self._folder / f"{name}-{self._numbers[name]:05}.parquet", compression="lz4")
        self._numbers[name] += 1
        self.counts[f"{name.removesuffix('s')}_count"] += frame.height

    def files(self, name: str) -> list[Path]:
        return [self._folder / f"{name}-{number:05}.parquet" for number in range(self._numbers[name])]


def parse_note(settings: Settings, batch: Batch) -> ParseNote | None:
    """The note of the batch's parse; None where there is none, or one of another version of paperhouse."""
    facts = read_json(batch.note(settings, "parse"))
    return ParseNote(**facts) if facts and set(facts) == {each.name for each in fields(ParseNote)} else None


def _counts(piece: Parsed) -> dict[str, int]:
    kept = pl.concat([frame["entry_index"] for frame in (piece.records, piece.rejects, piece.results, piece.terms)])
    return {
        "line_count": piece.line_count,
        "ignored_line_count": piece.ignored_line_count,
        "paper_line_count": int(piece.records["line_count"].sum()),
        "reject_line_count": int(piece.rejects["line_count"].sum()),
        "entry_count": piece.entry_count,
        "kept_entry_count": kept.n_unique(),
        "broken_count": int(piece.rejects["reason"].str.starts_with("broken").sum()),
    }


def texts_fingerprint() -> str:
    """Texts that were read under the same one have the same claims and links."""
    return stable_hash(EXTRACTOR_VERSION + vocabulary_hash())


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
