"""Two publications, compared row by row."""

from pathlib import Path

import duckdb

# What differs between any two runs: when, and how long.
_TIMES = {
    *(
        "landed_at",
        "happened_at",
        "started_at",
        "finished_at",
        "first_seen_at",
        "first_seen_on",
        "last_seen_at",
        "learnt_at",
        "superseded_at",
        "published_at",
    ),
    *(
        "parse_seconds",
        "check_seconds",
        "load_seconds",
        "load_number",
        "day",
        "attempt",
        "load_id",
    ),
}
_OF_THE_RUN = {"publication", "dim_days"}


def differences(one: Path, other: Path) -> dict[str, int]:
    """The tables of the publications of two homes that differ → how many rows only one of them has, of columns that no
    clock fills."""
    with duckdb.connect() as connection:
        for name, home in (("one", one), ("other", other)):
            file = (home / "published" / "paperhouse.duckdb").resolve()
            connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        query = (
            "select table_name, list(column_name) from duckdb_columns() where database_name = ? and "
            "schema_name = 'marts' group by all"
        )
        tables, others = (dict(connection.execute(query, [name]).fetchall()) for name in ("one", "other"))
        assert not (odd := tables.keys() ^ others.keys()), f"only one of them has {odd}"
        found = {}
        for table in tables.keys() - _OF_THE_RUN:
            columns = ", ".join(f'"{column}"' for column in tables[table] if column not in _TIMES)
            one_rows, other_rows = (f'select {columns} from {name}.marts."{table}"' for name in ("one", "other"))
            count = (
                f"select count(*) from (({one_rows} except all {other_rows}) union all ({other_rows} "
                f"except all {one_rows}))"
            )
            if rows := connection.execute(count).fetchone()[0]:
                found[table] = rows
        return found
