"""The private build database: one writer at a time, the raw tables' definitions, and who holds the lock."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import duckdb
import polars as pl

from transforms.frames import (
    CLAIMS,
    CORRECTIONS,
    INSTANT,
    LINK_CHECKS,
    LINKS,
    LISTED_LINKS,
    PAPERS,
    REJECTS,
    RESULTS,
    TABLE_CELLS,
    TABLE_REFERENCES,
    TABLE_RESULTS,
    TABLES,
    TERMS,
    Schema,
)
from transforms.identity.keys import stable_hash
from warehouse.errors import StepError, classify_system_error
from warehouse.settings import Settings
from warehouse.storage.connection import connect_writer, scalar, transaction
from warehouse.storage.lake import open_lake
from warehouse.storage.locks import file_lock

_SQL_TYPES: dict[pl.DataType, str] = {
    pl.String(): "varchar",
    pl.Int32(): "integer",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
    INSTANT: "timestamptz",
    pl.List(pl.String()): "varchar[]",
    pl.List(pl.Date()): "date[]",
}

_LOADS = """
    load_id varchar not null, batch_id varchar not null, attempt integer not null, source varchar not null,
    original_name varchar, sha256 varchar not null, byte_count bigint not null, listed_on date,
    landed_at timestamptz not null, started_at timestamptz not null, finished_at timestamptz,
    outcome varchar, message varchar, fingerprint varchar, parser_version varchar, extractor_version varchar,
    line_count bigint, ignored_line_count bigint, entry_count bigint, paper_count bigint, reject_count bigint,
    claim_count bigint, link_count bigint, listed_link_count bigint, result_count bigint, term_count bigint,
    link_check_count bigint, correction_count bigint, table_count bigint, table_cell_count bigint,
    table_result_count bigint, table_reference_count bigint, dropped_claim_count bigint, dropped_link_count bigint,
    upstream_format varchar, upstream_fields varchar, schema_changes varchar, unread_fields varchar,
    is_check_passed boolean, check_page varchar,
    load_number bigint, is_replacement boolean, parse_seconds double, check_seconds double, load_seconds double,
    because varchar, decided_by varchar, opened_by varchar
"""
_BUILDS = """
    build_number bigint not null, state varchar not null, started_at timestamptz not null, built_at timestamptz,
    load_number bigint not null, project_hash varchar not null,
    is_full_refresh boolean not null, resolve_seconds double, build_seconds double, is_audit_passed boolean,
    audit_page varchar,
    audited_at timestamptz,
    published_version bigint, because varchar
"""
_SOURCES = """
    source varchar not null, title varchar, publisher varchar, url varchar, licence varchar, description varchar,
    schedule varchar,
    text_trust integer, dates_trust integer, warn_after_days integer, error_after_days integer
"""
# What warehouse/steps/resolve.py keeps, see there.
_MENTIONS = """
    mention_id varchar not null, source varchar not null, source_record_id varchar not null,
    title_key varchar not null, own_id varchar not null,
    arxiv_id varchar, doi varchar, acl_id varchar, openreview_id varchar, authors varchar[], year integer,
    landed_at timestamptz not null
"""
_MENTION_PAPERS = """
    mention_id varchar not null, paper_id varchar not null, component varchar not null,
    matched_by varchar not null, match_score double not null
"""


def columns(schema: Schema) -> str:
    """The schema's columns as SQL."""
    return ", ".join(f'"{name}" {_SQL_TYPES[dtype]}' for name, dtype in schema.items())


def _tables() -> dict[str, str]:
    batch = "batch_id varchar not null, load_number bigint not null, landed_at timestamptz not null"
    return {
        "loads": _LOADS,
        "builds": _BUILDS,
        "sources": _SOURCES,
        "papers": f"{batch}, {columns(PAPERS)}",
        "rejects": f"{batch}, {columns(REJECTS)}",
        "listed_links": f"{batch}, {columns(LISTED_LINKS)}",
        "results": f"{batch}, {columns(RESULTS)}",
        "terms": f"{batch}, {columns(TERMS)}",
        "link_checks": f"{batch}, {columns(LINK_CHECKS)}",
        "corrections": f"{batch}, {columns(CORRECTIONS)}",
        "tables": f"{batch}, {columns(TABLES)}",
        "table_cells": f"{batch}, {columns(TABLE_CELLS)}",
        "table_results": f"{batch}, {columns(TABLE_RESULTS)}",
        "table_references": f"{batch}, {columns(TABLE_REFERENCES)}",
        "claims": columns(CLAIMS),
        "links": columns(LINKS),
        "text_vectors": "text_id varchar not null, vector tinyint[] not null, model varchar not null",
        "mentions": _MENTIONS,
        "mention_keys": "mention_id varchar not null, key ubigint not null, is_text boolean not null",
        "mention_parts": "mention_id varchar not null, part ubigint not null",
        "mention_edges": "a varchar not null, b varchar not null, matched_by varchar not null, match_score "
        "double not null",
        "mention_papers": _MENTION_PAPERS,
        "published_ids": "paper_id varchar not null, mention_id varchar not null, number bigint not null, "
        "position bigint not null",
        "former_ids": "former_id varchar not null, paper_id varchar not null, mention_id varchar not null",
        "paper_changes": "paper_id varchar not null, load_number bigint not null",
    }


def write_lock(settings: Settings, step: str) -> AbstractContextManager[None]:
    """Holds the build database for one step; a second writer waits."""
    return file_lock(settings.build / "warehouse.lock", "the build database", step, settings.lock_timeout_seconds)


@contextmanager
def build_database(settings: Settings, step: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database, open for writing by this process alone."""
    with write_lock(settings, step), open_build_database(settings) as connection:
        yield connection


def open_build_database(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The build database with its raw tables made; only for who holds the `write_lock`.

    Raises StepError where another version of paperhouse made it with other tables.
    """
    connection = connect_build(settings)
    tables = _tables()
    version = stable_hash("".join(f"{name} {definition}" for name, definition in tables.items()))
    query = "select table_name from duckdb_tables() where schema_name = 'raw' and database_name = current_database()"
    made = {name for (name,) in connection.execute(query).fetchall()}
    if made and ("version" not in made or scalar(connection, "select version from raw.version") != version):
        connection.close()
        hint = "Rebuild it from the landing zone: paperhouse rebuild"
        raise StepError(
            f"the build database, {describe_location(settings)}, was made by another version of paperhouse", hint
        )
    if not made:
        with transaction(connection):
            connection.execute("create schema if not exists raw")
            for name, definition in tables.items():
                connection.execute(f"create table raw.{name} ({definition})")
            connection.execute("create table raw.version as select ? as version", [version])
    return connection


def connect_build(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection to the build database of the backend that is set."""
    if settings.backend == "duckdb":
        return connect_writer(settings.build_database, settings)
    try:
        return open_lake(settings)
    except duckdb.Error as error:
        raise classify_system_error(error) or StepError(
            f"cannot open {describe_location(settings)}: {error}", "Is its catalog up, and are its data there?"
        ) from error


def has_build_database(settings: Settings) -> bool:
    """Whether there may be a build database: only its catalog knows of a lake's."""
    return settings.backend == "ducklake" or settings.build_database.exists()


def describe_location(settings: Settings) -> str:
    """Where the build database is, in words."""
    return str(settings.build_database) if settings.backend == "duckdb" else f"the lake of {settings.lake_data}"
