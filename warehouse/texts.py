"""Texts that other batches have read already: their claims and links are taken over, as equal texts have equal ones."""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transforms.frames import CLAIMS, LINKS
from warehouse.batches import Batch
from warehouse.settings import Settings

_SCHEMAS = {"claims": CLAIMS, "links": LINKS}


@dataclass(frozen=True)
class TextsRead:
    """text_ids: of all that were read; folders: of the batches that they stand in."""

    text_ids: pl.Series
    folders: list[Path]

    def of(self, name: str, text_ids: pl.Series) -> pl.DataFrame:
        """The claims or links of those of the texts that were read, each row once."""
        wanted = pl.DataFrame({"text_id": text_ids.filter(text_ids.is_in(self.text_ids.implode()))})
        if wanted.is_empty():
            return pl.DataFrame(schema=_SCHEMAS[name])
        found = pl.scan_parquet([folder / f"{name}.parquet" for folder in self.folders], glob=False)
        return found.join(wanted.lazy().unique(), on="text_id", how="semi").unique(maintain_order=True).collect()


def texts_read(settings: Settings, batch: Batch, texts_fingerprint: str) -> TextsRead:
    """What other batches read by the same extractors and vocabularies."""
    notes = [note for note in (settings.build / "batches").glob("*/parse.json") if note.parent != batch.folder(settings)]
    folders = sorted(note.parent for note in notes if json.loads(note.read_text("utf-8")).get("texts_fingerprint") == texts_fingerprint)
    files = [folder / "papers.parquet" for folder in folders]
    ids = pl.scan_parquet(files, glob=False).select("text_id").unique().collect()["text_id"] if files else pl.Series("text_id", dtype=pl.String)
    return TextsRead(ids, folders)
