"""A publication as a folder that can be cited: tables as DuckDB and as Parquet, what they are, whose they are, and the
sums of all files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import yaml

from warehouse.publishing.descriptors import (
    About,
    Column,
    Table,
    describe_citation,
    describe_croissant,
    describe_package,
)
from warehouse.settings import PROJECT, Settings
from warehouse.storage.connection import quoted, rows
from warehouse.storage.files import file_sha256, new_folder, write_json
from warehouse.storage.publication import open_publication, publication_file, published_at

_TABLES = """
select tables.table_name as name, tables.comment as description, columns.column_name, columns.data_type, columns.comment
from duckdb_tables() as tables inner join duckdb_columns() as columns using (database_name, schema_name, table_name)
where tables.schema_name = 'marts' and tables.database_name = current_database()
order by tables.table_name, columns.column_index
"""
_SOURCES = """
select
    title, publisher, url, licence, count(distinct aliases.paper_id) as paper_count,
    count(distinct aliases.paper_id) / greatest(1, (select count(*) from fct_papers)) as share
from dim_sources as sources left join paper_aliases as aliases using (source)
where source in (select source from load_history where outcome = 'loaded')
group by all order by paper_count desc, title
"""
_LICENCES = """# Licences

Numbers, names, places and addresses are facts. Titles, abstracts and sentences are their authors'; descriptions of
datasets, tasks and methods are of the catalogue that gives them. All stand here as each source gives them:

| source | licence | papers | share of all |
| --- | --- | --- | --- |
"""


def make_release(settings: Settings, folder: Path, on_progress: Callable[[str, int, int], None]) -> int:
    """Writes the publication of now into a new folder; returns its number. Tables are written in the order of all their
    columns, so that the same rows give the same bytes. on_progress: called with a step, how much is done, and of how
    much.

    Raises UsageError where the folder exists, or nothing is published.
    """
    file = publication_file(settings)  # a later publication is another file
    with new_folder(folder) as staged, open_publication(settings, file) as connection:
        version, at = published_at(connection)
        about = About(version, at, settings.explorer_url)
        (staged / "parquet").mkdir()
        tables = _write_tables(connection, staged, on_progress)
        shutil.copyfile(file, staged / "paperhouse.duckdb")
        shutil.copyfile(PROJECT / "docs" / "data-dictionary.md", staged / "data-dictionary.md")
        write_json(staged / "croissant.json", describe_croissant(about, tables))
        write_json(staged / "datapackage.json", describe_package(about, tables))
        (staged / "CITATION.cff").write_text(yaml.safe_dump(describe_citation(about), sort_keys=False), "utf-8")
        (staged / "LICENCES.md").write_text(_list_licences(connection), "utf-8")
        _write_sums(staged, {table.file: table.sha256 for table in tables})
    return version


def _write_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path, on_progress: Callable[[str, int, int], None]
) -> list[Table]:
    columns: dict[tuple[str, str], list[Column]] = {}
    for row in rows(connection, _TABLES):
        column = Column(row["column_name"], row["data_type"], row["comment"] or "")
        columns.setdefault((row["name"], row["description"] or ""), []).append(column)
    tables = []
    for done, ((name, description), of_table) in enumerate(columns.items(), start=1):
        file = folder / "parquet" / f"{name}.parquet"
        order = ", ".join(f'"{column.name}"' for column in of_table)
        connection.execute(f"copy (from {name} order by {order}) to {quoted(str(file))} (format parquet)")
        path = str(file.relative_to(folder))
        tables.append(Table(name, description, path, file.stat().st_size, file_sha256(file), of_table))
        on_progress("tables", done, len(columns))
    return tables


def _list_licences(connection: duckdb.DuckDBPyConnection) -> str:
    lines = [
        f"| [{each['title']}]({each['url']}) | {each['licence']} | {each['paper_count']:,} | {each['share']:.0%} |\n"
        for each in rows(connection, _SOURCES)
    ]
    return _LICENCES + "".join(lines)


def _write_sums(folder: Path, known: dict[str, str]) -> None:
    files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    lines = "".join(f"{known.get(file) or file_sha256(folder / file)}  {file}\n" for file in files)
    (folder / "SHA256SUMS").write_text(lines, "utf-8")
