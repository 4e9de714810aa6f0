"""Exports of leaderboards' sure rows, each with its evidence, for those who keep evaluations."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import duckdb
import yaml

from transforms.sources.hf_eval_results import Config
from warehouse.publishing.evaluations import Facts, describe_hub_results, describe_record, is_of_repository
from warehouse.settings import Settings
from warehouse.storage.connection import rows
from warehouse.storage.files import new_folder
from warehouse.storage.publication import open_publication, published_at
from warehouse.upstream.sources import read_source

# repository: ORG/MODEL on the Hub, of a paper that links to one alone.
_ENTRIES = r"""
with hub as (
    select paper_id, min(owner || '/' || name) as repository from fct_repo_links
    where
        host = 'huggingface.co' and kind = 'model' and owner not in (select unnest($no_organisations))
        and regexp_full_match(owner || '/' || name, '[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}')
    group by paper_id having count(distinct owner || '/' || name) = 1
)
select
    board.*, papers.arxiv_id, papers.doi, hub.repository,
    -- A paper's own numbers; of what is reported, what its source says, and else not known.
    case
        when board.evidence_kind <> 'reported' or results.verification = 'self_reported' then 'first_party'
        when results.verification = 'third_party' then 'third_party'
        else 'other'
    end as evaluator,
    coalesce(
        nullif(concat_ws(' / ', 'Table ' || tables.table_number, nullif(array_to_string(cells.row_path, ', '), ''),
            nullif(array_to_string(cells.column_path, ', '), '')), ''),
        claims.section || ', characters ' || claims.char_start || ' to ' || claims.char_end
    ) as place
from leaderboard as board
inner join fct_papers as papers using (paper_id)
left join hub using (paper_id)
left join fct_claimed_metrics as claims using (claim_id)
left join fct_reported_results as results on board.result_id = results.result_id
left join fct_table_cells as cells on board.cell_id = cells.cell_id
left join fct_tables as tables on cells.table_id = tables.table_id
where board.rank is not null
order by board.paper_id, coalesce(board.model, ''), evaluator, board.entry_id
"""


def export_records(settings: Settings, folder: Path) -> int:
    """Writes a record of Every Eval Ever for each model of each paper, as its datastore keeps them; returns how many.

    Raises UsageError where the folder exists, or nothing is published.
    """
    return _write(settings, folder, _describe_records, lambda record: json.dumps(record, indent=2, ensure_ascii=False))


def export_hub_results(settings: Settings, folder: Path) -> int:
    """Writes an .eval_results file for each model repository that a paper names alone, of its results on benchmarks of
    the Hub; returns how many.

    Raises UsageError where the folder exists, or nothing is published.
    """
    return _write(
        settings,
        folder,
        _describe_hub_results,
        lambda entries: yaml.safe_dump(entries, sort_keys=False, allow_unicode=True),
    )


def _describe_records(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Facts]]:
    version, at = published_at(connection)
    models = itertools.groupby(
        _read_entries(connection), lambda entry: (entry["paper_id"], entry["model"] or "", entry["evaluator"])
    )
    for _, entries in models:
        yield describe_record(list(entries), version, at)


def _describe_hub_results(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, list[Facts]]]:
    known = {(each.dataset, each.metric): each for each in _config().lookups.benchmarks}
    entries = [
        entry | {"benchmark": known[name].id, "benchmark_task": known[name].task}
        for entry in _read_entries(connection)
        if (name := (entry["dataset"], entry["metric"])) in known and is_of_repository(entry)
    ]
    for _, of_model in itertools.groupby(sorted(entries, key=_repository), _repository):
        yield describe_hub_results(list(of_model))


def _read_entries(connection: duckdb.DuckDBPyConnection) -> list[Facts]:
    return rows(connection, _ENTRIES, {"no_organisations": _config().lookups.no_organisations})


def _config() -> Config:
    return cast("Config", read_source("hf_eval_results").config)


def _repository(entry: Facts) -> str:
    return str(entry["repository"])


def _write(
    settings: Settings,
    folder: Path,
    describe: Callable[[duckdb.DuckDBPyConnection], Iterator[tuple[str, Any]]],
    dump: Callable[[Any], str],
) -> int:
    count = 0
    with new_folder(folder) as staged, open_publication(settings) as connection:
        for path, content in describe(connection):
            file = staged / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as opened:
                opened.write(f"{dump(content).rstrip()}\n")
            count += 1
    return count
