"""dbt-duckdb's plugin for the target `ducklake`: its connections see the lake as paperhouse's own do."""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from warehouse.settings import Settings
from warehouse.storage.lake import list_statements


class Plugin(BasePlugin):
    def initialize(self, config: dict[str, Any]) -> None:
        """There is nothing to set but paperhouse's settings."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        for statement in list_statements(Settings()):
            conn.execute(statement)
