"""The tools: one function each, from a question to typed rows of the publication of now."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

import duckdb
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from warehouse.agents import answers
from warehouse.errors import UsageError
from warehouse.readers.papers import find_papers, read_papers
from warehouse.readers.search import search
from warehouse.readers.select_only import SelectOnly
from warehouse.settings import Settings
from warehouse.storage.connection import rows, scalar
from warehouse.storage.publication import published_at
from warehouse.web.publications import Publications
from warehouse.web.queries import IS_BOARD, board_key, find_board, read_boards
from warehouse.web.site import dump_json

_MOST = 200  # rows of one answer
_MOST_ROWS = 1000  # of one answer of `sql`
_MOST_BYTES = 4_000_000  # of one answer of `sql`
_MOST_OFFSET = 100_000
_COMPARED = 10  # papers at once
_MERIT = "rank nulls last, is_sure desc, if(higher_is_better, value, -value) desc, entry_id"
Given = ParamSpec("Given")
Answered = TypeVar("Answered")
Limit = Annotated[int, Field(ge=1, le=_MOST, description="Rows of an answer.")]
Offset = Annotated[int, Field(ge=0, le=_MOST_OFFSET, description="next_offset of the answer before.")]
Words = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=300)]
_CLAIM = """
select claims.*, papers.title from fct_claimed_metrics as claims inner join fct_papers as papers using (paper_id)
"""
_ON = """
where claim_id in (
    select claim_id from brg_claim_datasets where lower($dataset) in (lower(dataset), lower(dataset_text))
) and ($metric is null or lower(metric) = lower($metric))
order by claims.confidence desc, claims.claim_id
"""
_CELL = """
select cells.*, tables.caption, tables.table_number, papers.title
from fct_table_cells as cells inner join fct_tables as tables using (table_id)
inner join fct_papers as papers on cells.paper_id = papers.paper_id
"""


def _told(call: Callable[Given, Answered]) -> Callable[Given, Answered]:
    """The tool, whose failures that a question can cause are answers: what is wrong, and the way out."""

    @wraps(call)
    def answer(*arguments: Given.args, **named: Given.kwargs) -> Answered:
        try:
            return call(*arguments, **named)
        except UsageError as error:
            raise ToolError(str(error)) from error
        except (TimeoutError, duckdb.Error) as error:
            raise ToolError(str(error)[:2000]) from error

    return answer


class Tools:
    """Answers from the publication of now: each call opens the one that is current and names it."""

    def __init__(self, settings: Settings) -> None:
        self._publications = Publications(settings)
        self._guards: dict[str, SelectOnly] = {}  # by the publication, whose macros they allow

    def all(self) -> list[Callable[..., Any]]:
        return [
            self.search_papers, self.search_claims, self.paper, self.claims_on, self.leaderboard, self.evidence,
            self.compare, self.disagreements, self.trending, self.sql, self.schema,
        ]  # fmt: skip

    @_told
    def search_papers(self, words: Words, limit: Limit = 20, offset: Offset = 0) -> answers.Papers:
        """Papers whose titles and abstracts have the words, the best first."""
        with self._reading() as (connection, about):
            found = search(connection, words, offset + limit + 1)
        return answers.Papers.model_validate(about | _page("papers", found[offset:], limit, offset))

    @_told
    def search_claims(self, words: Words, limit: Limit = 20, offset: Offset = 0) -> answers.FoundClaims:
        """Claimed numbers whose sentences have the words, the best first."""
        with self._reading() as (connection, about):
            found = search(connection, words, offset + limit + 1, is_for_claims=True)
        return answers.FoundClaims.model_validate(about | _page("claims", found[offset:], limit, offset))

    @_told
    def paper(self, paper: Words) -> answers.OnePaper:
        """A paper by its id, arXiv id, DOI or words of its title: text, claimed numbers with their sentences, what its
        own tables report, links to code with their state."""
        with self._reading() as (connection, about):
            return answers.OnePaper.model_validate(about | {"paper": _paper(connection, paper)})

    @_told
    def claims_on(
        self, dataset: Name, metric: Name | None = None, limit: Limit = 50, offset: Offset = 0
    ) -> answers.Claims:
        """Every number that abstracts claim on a dataset, in any spelling; of one metric, where it is given. The surest
        first."""
        given = {"dataset": dataset, "metric": metric}
        with self._reading() as (connection, about):
            page = _read_page(connection, "claims", _CLAIM + _ON, limit, offset, given)
        return answers.Claims.model_validate(about | page)

    @_told
    def leaderboard(
        self,
        dataset: Name,
        metric: Name | None = None,
        task: Name | None = None,
        condition: Annotated[str | None, Field(max_length=300, description="As others names it; '' is none.")] = None,
        limit: Limit = 20,
        offset: Offset = 0,
    ) -> answers.Leaderboard:
        """The leaderboard of a dataset: of its main metric, or of the one named. What has a rank is reported, or nine
        in ten of such rows are right; the rest follows without one."""
        with self._reading() as (connection, about):
            same_name = (
                "select dataset from leaderboard where lower(dataset) = lower(?) order by dataset = ? desc limit 1"
            )
            dataset = scalar(connection, same_name, [dataset, dataset]) or dataset
            board = find_board(connection, {"dataset": dataset, "metric": metric, "task": task, "condition": condition})
            boards = read_boards(connection, {"dataset": dataset}, _MOST)
            if board is None:
                near = ", ".join(sorted({each["metric"] for each in boards})) or "none"
                raise UsageError(
                    f"there is no such leaderboard on {dataset}",
                    f"It has leaderboards of: {near}. Names of datasets: search_claims, or sql on dim_datasets.",
                )
            key = board_key(board)
            query = f"from leaderboard where {IS_BOARD} order by {_MERIT}"
            page = _read_page(connection, "entries", query, limit, offset, key)
        others = [
            ", ".join(filter(None, (each["metric"], each["condition"], each["unit"], each["task"])))
            for each in boards
            if board_key(each) != key
        ]
        return answers.Leaderboard.model_validate(about | page | {"others": others[:50]})

    @_told
    def evidence(
        self, identifier: Annotated[str, Field(min_length=4, max_length=64, description="A claim_id or cell_id.")]
    ) -> answers.OneEvidence:
        """Where a number stands: the sentence of a claim, or table, row, column, file and line of a cell."""
        with self._reading() as (connection, about):
            claims = rows(connection, f"{_CLAIM} where claim_id = ?", [identifier])
            cells = [] if claims else rows(connection, f"{_CELL} where cell_id = ?", [identifier])
        if claims:
            found = _of_claim(claims[0])
        elif cells:
            found = _of_cell(cells[0])
        else:
            raise UsageError(f"no claim and no cell has the id {identifier}", "The other tools give ids.")
        return answers.OneEvidence.model_validate(about | {"evidence": found})

    @_told
    def compare(self, papers: Annotated[list[Words], Field(min_length=2, max_length=_COMPARED)]) -> answers.Comparison:
        """Papers side by side, and what several of them measure, by the entries that they have on leaderboards."""
        with self._reading() as (connection, about):
            found = [_paper(connection, each) for each in papers]
            query = """
                select
                    concat_ws(', ', dataset, metric, condition) || ': '
                    || string_agg(paper_id || ' ' || value_text, '; ' order by rank nulls last, paper_id) as line
                from leaderboard where paper_id in (select unnest($1))
                group by task, dataset, metric, unit, condition having count(distinct paper_id) > 1 order by line
            """
            shared = rows(connection, query, [[each["paper_id"] for each in found]])
        lines = [each["line"] for each in shared]
        return answers.Comparison.model_validate(about | {"papers": found, "shared": lines})

    @_told
    def disagreements(self, limit: Limit = 20, offset: Offset = 0) -> answers.Disagreements:
        """Claims that differ from what the paper's own tables, papers that quote it or a leaderboard have: both
        places."""
        query = """
            select checks.*, papers.title from claim_checks as checks inner join fct_papers as papers using (paper_id)
            where checks.outcome = 'differ'
            order by papers.published_on desc nulls last, papers.paper_id, checks.claim_id, checks.dataset,
                checks.checked_against
        """
        with self._reading() as (connection, about):
            page = _read_page(connection, "disagreements", query, limit, offset, {})
        return answers.Disagreements.model_validate(about | page)

    @_told
    def trending(
        self, days: Annotated[Literal[1, 7, 30], Field(description="Up to the day of the newest list.")] = 7
    ) -> answers.Trending:
        """The papers that gained most upvotes."""
        query = """
            select trending.*, papers.title from trending inner join fct_papers as papers using (paper_id)
            where trending.window_days = ? order by trending.rank limit 50
        """
        with self._reading() as (connection, about):
            return answers.Trending.model_validate(about | {"papers": rows(connection, query, [days])})

    @_told
    def sql(
        self,
        query: Annotated[str, Field(min_length=1, max_length=20_000, description="One SELECT, in DuckDB's SQL.")],
        limit: Annotated[int, Field(ge=1, le=_MOST_ROWS)] = 100,
        offset: Offset = 0,
    ) -> answers.Rows:
        """Rows of a SELECT over the publication's tables and macros (`schema` lists them). Order it where you page."""
        with self._reading() as (connection, about):
            guard = self._guard(connection, str(about["publication"]))
            if not guard.allows(query) or len(connection.extract_statements(query)) > 1:
                raise UsageError("only one statement that reads the publication may run", "Write a SELECT.")
            connection.execute(query)
            columns = [each[0] for each in connection.description or []]
            for _ in range(offset // _MOST_ROWS):
                connection.fetchmany(_MOST_ROWS)
            connection.fetchmany(offset % _MOST_ROWS)
            found = _fetch(connection, limit + 1)
        return answers.Rows.model_validate(about | {"columns": columns} | _page("rows", found, limit, offset))

    @_told
    def schema(self, table: Name | None = None) -> answers.Schema:
        """The tables that `sql` can ask, each with its columns; of one table, where it is named; and the macros."""
        query = """
            select
                tables.table_name as name, any_value(tables.comment) as description,
                list(concat_ws(' ', columns.column_name, columns.data_type) || coalesce(': ' || columns.comment, '')
                    order by columns.column_index) as columns
            from (
                select table_name, comment from duckdb_tables() where schema_name = 'marts'
                union all select view_name, comment from duckdb_views() where schema_name = 'marts'
            ) as tables inner join duckdb_columns() as columns using (table_name)
            where columns.schema_name = 'marts' and ($1 is null or tables.table_name = $1)
            group by tables.table_name order by name
        """
        macros = """
            select comment from duckdb_functions()
            where schema_name = 'marts' and function_type = 'table_macro' and comment is not null order by function_name
        """
        with self._reading() as (connection, about):
            tables = rows(connection, query, [table])
            described = [] if table else [each["comment"] for each in rows(connection, macros)]
        if not tables:
            raise UsageError(f"there is no table {table}", "schema without a table lists all.")
        return answers.Schema.model_validate(about | {"tables": tables, "macros": described})

    @contextmanager
    def _reading(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, Any]]]:
        with self._publications.reading() as connection:
            version, at = published_at(connection)
            yield connection, {"publication": version, "published_at": at}

    def _guard(self, connection: duckdb.DuckDBPyConnection, version: str) -> SelectOnly:
        guard = self._guards.get(version)
        if guard is None:
            query = """
                select distinct function_name as name from duckdb_functions()
                where schema_name = 'marts' and function_type = 'table_macro'
            """
            guard = SelectOnly(frozenset(each["name"] for each in rows(connection, query)))
            self._guards = {version: guard}
        return guard


def _read_page(
    connection: duckdb.DuckDBPyConnection, name: str, query: str, limit: int, offset: int, given: dict[str, Any]
) -> dict[str, Any]:
    found = rows(connection, f"{query} limit $most offset $first", given | {"most": limit + 1, "first": offset})
    return _page(name, found, limit, offset)


def _fetch(connection: duckdb.DuckDBPyConnection, most: int) -> list[Any]:
    """Rows as JSON has them. Raises UsageError where they are too much for one answer."""
    found: list[Any] = []
    byte_count = 0
    while len(found) < most and (row := connection.fetchone()):
        try:
            line = dump_json(row)
        except TypeError as error:
            raise UsageError("JSON has no such keys of a map", "Cast the column to VARCHAR.") from error
        byte_count += len(line)
        if byte_count > _MOST_BYTES:
            raise UsageError(
                f"the rows have more than {_MOST_BYTES:,} characters", "Ask for fewer, or for less of each."
            )
        found.append(json.loads(line))
    return found


def _page(name: str, found: list[Any], limit: int, offset: int) -> dict[str, Any]:
    return {
        name: found[:limit],
        "next_offset": offset + limit if len(found) > limit and offset + limit <= _MOST_OFFSET else None,
    }


def _paper(connection: duckdb.DuckDBPyConnection, words: str) -> dict[str, Any]:
    found = find_papers(connection, words)
    if len(found) > 1:
        named = "".join(f"\n  {each['paper_id']}  {each['title']}" for each in found)
        raise UsageError(f"{len(found)} papers have '{words}' in their titles:{named}", "Name one by its id.")
    paper_id = found[0]["paper_id"]
    results = rows(connection, "from results_of(?) limit 100", [paper_id])
    return read_papers(connection, [paper_id])[paper_id] | {"table_results": results}


def _of_claim(claim: dict[str, Any]) -> dict[str, Any]:
    place = f"{claim['section']}, characters {claim['char_start']} to {claim['char_end']}"
    datasets = ", ".join(claim["datasets"] or []) or None
    return claim | {
        "id": claim["claim_id"], "kind": "claim", "dataset": datasets, "text": claim["evidence"], "place": place,
    }  # fmt: skip


def _of_cell(cell: dict[str, Any]) -> dict[str, Any]:
    parts = [
        f"table {cell['table_number']}" if cell["table_number"] else "a table",
        f"row {' / '.join(cell['row_path'] or [])}", f"column {' / '.join(cell['column_path'] or [])}",
        f"{cell['file']}, line {cell['line']}",
    ]  # fmt: skip
    return cell | {"id": cell["cell_id"], "kind": "cell", "text": cell["caption"] or "", "place": ", ".join(parts)}
