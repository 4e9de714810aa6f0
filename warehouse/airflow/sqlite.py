"""SQLite as Airflow's database: what every connection to it needs.

Airflow reads within a savepoint before it writes. On SQLite such a savepoint begins a transaction that only reads;
where another process writes meanwhile, the later write fails at once with "database is locked", however long the
timeout (SQLITE_BUSY_SNAPSHOT, https://www.sqlite.org/isolation.html). So a savepoint that begins a transaction waits
for the write lock first.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event

CONNECT_ARGS: dict[
    str, Any
] = {}  # none: by the setting that names them, each of Airflow's processes imports this module


@event.listens_for(Engine, "savepoint")
def _begin_immediately(connection: Connection, _name: str | None) -> None:
    database: Any = connection.connection.dbapi_connection
    if connection.dialect.driver == "pysqlite" and not database.in_transaction:
        connection.exec_driver_sql("begin immediate")
