import pytest

from warehouse.publishing.tables import choose_compression, create_tables
from warehouse.storage.connection import connect
from warehouse.storage.lake import ALIAS


@pytest.fixture
def compressions(tmp_path):
    """Column → how a publication of 5,000 papers stores its texts."""
    with connect(tmp_path / "build.duckdb") as build:
        build.execute("""
            create schema marts;
            create table marts.fct_papers as
            select
                format('{:05}', i) as paper_id, if(i % 3 = 0, 'en', 'fr') as language, null::varchar as doi,
                i as version, [format('Author {}', i)] as authors,
                repeat('A sentence of an abstract. ', 3) || i as abstract
            from range(5000) as numbers(i)
        """)
    with connect(tmp_path / "paperhouse.duckdb") as connection:
        choose_compression(connection)
        connection.execute(f"attach '{tmp_path}/build.duckdb' as {ALIAS} (read_only); create schema marts")
        create_tables(connection, ["fct_papers"], order="paper_id")
        connection.execute(f"from marts.fct_papers except from {ALIAS}.marts.fct_papers")
        assert connection.fetchall() == []
        connection.execute("checkpoint")
        found = connection.execute("""
            select column_name, compression from pragma_storage_info('marts.fct_papers') where segment_type = 'VARCHAR'
        """)
        return dict(found.fetchall())


def test_long_texts_are_zstd_and_names_of_few_kinds_are_in_a_dictionary(compressions):
    assert (compressions["abstract"], compressions["language"]) == ("ZSTD", "Dictionary")


def test_what_is_short_and_differs_or_is_empty_is_not_zstd(compressions):
    assert "ZSTD" not in (compressions["paper_id"], compressions["doi"])


def test_a_table_without_texts_is_created(tmp_path):
    with connect(tmp_path / "paperhouse.duckdb") as connection:
        connection.execute(f"attach ':memory:' as {ALIAS}; create schema {ALIAS}.marts; create schema marts")
        connection.execute(f"create table {ALIAS}.marts.dim_days as select 1 as day union all select 2")
        create_tables(connection, ["dim_days"])
        assert connection.execute("select sum(day) from marts.dim_days").fetchall() == [(3,)]
