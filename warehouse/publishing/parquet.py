"""The tables of a publication as Parquet: a folder a table. Those of papers are in segments of so many papers.

A refresh writes the segments of papers that changed, and links the others to those of the last publication. New papers
go into the last segment, so a refresh writes what it brings, and the segment of each older paper that it changes.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.storage.connection import quoted, scalar
from warehouse.storage.files import describe_file, is_as_described

_PAPERS = 16_384  # in a segment
_MOST_OPEN = 1000  # files; DuckDB would begin a second file of a segment


@dataclass(frozen=True)
class Links:
    """Where segments without changes are linked from: the folder of the last publication and the tables of its
    manifest. changed: the segments that are not."""

    folder: Path
    tables: dict[str, Any]
    changed: frozenset[int]


def create_segments(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    """Makes the table parquet.papers (paper_id, segment) of all papers of the tables."""
    connection.execute("create schema parquet")
    connection.execute(
        f"create table parquet.papers as "
        f"select paper_id, (row_number() over (order by paper_id) - 1)::integer // {_PAPERS} as segment "
        f"from ({_papers(tables, 'true')})"
    )


def extend_segments(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> frozenset[int]:
    """Puts new papers of `changed` into the last segment and those behind it, takes out papers that are gone; returns
    the segments in which a paper changed."""
    present = _papers(tables, "paper_id in (from changed)")
    connection.execute(f"create or replace temp table present as {present}")
    connection.execute(
        f"""
        insert into parquet.papers
        with last as (select max(segment) as segment from parquet.papers),
        filled as (select count(*) as papers from parquet.papers where segment = (select last.segment from last))
        select
            present.paper_id,
            coalesce(last.segment, 0) + (filled.papers + row_number() over (order by present.paper_id) - 1) // {_PAPERS}
        from (from present anti join parquet.papers using (paper_id)) as present, last, filled
        """
    )
    of_changed = "select distinct segment from parquet.papers semi join changed using (paper_id)"
    changed = frozenset(segment for (segment,) in connection.execute(of_changed).fetchall())
    connection.execute(
        "delete from parquet.papers where paper_id in (from (from changed anti join present using (paper_id)))"
    )
    return changed


def _papers(tables: Collection[str], condition: str) -> str:
    return " union ".join(f'select paper_id from marts."{table}" where {condition}' for table in tables)


def export_segments(
    connection: duckdb.DuckDBPyConnection, table: str, staging: Path, version: int, links: Links | None
) -> dict[str, Any]:
    """Writes a table of papers to the folder staging/parquet/TABLE; returns its entry of the manifest: row_count, and
    the files with their path, byte_count and sha256."""
    folder = staging / "parquet" / table
    folder.mkdir(parents=True)
    linked = _link(table, staging, links) if links else []
    if links is None:
        _write_segments(connection, table, folder, version, "true")
    else:
        known = {_number(facts) for facts in links.tables[table]["files"]}
        if missing := links.changed | known - {_number(facts) for facts in linked}:
            _write_segments(connection, table, folder, version, f"segment in ({', '.join(map(str, missing))})")
    if not any(folder.iterdir()):
        _copy(connection, f'marts."{table}"', folder / "0.parquet", version)
    return _describe(connection, table, staging, linked)


def export_whole(connection: duckdb.DuckDBPyConnection, table: str, staging: Path, version: int) -> dict[str, Any]:
    """Writes a table to one file of the folder staging/parquet/TABLE; returns its entry of the manifest."""
    folder = staging / "parquet" / table
    folder.mkdir(parents=True)
    _copy(connection, f'marts."{table}"', folder / "0.parquet", version)
    return _describe(connection, table, staging, [])


def _link(table: str, staging: Path, links: Links) -> list[dict[str, Any]]:
    """Links the segments without changes; returns their entries. One that is not as its manifest says is left out."""
    linked = []
    for facts in links.tables[table]["files"]:
        with suppress(OSError):
            if _number(facts) not in links.changed and is_as_described(links.folder, facts):
                (staging / facts["file"]).hardlink_to(links.folder / facts["file"])
                linked.append(facts)
    return linked


def _number(facts: dict[str, Any]) -> int:
    return int(Path(facts["file"]).stem)


def _write_segments(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path, version: int, condition: str
) -> None:
    """Writes a file for each segment that fulfils the condition; one without rows is no file."""
    parts = folder / "parts"
    rows = f'select * from marts."{table}" inner join (from parquet.papers where {condition}) using (paper_id)'
    connection.execute(f"set partitioned_write_max_open_files = {_MOST_OPEN}")
    _copy(connection, f"({rows})", parts, version, "partition_by (segment)")
    for part in parts.iterdir():
        (written,) = part.iterdir()
        written.rename(folder / f"{part.name.partition('=')[2]}.parquet")
        part.rmdir()
    parts.rmdir()


def _copy(connection: duckdb.DuckDBPyConnection, what: str, to: Path, version: int, *options: str) -> None:
    """Writes rows as Parquet, with the publication's version in each file's metadata."""
    metadata = f"kv_metadata {{publication_version: '{version}'}}"
    listed = ", ".join(["format parquet", "compression zstd", metadata, *options])
    connection.execute(f"copy {what} to {quoted(str(to))} ({listed})")


def _describe(
    connection: duckdb.DuckDBPyConnection, table: str, staging: Path, linked: list[dict[str, Any]]
) -> dict[str, Any]:
    known = {staging / facts["file"] for facts in linked}
    written = [describe_file(staging, file) for file in (staging / "parquet" / table).iterdir() if file not in known]
    row_count = scalar(connection, f'select count(*) from marts."{table}"')
    return {"row_count": row_count, "files": sorted([*linked, *written], key=_number)}
