"""A published number of a table with what the linker made of it, so that a wrong one can be traced."""

from typing import Any

import duckdb

from warehouse.errors import StepError, require_one
from warehouse.settings import Settings
from warehouse.storage.batches import read_batch
from warehouse.storage.connection import rows
from warehouse.upstream.sources import read_source

_CELL = """
select
    cells.*, papers.title, tables.caption, tables.table_number, tables.table_index, tables.source, tables.batch_id,
    versions.source_record_id
from fct_table_cells as cells
inner join fct_tables as tables using (table_id)
inner join fct_papers as papers on cells.paper_id = papers.paper_id
left join paper_versions as versions
    on tables.paper_id = versions.paper_id and tables.source = versions.source
        and versions.version is not distinct from tables.paper_version
where starts_with(cells.cell_id, ?)
qualify row_number() over (partition by cells.cell_id order by versions.source_record_id) = 1
"""


def is_cell(connection: duckdb.DuckDBPyConnection, identifier: str) -> bool:
    """Whether a published cell's id begins so."""
    query = "select 1 from fct_table_cells where starts_with(cell_id, ?) limit 1"
    return bool(identifier) and bool(rows(connection, query, [identifier]))


def explain_cell(settings: Settings, connection: duckdb.DuckDBPyConnection, cell_id: str) -> dict[str, Any]:
    """The cell's row, and what the linker proposed for it; the paper's source is read again for that.

    cell_id: the id or its beginning. Raises UsageError where it is the beginning of several, StepError where the landed
    source does not hold the cell any more.
    """
    from transforms.results.explain import explain_cell as explain
    from transforms.results.linker import load_linker

    cell = require_one(rows(connection, _CELL, [cell_id]), "cell", "cells", cell_id, "fct_table_cells has the ids.")
    batch, source = read_batch(settings, cell["batch_id"]), read_source(cell["source"])
    with batch.landed_file(settings).open("rb") as file:
        paper = source.module.read_again(file, source.config, batch.original_name, cell["source_record_id"])
    linker = load_linker()
    facts = paper and explain(linker, linker.link(paper), cell["table_index"], cell["row_index"], cell["column_index"])
    if not facts:
        raise StepError(f"batch {batch.batch_id} does not hold the cell any more", "Next: paperhouse rebuild")
    return cell | facts
