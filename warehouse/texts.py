"""Texts that other batches have read already: their claims and links are taken over, as equal texts have equal ones."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transforms.frames import CLAIMS, LINKS
from warehouse.batches import Batch, frame_files, frames_folder
from warehouse.files import read_json
from warehouse.settings import Settings

_SCHEMAS = {"claims": CLAIMS, "links": LINKS}


@dataclass(frozen=True)
class TextsRead:
    """text_ids: of all that were read; folders: of the frames that they stand in."""

    text_ids: pl.Series
    folders: list[Path]

    def found_in(self, text_ids: pl.Series) -> dict[str, pl.DataFrame]:
        """The claims and links of those of the texts that were read, each row once."""
        wanted = pl.LazyFrame({"text_id": text_ids.filter(text_ids.is_in(self.text_ids.implode())).unique()})
        return {name: self._all(name).join(wanted, on="text_id", how="semi").unique(maintain_order=True).collect() for name in _SCHEMAS}

    def _all(self, name: str) -> pl.LazyFrame:
        files = [file for folder in self.folders for file in frame_files(folder, name)]
        return pl.scan_parquet(files, glob=False) if files else pl.LazyFrame(schema=_SCHEMAS[name])


def texts_read(settings: Settings, batch: Batch, texts_fingerprint: str) -> TextsRead:
    """What other batches read by the same extractors and vocabularies."""
    notes = {note.parent: read_json(note) for note in (settings.build / "batches").glob("*/parse.json") if note.parent != batch.folder(settings)}
    read = {frames_folder(folder, note["fingerprint"]) for folder, note in notes.items() if note.get("texts_fingerprint") == texts_fingerprint}
    folders = sorted(folder for folder in read if folder.is_dir())  # a version before left them elsewhere
    files = [file for folder in folders for file in frame_files(folder, "papers")]
    ids = pl.scan_parquet(files, glob=False).select("text_id").unique().collect()["text_id"] if files else pl.Series("text_id", dtype=pl.String)
    return TextsRead(ids, folders)
