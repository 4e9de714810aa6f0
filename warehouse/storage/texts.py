"""Texts that were read before: their claims and links are taken over, as equal texts have equal ones.

An index in SQLite says in which batch's frames a text stands, so that a parse looks up its own texts and opens no other
batch. It can be made again: a text that it lacks is read again.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transforms.frames import CLAIMS, LINKS
from warehouse.errors import StepError
from warehouse.storage.batches import frame_files

_SCHEMAS = {"claims": CLAIMS, "links": LINKS}
_WAIT_SECONDS = 600  # while another parse writes
_TABLE = (
    "create table if not exists texts (fingerprint text, text_id text, frames text, primary key "
    "(fingerprint, text_id)) without rowid"
)
_FOUND = "select text_id, frames from texts where fingerprint = ? and text_id in (select value from json_each(?))"


@dataclass(frozen=True)
class KnownTexts:
    """The index, for texts read under the fingerprint. own: the folder of the batch that is parsed, whose earlier
    frames do not count."""

    file: Path
    fingerprint: str
    own: Path

    def among(self, text_ids: pl.Series) -> pl.Series:
        """Those of the texts whose claims and links are at hand."""
        return self._places(text_ids)["text_id"]

    def found_in(self, text_ids: pl.Series) -> dict[str, pl.DataFrame]:
        """CLAIMS and LINKS of the texts, which are at hand. Raises StepError where one is not any more."""
        places = self._places(text_ids).sort("frames", "text_id")
        if places.height < text_ids.n_unique():
            raise StepError("a batch whose claims were to be taken over was parsed again meanwhile", "Run it again.")
        found: dict[str, list[pl.DataFrame]] = {
            name: [pl.DataFrame(schema=schema)] for name, schema in _SCHEMAS.items()
        }
        for (frames,), texts in places.group_by("frames", maintain_order=True):
            for name, parts in found.items():
                files = frame_files(self.file.parent / str(frames), name)
                parts.append(
                    pl.scan_parquet(files, glob=False)
                    .join(texts.lazy(), on="text_id", how="semi", maintain_order="left")
                    .collect()
                )
        return {name: pl.concat(parts) for name, parts in found.items()}

    def add(self, text_ids: pl.Series, frames: Path) -> None:
        """Records in which frames the texts stand; what was read under other fingerprints is of no use any more."""
        place = str(frames.relative_to(self.file.parent))
        with self._connection() as connection, connection:
            connection.execute("delete from texts where fingerprint <> ?", [self.fingerprint])
            rows = ((self.fingerprint, text_id, place) for text_id in text_ids.unique().sort())
            connection.executemany("insert or replace into texts values (?, ?, ?)", rows)

    def _places(self, text_ids: pl.Series) -> pl.DataFrame:
        """text_id, frames: a folder that is there, relative to the index's."""
        with self._connection() as connection:
            found = connection.execute(_FOUND, [self.fingerprint, json.dumps(text_ids.unique().to_list())]).fetchall()
        places = pl.DataFrame(found, schema={"text_id": pl.String, "frames": pl.String}, orient="row")
        own = self.own.relative_to(self.file.parent)
        at_hand = [
            name
            for name in places["frames"].unique()
            if Path(name).parent != own and (self.file.parent / name).is_dir()
        ]
        return places.filter(pl.col("frames").is_in(at_hand))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=_WAIT_SECONDS)) as connection:
            connection.execute(_TABLE)
            yield connection
