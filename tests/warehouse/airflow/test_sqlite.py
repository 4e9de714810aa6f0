"""SQLite as Airflow's database: who reads and then writes is not refused because another process wrote in between."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from warehouse.airflow import sqlite  # noqa: F401 - it listens to every engine

READ, OURS, THEIRS = (
    "select count(*) from runs",
    "insert into runs values ('ours')",
    "insert into runs values ('theirs')",
)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Session, sqlite3.Connection]]:
    """A session of SQLAlchemy's, and another connection, which waits for nobody."""
    engine = create_engine(f"sqlite:///{tmp_path / 'airflow.db'}")
    with closing(sqlite3.connect(tmp_path / "airflow.db", timeout=0, isolation_level=None)) as other:
        other.execute("pragma journal_mode = wal")
        other.execute("create table runs (whose text)")
        with Session(engine) as session:
            yield session, other
    engine.dispose()


def test_within_a_savepoint_nobody_else_writes_between_reading_and_writing(
    both: tuple[Session, sqlite3.Connection],
) -> None:
    session, other = both
    with session.begin_nested():
        assert session.scalar(text(READ)) == 0
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute(THEIRS)
        session.execute(text(OURS))
    session.commit()
    other.execute(THEIRS)
    assert session.scalar(text(READ)) == 2


def test_who_only_reads_keeps_nobody_from_writing(both: tuple[Session, sqlite3.Connection]) -> None:
    session, other = both
    assert session.scalar(text(READ)) == 0
    other.execute(THEIRS)
