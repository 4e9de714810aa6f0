"""Statements of every kind of DuckDB's grammar: what is let through changes nothing, even where everything could be
written."""

from contextlib import suppress

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.clock import timed
from warehouse.readers.select_only import MOST_CHARACTERS, SelectOnly

READS = [
    "select 1", "from t", ("with a as (select * from t) select count(*) from "
        "a"), "values (1)", "table t", "describe t", "summarize t",
    "select i from t union all select 2", ("from range(3) as a, lateral (select "
        "a.range)"), "select (select max(i) from t)",
    "select catalog_name from information_schema.schemata", "select table_name from duckdb_tables()",
]  # fmt: skip
# One or more of each kind of statement.
OTHERS = {
    "INSERT": ["insert into t values (2)"],
    "UPDATE": ["update t set i = 3"],
    "CREATE": ["create table u as from t", ("create or replace view v as select "
        "'forged'"), "create schema s", "create macro m() as 1",
               "create temp table u as select 1", "create sequence q", "create type k as enum ('a')"],
    "DELETE": ["delete from t", "truncate t"],
    "PREPARE": ["prepare p as drop view v"],
    "EXECUTE": ["execute p"],
    "ALTER": ["alter table t add column j integer", "comment on table t is 'x'"],
    "TRANSACTION": ["begin", "commit"],
    "COPY": ["copy t to '/tmp/paperhouse-test.csv'"],
    "ANALYZE": ["analyze t"],
    "SET": ["set threads = 1", "reset threads", "set variable a = 1", "use temp"],
    "EXPLAIN": ["explain analyze drop view v", ("explain analyze insert into t values "
        "(2)"), "explain (analyze) delete from t", "explain drop view v"],
    "DROP": ["drop view v", "drop table t"],
    "EXPORT": ["export database '/tmp/paperhouse-test'"],
    "PRAGMA": ["pragma threads = 1", "pragma disable_optimizer"],
    "VACUUM": ["vacuum t", "checkpoint", "force checkpoint"],
    "CALL": ["call quack_stop('x')", "call enable_logging()"],
    "LOAD": ["load httpfs", "install httpfs"],
    "ATTACH": ["attach ':memory:' as other"],
    "DETACH": ["detach other"],
    "MULTI": ["pivot t on i using sum(i)"],
    "COPY_DATABASE": ["copy from database memory to other"],
    "MERGE_INTO": ["merge into t using (select 1 as i) as s using (i) when matched then delete"],
    "SELECT": ["from query('drop view v')", "from query/*a*/('from t')", "from query_table('t')",
    "from read_text('/etc/hostname')",
               "from json_execute_serialized_sql('{}')", "select nextval('q')", "select write_log('x')",
               "select setseed(0.5)",
               "from glob('/*')", ("from arrow_scan(1::ubigint, 1::ubigint, "
                   "1::ubigint)"), "from quack_serve('quack:x')", "from checkpoint()",
               "select 1; drop view v"],
}  # fmt: skip
# Kinds that have no text of their own: DuckDB makes them out of others.
NO_TEXT = {"INVALID", "VARIABLE_SET", "CREATE_FUNC", "RELATION", "EXTENSION", "LOGICAL_PLAN"}
ALL = [statement for statements in OTHERS.values() for statement in statements]


@pytest.fixture(scope="module")
def guard():
    return SelectOnly(frozenset({"our_macro"}))


def test_every_kind_of_statement_is_tried():
    assert set(duckdb.StatementType.__members__) == set(OTHERS) | NO_TEXT


@pytest.mark.parametrize("query", READS)
def test_what_reads_may_run_and_be_explained(guard, query):
    assert guard.allows(query)
    assert guard.allows(f"explain {query}") or query.startswith(("describe", "summarize"))


def test_our_macros_may_be_called(guard):
    assert guard.allows("from our_macro('x')")
    assert not guard.allows("from other_macro('x')")


@pytest.mark.parametrize("query", ALL)
def test_nothing_else_may_run(guard, query):
    assert not guard.allows(query)
    assert not guard.allows(f"explain {query}")
    assert not guard.allows(f"explain analyze {query}")


@pytest.mark.parametrize("query", ["", ";", "selec 1", "explain", "explain analyze select 1", "select 'open"])
def test_what_does_not_parse_may_not_run(guard, query):
    assert not guard.allows(query)


def test_a_long_statement_is_refused_before_it_is_read(guard):
    """The cost of reading one grows with its square; all clients wait meanwhile."""
    assert guard.allows(f"select '{'x' * (MOST_CHARACTERS - 9)}'")
    assert not guard.allows(f"select '{'x' * (MOST_CHARACTERS - 8)}'")
    with timed() as watch:
        assert not guard.allows("select " + "+1" * 1_000_000)
    assert watch.seconds < 1


def state(connection):
    return [
        connection.execute(query).fetchall()
        for query in (
            ("select view_name, sql from duckdb_views() where not internal order by "
                "all"), "select table_name, sql from duckdb_tables() order by all",
            "from t", "select name, value from duckdb_settings() order by all", ("select database_name from "
                "duckdb_databases() order by all"),
            "select schema_name from duckdb_schemas() order by all", ("select sequence_name from "
                "duckdb_sequences() order by all"),
        )
    ]  # fmt: skip


GUARD = SelectOnly()
BETWEEN = st.sampled_from([" ", "\n", "/*a*/", "--b\n", ";", "", "("])


@given(st.lists(st.one_of(st.sampled_from(READS + ALL), st.sampled_from(["explain", "analyze", "(analyze)",
    "with x as", ")", "select", "from"])),
                min_size=1, max_size=4), st.data())  # fmt: skip
@settings(max_examples=200)
def test_what_is_let_through_changes_nothing(parts, data):
    """On a database that can be written, whatever the words are put together to."""
    query = "".join(part + data.draw(BETWEEN) for part in parts)
    if GUARD.allows(query):
        with duckdb.connect() as connection:
            connection.execute("create table t as select 1 as i; create view v as from t")
            before = state(connection)
            with suppress(duckdb.Error):
                connection.execute(query)
            assert state(connection) == before
