"""SQLite as Airflow's database: who reads and then writes is not refused because another process wrote in between."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from warehouse import airflow_sqlite  # noqa: F401 - it listens to every engine


def test_within_a_savepoint_nobody_else_writes_between_reading_and_writing(tmp_path: Path) -> None:
    file = tmp_path / "airflow.db"
    with closing(sqlite3.connect(file, timeout=0)) as other:
        other.execute("pragma journal_mode = wal")
        other.execute("create table runs (day text)")
        engine = create_engine(f"sqlite:///{file}")
        with Session(engine) as session:
            with session.begin_nested():
                assert session.scalar(text("select count(*) from runs")) == 0
                with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                    other.execute("insert into runs values ('theirs')")
                session.execute(text("insert into runs values ('ours')"))
            session.commit()
        other.execute("insert into runs values ('theirs')")
        other.commit()
        assert other.execute("select day from runs order by day").fetchall() == [("ours",), ("theirs",)]
        engine.dispose()


def test_who_only_reads_takes_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "airflow.db"
    with closing(sqlite3.connect(file, timeout=0)) as other:
        other.execute("pragma journal_mode = wal")
        other.execute("create table runs (day text)")
        engine = create_engine(f"sqlite:///{file}")
        with Session(engine) as session:
            assert session.scalar(text("select count(*) from runs")) == 0
            other.execute("insert into runs values ('theirs')")
            other.commit()
        engine.dispose()
