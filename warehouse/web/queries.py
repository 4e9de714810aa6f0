"""What each page of the explorer shows: one function a page, from a connection to plain rows."""

from typing import Any

import duckdb

from warehouse.readers.marking import mark_paper
from warehouse.readers.papers import find_paper_id, read_groups, read_papers
from warehouse.readers.search import Filters, find_similar, search, search_by_meaning
from warehouse.readers.tables import arrange_tables, group_results
from warehouse.storage.connection import rows, scalar
from warehouse.storage.publication import published_at

Facts = dict[str, Any]
WINDOWS = {1: "today", 7: "this week", 30: "this month"}
_ENTRIES = 500  # of one leaderboard
_HEADS = 10  # of each of several
_LARGEST = 200  # of the leaderboards of one page
_PAPERS = 200  # of an author
_SIMILAR = 20

_KEY = ("task", "dataset", "metric", "unit", "condition")  # of a leaderboard
IS_BOARD = " and ".join(f"{name} is not distinct from ${name}" for name in _KEY)
# The leaderboards that a condition leaves, the largest first, each with its head.
_BOARDS = """
select
    task, dataset, metric, unit, condition, any_value(is_main_condition) as is_main_condition,
    count(*) as entry_count, count(distinct paper_id) as paper_count, count(rank) as ranked_count,
    count(published_on) filter (rank is not null) as dated_count, any_value(higher_is_better) as higher_is_better,
    arg_min({{'title': title, 'model': model, 'value': value, 'paper_id': paper_id}}, rank) as head
from leaderboard where {condition}
group by task, dataset, metric, unit, condition
order by
    (any_value(higher_is_better) is null), is_main_condition desc, ranked_count desc, entry_count desc, dataset, metric,
    unit, task, condition nulls first
limit {most}
"""
_FOUND_BOARD = """
select task, dataset, metric, unit, condition, is_main_condition from leaderboard where {where} group by all
order by is_main_condition desc, count(rank) desc, count(*) desc, task, unit, condition limit 1
"""
# The parts of a paper's page beside the paper: the table, and the order of its rows, the same each time.
_PARTS = {
    "authors": ("brg_paper_authors", "position"),
    "versions": ("paper_versions", "learnt_at, version_id"),
    "listings": ("paper_listings", "listed_on desc, source, rank, batch_id"),
    "aliases": ("paper_aliases", "source, alias"),
    "checks": ("claim_checks", "claim_id, dataset, checked_against desc"),
    "boards": ("leaderboard", "rank nulls last, dataset, metric, is_main_condition desc, entry_id"),
    "corrections": ("fct_corrections", "made_on, correction_id"),
    "tables": ("fct_tables", "table_index"),
    "table_cells": ("fct_table_cells", "table_id, row_index, column_index"),
    "table_results": (
        "fct_table_results",
        "leaderboard_confidence desc, dataset, metric, confidence desc, table_result_id",
    ),
}
_TRENDING = """
select trending.window_days, trending.rank, trending.upvote_gain, papers.paper_id, papers.title, papers.claim_count,
    papers.repo_link_count
from trending inner join fct_papers as papers using (paper_id)
where trending.rank <= 10 and trending.window_days in (1, 7, 30)
order by trending.window_days, trending.rank
"""
# News: the paper is new here, and itself not old.
_NEWEST_HEADS = """
select board.* from leaderboard as board inner join fct_papers as papers using (paper_id)
where
    board.rank = 1 and board.is_best_so_far and board.published_on > $published_at::timestamp - interval 1 year
    and papers.first_seen_at > $published_at - interval 30 days
order by papers.first_seen_at::date desc, board.published_on desc, board.dataset, board.metric, board.unit limit 12
"""
_SOURCES = """
select
    source, any_value(title) as title, max(finished_at) as last_load_at, sum(paper_count)::bigint as paper_count,
    if(any_value(warn_after_days) < 3650, max(finished_at)::date + any_value(warn_after_days), null) as expected_by
from load_history inner join dim_sources using (source) where outcome = 'loaded'
group by source order by last_load_at desc, source
"""
_LISTED = 100
_LISTS = {
    "datasets": """
        select dataset as name, null as key, paper_count, entry_count from (
            select dataset, count(distinct paper_id) as paper_count from fct_dataset_use group by dataset
        ) full join (select dataset, count(*) as entry_count from leaderboard group by dataset) using (dataset)
        where contains(lower(dataset), $letters) order by paper_count desc nulls last, entry_count desc, name
    """,
    "metrics": """
        select metric as name, null as key, paper_count, claim_count as entry_count from dim_metrics
        where (claim_count > 0 or metric in (select metric from leaderboard)) and contains(lower(metric), $letters)
        order by paper_count desc, name
    """,
    "authors": """
        select name, author_key as key, paper_count, with_code_count as entry_count from dim_authors
        where contains(name_key, $letters) or contains(lower(name), $letters) order by paper_count desc, name, key
    """,
    "papers": """
        select title as name, paper_id as key, claim_count as paper_count, repo_link_count as entry_count, published_on,
            published_precision
        from fct_papers where title is not null and contains(lower(title), $letters)
        order by published_on desc nulls last, paper_id
    """,
}
_COUNTS = """
select
    (select count(*) from fct_papers) as papers, (select count(*) from fct_claimed_metrics) as claims,
    (select count(*) from fct_reported_results) as results,
    (select count(*) from (select distinct task, dataset, metric, unit, condition from leaderboard)) as leaderboards,
    (select count(*) from fct_repo_links where url is not null) as links
"""


def read_home(connection: duckdb.DuckDBPyConnection) -> Facts:
    """counts, trending (of the windows of WINDOWS), the day of the newest listing and how much older than the
    publication it is, boards (those of most entries, one a dataset, each with its steps),
    heads (of leaderboards, by new papers that came in the last 30 days) and sources."""
    at = published_at(connection)[1]
    until = scalar(connection, "select max(listed_on) from paper_listings")
    return {
        "counts": rows(connection, _COUNTS)[0],
        "trending": rows(connection, _TRENDING),
        "listed_until": until,
        "listing_age": (at.date() - until).days if until else 0,
        "boards": _with_steps(connection, _best_known(connection)),
        "heads": rows(connection, _NEWEST_HEADS, {"published_at": at}),
        "sources": rows(connection, _SOURCES),
    }


def read_paper_page(connection: duckdb.DuckDBPyConnection, paper_id: str) -> Facts | None:
    """The paper with claims, links, authors, versions, listings, aliases and results; None where there is none."""
    return read_paper_pages(connection, [paper_id]).get(paper_id)


def read_paper_pages(connection: duckdb.DuckDBPyConnection, paper_ids: list[str]) -> dict[str, Facts]:
    """What read_paper_page reads, of many papers, by their ids."""
    (has_vectors,) = connection.execute("select count(*) > 0 from paper_vectors").fetchone() or (False,)
    parts = {
        name: read_groups(connection, table, "paper_id", paper_ids, order) for name, (table, order) in _PARTS.items()
    }
    return {
        paper_id: {
            "paper": paper,
            **{name: found[paper_id] for name, found in parts.items()},
            "has_vectors": has_vectors,
        }
        for paper_id, paper in read_papers(connection, paper_ids).items()
    }


def show_paper(facts: Facts) -> Facts:
    """What a paper's page shows beside the facts: texts with marks, and tables."""
    return mark_paper(facts["paper"]) | {
        "arranged": arrange_tables(facts["tables"], facts["table_cells"]),
        "results": group_results(facts["table_results"]),
        "taken": {row["cell_id"]: row for row in facts["table_results"]},
    }


def read_dataset(connection: duckdb.DuckDBPyConnection, name: str) -> Facts | None:
    """The dataset and its leaderboards, the largest eight with their first entries; None where there is no such
    dataset."""
    dataset = rows(connection, "from dim_datasets where dataset = ?", [name])
    boards = read_boards(connection, {"dataset": name}, _LARGEST)
    query = """
        select count(*) as result_count, count(distinct paper_id) as paper_count
        from fct_table_results where dataset = ? and value is not null
    """
    (of_tables,) = rows(connection, query, [name])
    if not dataset and not boards and not of_tables["result_count"]:
        return None
    return {
        "of_tables": of_tables,
        "dataset": dataset[0] if dataset else {"dataset": name},
        "boards": [board | {"entries": _entries(connection, board, _HEADS)} for board in boards[:8]],
        "others": boards[8:],
    }


def find_board(connection: duckdb.DuckDBPyConnection, given: Facts) -> Facts | None:
    """The leaderboard that an address names, as the row of its condition: given without unit, task or condition, the
    main one with most entries; a task or condition of '' is none. None where there is no such leaderboard."""
    known = {name: given[name] for name in _KEY if given.get(name) is not None}
    is_it = {name: f"coalesce({name}, '') = ${name}" for name in known}
    query = _FOUND_BOARD.format(where=" and ".join(is_it[name] for name in known))
    found = rows(connection, query, known)
    return found[0] if found else None


def read_leaderboard(connection: duckdb.DuckDBPyConnection, key: Facts) -> Facts:
    """The leaderboard of a row of find_board or read_boards, with all of its entries (500 at most) and the boards of
    its other conditions."""
    of = {name: key[name] for name in _KEY if name != "condition"}
    boards = [board for board in read_boards(connection, of, _LARGEST) if board["task"] == key["task"]]
    return board_key(key) | {
        "is_main_condition": key["is_main_condition"],
        "entries": _entries(connection, key, _ENTRIES),
        "conditions": boards,
    }


def read_named_leaderboard(connection: duckdb.DuckDBPyConnection, given: Facts) -> Facts | None:
    """The leaderboard that an address names, as find_board finds it; None where there is no such leaderboard."""
    board = find_board(connection, given)
    return board and read_leaderboard(connection, board)


def read_dated_entries(connection: duckdb.DuckDBPyConnection, given: Facts) -> list[Facts]:
    """What a leaderboard's curve is drawn of, as find_board finds it."""
    key = find_board(connection, given)
    query = f"""
        from leaderboard where {IS_BOARD} and published_on is not null and rank is not null
        order by published_on limit 5000
    """
    return rows(connection, query, board_key(key)) if key else []


def _best_known(connection: duckdb.DuckDBPyConnection) -> list[Facts]:
    """Of the datasets whose leaderboards are largest, the largest of each; ten datasets."""
    of_datasets: dict[str, Facts] = {}
    for board in read_boards(connection, {}, _LARGEST):
        of_datasets.setdefault(board["dataset"], board)
    return list(of_datasets.values())[:10]


def _with_steps(connection: duckdb.DuckDBPyConnection, boards: list[Facts]) -> list[Facts]:
    """The leaderboards, each with its steps: published_on and value of those entries that were its best so far."""
    query = """
        select task, dataset, metric, unit, condition, published_on, value from leaderboard
        where is_best_so_far and dataset in (select unnest($1)) order by published_on, value
    """
    steps: dict[tuple[str | None, ...], list[Facts]] = {}
    for entry in rows(connection, query, [[board["dataset"] for board in boards]]):
        step = {"published_on": entry["published_on"], "value": entry["value"]}
        steps.setdefault(tuple(board_key(entry).values()), []).append(step)
    return [board | {"steps": steps.get(tuple(board_key(board).values()), [])} for board in boards]


def read_metric(connection: duckdb.DuckDBPyConnection, name: str) -> Facts | None:
    """The metric and its leaderboards; None where there is no such metric."""
    metric = rows(connection, "from dim_metrics where metric = ?", [name])
    boards = read_boards(connection, {"metric": name}, _LARGEST)
    return {"metric": metric[0] if metric else {"metric": name}, "boards": boards} if metric or boards else None


def read_task(connection: duckdb.DuckDBPyConnection, name: str) -> Facts | None:
    """The task (a row of dim_tasks) with the names of its parts and its leaderboards; None where there is none."""
    task = rows(connection, "from dim_tasks where task = ?", [name])
    parts = "from dim_tasks select task where list_contains(parent_tasks, ?) order by entry_count desc, task"
    return (
        task[0]
        | {
            "parts": [each["task"] for each in rows(connection, parts, [name])],
            "boards": read_boards(connection, {"task": name}, _LARGEST),
        }
        if task
        else None
    )


def read_tasks(connection: duckdb.DuckDBPyConnection) -> Facts:
    """All tasks and datasets that have a leaderboard, with how many entries."""
    count = "select {0} as name, count(*) as entry_count, count(distinct {1}) as part_count from leaderboard"
    order = "where {0} is not null group by all order by entry_count desc, name limit 1000"
    return {
        "tasks": rows(connection, f"{count} {order}".format("task", "dataset")),
        "datasets": rows(connection, f"{count} {order}".format("dataset", "metric")),
    }


def read_rising(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Datasets that more papers measure on than a year before."""
    return {"datasets": rows(connection, f"from marts.rising_datasets() limit {_LARGEST}")}


def read_disagreements(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Claims that differ from what the paper's own tables, papers that quote it or a leaderboard have; the newest
    papers first."""
    query = """
        select checks.*, papers.title, papers.published_on
        from claim_checks as checks
        inner join fct_papers as papers using (paper_id)
        inner join fct_claimed_metrics as claims using (claim_id)
        where checks.outcome = 'differ' and claims.verdict is null
        order by papers.published_on desc nulls last, papers.paper_id, checks.claim_id, checks.dataset,
            checks.checked_against
        limit $1
    """
    return {"checks": rows(connection, query, [_ENTRIES])}


def read_cited(connection: duckdb.DuckDBPyConnection, paper_ids: list[str]) -> list[Facts]:
    """The rows of fct_papers of these papers that have a title, in their order."""
    query = """
        select papers.* from fct_papers as papers
        inner join (select unnest($1) as paper_id, generate_subscripts($1, 1) as place) as named using (paper_id)
        where papers.title is not null qualify row_number() over (partition by papers.paper_id order by place) = 1
        order by place
    """
    return rows(connection, query, [paper_ids])


# Of each paper its best entry, on the largest leaderboard where several are as good.
_PLACES = """
from (
    from leaderboard select *, count(rank) over (partition by task, dataset, metric, unit, condition) as size {boards}
) {papers} and rank is not null
qualify row_number() over (partition by paper_id order by size > 1 desc, rank, size desc, entry_id) = 1
"""


def read_place(connection: duckdb.DuckDBPyConnection, paper_id: str) -> Facts | None:
    """entry: the best of the paper on any leaderboard that has others, on the largest where it is so on several, with
    the size of the leaderboard; None within it where it is on none. None where there is no such paper."""
    if not (now := find_paper_id(connection, paper_id)):
        return None
    boards = "where (dataset, metric) in (select (dataset, metric) from leaderboard where paper_id = $1)"
    entries = rows(connection, _PLACES.format(boards=boards, papers="where paper_id = $1"), [now])
    return {"entry": next(iter(entries), None)}


def read_places(connection: duckdb.DuckDBPyConnection) -> dict[str, Facts]:
    """paper_id → its entry, as `read_place` gives it, of all papers that are on a leaderboard."""
    entries = rows(connection, _PLACES.format(boards="", papers="where paper_id is not null"))
    return {entry["paper_id"]: entry for entry in entries}


def read_list(connection: duckdb.DuckDBPyConnection, kind: str, letters: str, page: int) -> Facts:
    """A page of all datasets, metrics, authors or papers whose names have the letters: those with most papers first,
    papers the newest first; each with its name, key and what is counted of it."""
    query, found = _LISTS[kind], {"letters": letters.strip().lower(), "first": (page - 1) * _LISTED}
    items = rows(connection, f"{query} limit {_LISTED + 1} offset $first", found)
    return {
        "kind": kind, "letters": letters, "page": page, "items": items[:_LISTED], "has_more": len(items) > _LISTED
    }  # fmt: skip


def read_author(connection: duckdb.DuckDBPyConnection, key: str) -> Facts | None:
    """The papers of an author, by the id of a source or by the name without case and accents; None where there is
    none."""
    papers = rows(
        connection,
        f"""
        from (
            from lookups.author_papers as named inner join fct_papers as papers using (paper_id)
            select count(*) over () as of, papers.rowid as row_number, named.name
            where named.author_key = $1
            order by papers.published_on desc nulls last, papers.paper_id limit {_PAPERS}
        ) as newest inner join fct_papers as papers on newest.row_number = papers.rowid
        select
            newest.of, papers.paper_id, papers.title, papers.published_on, papers.published_precision, papers.venue,
            papers.venue_year, papers.claim_count, papers.repo_link_count, newest.name
        order by papers.published_on desc nulls last, papers.paper_id
        """,
        [key],
    )
    if not papers:
        return None
    (count,) = {each.pop("of") for each in papers}
    return {"author": papers[0]["name"], "key": key, "paper_count": count, "papers": papers}


def read_similar(connection: duckdb.DuckDBPyConnection, paper_id: str) -> Facts | None:
    """The paper, and those nearest to it in meaning; None where there is no such paper. Raises UsageError where the
    publication has no vectors."""
    if not (paper_id := find_paper_id(connection, paper_id) or ""):
        return None
    paper, found = find_similar(connection, paper_id, _SIMILAR)
    return {"paper": paper, "found": found}


def read_boards(connection: duckdb.DuckDBPyConnection, of: dict[str, str | None], most: int = 1_000_000) -> list[Facts]:
    """The leaderboards of a task, dataset or metric, or of several of these, each with its head, the largest first;
    without any, all."""
    given = {name: value for name, value in of.items() if value is not None}
    condition = " and ".join(["true", *(f"{name} = ${name}" for name in given)])
    return rows(connection, _BOARDS.format(condition=condition, most=most), given)


def read_found(
    connection: duckdb.DuckDBPyConnection, kind: str, words: str, most: int, filters: Filters
) -> list[Facts]:
    """kind: papers or claims by words, or papers by 'meaning'. Raises UsageError where the publication has no index, or
    no vectors."""
    if kind == "meaning":
        return search_by_meaning(connection, words, most, filters)
    return search(connection, words, most, kind == "claims", filters)


def read_source_names(connection: duckdb.DuckDBPyConnection) -> list[Facts]:
    """source and title of each source that has been loaded: what a search can be filtered by."""
    loaded = "select source from load_history where outcome = 'loaded'"
    return rows(connection, f"from dim_sources select source, title where source in ({loaded}) order by title")


def read_suggestions(connection: duckdb.DuckDBPyConnection, letters: str) -> list[Facts]:
    """Datasets, tasks and metrics, and papers, that have the letters in their names or titles; each with its kind, name
    and, for papers, paper_id."""
    return read_named_boards(connection, letters) + _read_titled_papers(connection, letters)


def read_named_boards(connection: duckdb.DuckDBPyConnection, letters: str) -> list[Facts]:
    """Eight at most of datasets, tasks and metrics that have the letters in their names, those that begin with them
    first; each with its kind, name and paper_id, which is None."""
    query = """
        with boards as (
            select 'datasets' as kind, dataset as name, count(*) as entry_count from leaderboard group by dataset
            union all select 'tasks', task, count(*) from leaderboard where task is not null group by task
            union all select 'metrics', metric, count(*) from leaderboard group by metric
        )
        select kind, name, null as paper_id from boards where contains(lower(name), $letters)
        order by starts_with(lower(name), $letters) desc, entry_count desc, name, kind limit 8
    """
    letters = letters.strip().lower()
    return rows(connection, query, {"letters": letters}) if letters else []


def _read_titled_papers(connection: duckdb.DuckDBPyConnection, letters: str) -> list[Facts]:
    """Eight papers at most that have the letters, three or more, in their titles, those that begin with them first;
    each with its kind, name and paper_id. It reads every title."""
    query = """
        select 'papers' as kind, title as name, paper_id from fct_papers where contains(lower(title), $letters)
        order by starts_with(lower(title), $letters) desc, title, paper_id limit 8
    """
    letters = letters.strip().lower()
    return rows(connection, query, {"letters": letters}) if len(letters) >= 3 else []


def read_new_entries(connection: duckdb.DuckDBPyConnection, dataset: str) -> Facts | None:
    """The newest entries of a dataset's leaderboards, for its feed; None where none has a date."""
    entries = rows(
        connection,
        "from leaderboard where dataset = ? and published_on is not null and rank is not null "
        f"order by published_on desc, entry_id limit {_PAPERS}",
        [dataset],
    )
    return {"dataset": dataset, "entries": entries} if entries else None


def read_evidence(connection: duckdb.DuckDBPyConnection) -> Facts:
    """How we know: provenance (of the publication: version, published_at, git_revision, audit_page), sources and
    loads (the last)."""
    return {
        "provenance": rows(connection, "from publication")[0],
        "sources": rows(connection, _SOURCES),
        "loads": rows(connection, "from load_history order by finished_at desc, load_id limit 50"),
    }


def _entries(connection: duckdb.DuckDBPyConnection, key: Facts, most: int) -> list[Facts]:
    query = (
        f"from leaderboard where {IS_BOARD} order by rank nulls last, is_sure desc, value desc, entry_id limit {most}"
    )
    return rows(connection, query, board_key(key))


def board_key(facts: Facts) -> Facts:
    """The parameters of IS_BOARD, from any row of a leaderboard."""
    return {name: facts[name] for name in _KEY}
