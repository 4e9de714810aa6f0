{{ incremental_by_paper() }}

with
tables as (
    select
        table_id,
        paper_id,
        table_index,
        batch_id,
        entry_index
    from {{ ref('fct_tables') }}
    where {{ changed_papers_only() }}
),

cells as (select * from {{ source('raw', 'table_cells') }}),

names as (select * from {{ ref('int_names') }})

select
    {{ stable_key(['tables.table_id', 'cells.row_index', 'cells.column_index']) }} as cell_id,
    tables.table_id,
    tables.paper_id,
    cells.row_index,
    cells.column_index,
    cells.row_path,
    cells.column_path,
    cells.value_text,
    cells.value,
    cells.spread,
    cells.value_unit,
    cells.is_bold,
    cells.is_underlined,
    cells.row_citations,
    cells.file,
    cells.line,
    cells.char_start,
    cells.char_end,
    cells.task,
    {{ renamed('dataset', 'cells.dataset') }} as dataset,
    cells.dataset_text,
    {{ renamed('metric', 'cells.metric') }} as metric,
    cells.metric_text,
    cells.condition,
    cells.model,
    cells.is_own,
    cells.link_confidence as confidence,
    cells.linker_version
from tables
inner join cells
    on
        tables.batch_id = cells.batch_id
        and tables.entry_index = cells.entry_index
        and tables.table_index = cells.table_index
cross join names
