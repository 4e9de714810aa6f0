"""Great Expectations on DuckDB: a fluent datasource whose execution engine keeps one connection open, and asks DuckDB
itself for columns.

GX has no DuckDB datasource, and its SQLAlchemy engine fetches rows after it has left `get_connection`, by which time
duckdb-engine has closed the cursor. One open connection avoids that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy
from great_expectations.datasource.fluent.config_str import ConfigStr
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine


class _Columns:
    """What GX asks SQLAlchemy's inspector: duckdb-engine's reads the catalogue as PostgreSQL's, which takes 30 ms a
    table."""

    def __init__(self, engine: "DuckDBExecutionEngine") -> None:
        self._engine = engine
        self.dialect = engine.dialect

    def get_columns(self, table_name: str, schema: str | None = None) -> list[dict[str, Any]]:
        with self._engine.get_connection() as connection:
            query = (
                sqlalchemy.select(sqlalchemy.text("*"))
                .select_from(sqlalchemy.table(table_name, schema=schema))
                .limit(0)
            )
            names = connection.execute(query).keys()
        return [{"name": name, "type": sqlalchemy.types.NullType()} for name in names]

    def get_pk_constraint(self, **_: object) -> dict[str, Any]:
        return {}


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """SqlAlchemyExecutionEngine with one connection for its life."""

    _kept: Any = None

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        if self._kept is None or self._kept.closed:
            self._kept = self.engine.connect()
        yield self._kept

    def get_inspector(self) -> Any:
        return _Columns(self)

    def close(self) -> None:
        """Gives up the connection, and with it DuckDB's lock on the file."""
        if self._kept is not None:
            self._kept.close()
        self.engine.dispose()
        super().close()


EngineType = type[DuckDBExecutionEngine]  # named here because the class below has a field called type


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file: `context.data_sources.add_or_update_duckdb(name, connection_string="duckdb:///FILE")`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    connection_string: ConfigStr | str

    @property
    def execution_engine_type(self) -> EngineType:
        return DuckDBExecutionEngine

    def close(self) -> None:
        """Gives up every connection to the file: the execution engine's, and the one with which assets were tested."""
        self.get_execution_engine().close()
        self.get_engine().dispose()
