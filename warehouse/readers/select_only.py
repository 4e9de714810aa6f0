"""Which statements a client of `paperhouse serve` may run: SELECT, and EXPLAIN of a SELECT. Decided on DuckDB's own
parse tree."""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import duckdb

_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
# EXPLAIN is not serialised to a tree; what follows the word must be a SELECT by itself, which leaves out ANALYZE and
# all options.
_EXPLAIN = re.compile(r"\s*explain\b(.*)", re.I | re.S)
# The table functions that only read the publication or make rows. Others open files, run unseen text, or change the
# server.
_TABLE_FUNCTIONS = frozenset(
    "range generate_series unnest repeat_row json_each json_tree summary "
    "duckdb_columns duckdb_constraints duckdb_databases duckdb_functions duckdb_indexes duckdb_keywords "
    "duckdb_schemas duckdb_settings "
    "duckdb_tables duckdb_types duckdb_views pragma_table_info pragma_show pragma_version pg_timezone_names".split()
)
# Scalar functions that depend on more than their arguments, and change nothing all the same.
_HARMLESS = frozenset(
    "random uuid uuidv4 uuidv7 gen_random_uuid error current_query current_connection_id current_transaction_id".split()
)


MOST_CHARACTERS = 32_000  # of a query


class SelectOnly:
    """Decides whether a query may run. macros: the table macros that clients may call beside DuckDB's own
    functions."""

    def __init__(self, macros: frozenset[str] = frozenset()) -> None:
        self._parser, self._lock = duckdb.connect(), threading.Lock()
        self._tables = _TABLE_FUNCTIONS | macros
        volatile = (
            "select distinct function_name from duckdb_functions() where stability = 'VOLATILE' or has_side_effects"
        )
        self._refused = {name for (name,) in self._parser.execute(volatile).fetchall()} - _HARMLESS

    def allows(self, query: str) -> bool:
        """Whether every statement of the query only reads. What DuckDB cannot parse may not run, nor what would take it
        long: the time grows with the square of the length."""
        if len(query) > MOST_CHARACTERS:
            return False
        try:
            with self._lock:
                statements = self._parser.extract_statements(query)
                if not {statement.type for statement in statements} <= _READING:
                    return False
                trees = [self._tree(_selected(statement)) for statement in statements]
        except duckdb.Error:
            return False
        return bool(trees) and all(tree is not None and self._only_reads(tree) for tree in trees)

    def _tree(self, select: str) -> Any:
        """The parse tree of SELECT statements; None of anything else."""
        (text,) = self._parser.execute("select json_serialize_sql(?)", [select]).fetchone() or ("",)
        tree = json.loads(text)
        return None if tree["error"] else tree["statements"]

    def _only_reads(self, tree: Any) -> bool:
        return all(self._is_harmless(node) for node in _nodes(tree))

    def _is_harmless(self, node: dict[str, Any]) -> bool:
        if node.get("type") == "TABLE_FUNCTION":
            return str(node["function"].get("function_name", "")).lower() in self._tables
        name = str(node.get("function_name", "")).lower()
        return name not in self._refused and not name.startswith("quack_")


def _selected(statement: duckdb.Statement) -> str:
    """The text that must be a SELECT: the statement, or what it explains."""
    if statement.type == duckdb.StatementType.EXPLAIN and (explained := _EXPLAIN.fullmatch(statement.query)):
        return explained[1]
    return statement.query


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a tree of JSON."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
