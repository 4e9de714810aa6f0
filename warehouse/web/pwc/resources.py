"""Reads the resources of resources.sql: pages of their rows, and single rows."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from fastapi import HTTPException

from warehouse.storage.connection import rows

_VIEW = re.compile(r"create or replace temp view (pwc_\w+) as.*?;", re.DOTALL)
_VIEWS = {found[1]: found[0] for found in _VIEW.finditer(Path(__file__).with_name("resources.sql").read_text("utf-8"))}

# From what a caller knows of a paper to its id; the last reads every title.
_PAPERS = (
    "select paper_id from marts.fct_papers where paper_id = $given",
    """
    select paper_id from marts.paper_aliases
    where alias = $given or source_record_id = 'https://paperswithcode.com/paper/' || $given
    order by alias_kind = 'former_id' desc, paper_id limit 1
    """,
    "select paper_id from marts.fct_papers where marts.slug(title) = $given order by paper_id limit 1",
)
NOT_FOUND = HTTPException(404, "Not found.")


@dataclass(frozen=True)
class Asked:
    """values of the condition's parameters; which page, of how many items, in which order."""

    values: dict[str, Any]
    page: int
    items: int
    order: str


def find_page(
    connection: duckdb.DuckDBPyConnection, resource: str, condition: str, asked: Asked
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows of the resource pass the condition, and those of one page.

    Raises HTTPException where a value is of the wrong type.
    """
    _make_views(connection, f"pwc_{resource} {condition}")
    found = f"from pwc_{resource} where {condition}"
    values = _used(asked.values, condition)
    part = f"order by {asked.order} limit {asked.items} offset {asked.items * (asked.page - 1)}"
    try:
        page = rows(connection, f"{found} {part}", values)
    except duckdb.ConversionException as error:
        raise HTTPException(400, str(error).splitlines()[0]) from None
    (count,) = connection.execute(f"select count(*) {found}", values).fetchone() or (0,)
    return count, [_shown(each) for each in page]


def find(
    connection: duckdb.DuckDBPyConnection,
    resource: str,
    condition: str,
    values: dict[str, Any],
    with_hidden: bool = False,
) -> dict[str, Any] | None:
    """The row of the resource that passes the condition; None where there is none."""
    _make_views(connection, f"pwc_{resource} {condition}")
    found = rows(connection, f"from pwc_{resource} where {condition} limit 1", _used(values, condition))
    return (found[0] if with_hidden else _shown(found[0])) if found else None


def find_order(connection: duckdb.DuckDBPyConnection, resource: str, ordering: str) -> str:
    """SQL of an order: fields of the resource with commas between, each with - before where the greatest comes first.

    Raises HTTPException where it names no field.
    """
    _make_views(connection, f"pwc_{resource}")
    described = connection.execute(f"describe pwc_{resource}").fetchall()
    fields = {name for name, *_ in described if not name.startswith("_")}
    names = [name for name in ordering.split(",") if name]
    if unknown := [name for name in names if name.removeprefix("-") not in fields]:
        raise HTTPException(400, f"'{unknown[0]}' names no field to order by.")
    return ", ".join(
        f'"{name.removeprefix("-")}"{" desc" if name.startswith("-") else ""} nulls last' for name in names
    )


def find_paper(connection: duckdb.DuckDBPyConnection, given: str) -> str:
    """The paper's id, by that or by another that it is known by; also by its name in the addresses of Papers with
    Code, or what that would be for its title.

    Raises HTTPException where there is none.
    """
    for query in _PAPERS:
        found: tuple[str] | None = connection.execute(query, {"given": given}).fetchone()
        if found:
            return found[0]
    raise NOT_FOUND


def find_repositories(connection: duckdb.DuckDBPyConnection, paper_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Of each paper that has one, the repository that is most likely its own."""
    _make_views(connection, "pwc_paper_repositories")
    query = "from pwc_paper_repositories where _paper_id in (select unnest($1)) order by is_official, stars, id desc"
    return {each["_paper_id"]: _shown(each) for each in rows(connection, query, [paper_ids])}  # the last of each


def find_name(connection: duckdb.DuckDBPyConnection, kind: str, slug: str) -> str:
    """The name of the task, area, dataset or conference. Raises HTTPException where there is none."""
    query = "select name from marts.slugs where kind = replace($kind, 'conference', 'venue') and slug = $slug"
    found: tuple[str] | None = connection.execute(query, {"kind": kind, "slug": slug}).fetchone()
    if found is None:
        raise NOT_FOUND
    return found[0]


def _make_views(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Makes the views that a query names, and those that these name; each connection has its own."""
    for name in set(re.findall(r"pwc_\w+", query)):
        inner = set(re.findall(r"pwc_\w+", _VIEWS[name])) - {name}
        for each in (*inner, name):
            connection.execute(_VIEWS[each])


def _used(values: dict[str, Any], condition: str) -> dict[str, Any]:
    """Those of the values that the condition asks for, as DuckDB takes no others."""
    return {name: value for name, value in values.items() if re.search(rf"\${name}\b", condition)}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
