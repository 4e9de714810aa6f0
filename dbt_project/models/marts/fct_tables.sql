{{ incremental_by_paper() }}

with
records as (
    select
        paper_id,
        source,
        batch_id,
        entry_index,
        version,
        landed_at
    from {{ records_to_build() }}
),

tables as (select * from {{ source('raw', 'tables') }}),

sources as (
    select distinct loads.source
    from {{ ref('stg_loads') }} as loads
    inner join tables on loads.batch_id = tables.batch_id
),

-- The newest e-print of each paper: its tables are the paper's, also where it has none any more.
newest as (
    select
        paper_id,
        source,
        batch_id,
        entry_index,
        version
    from records
    where source in (select sources.source from sources)
    qualify
        row_number() over (
            partition by paper_id order by version desc nulls last, landed_at desc, batch_id asc, entry_index asc
        ) = 1
)

select
    {{ stable_key(['newest.paper_id', 'newest.source', 'tables.table_index']) }} as table_id,
    newest.paper_id,
    newest.source,
    newest.version as paper_version,
    tables.table_index,
    tables.table_number,
    tables.label,
    tables.caption,
    tables.section,
    tables.file,
    tables.table_line_first as line_first,
    tables.table_line_last as line_last,
    tables.row_count,
    tables.column_count,
    tables.numeric_cell_count,
    tables.table_parser_version as parser_version,
    newest.batch_id,
    newest.entry_index
from newest
inner join tables on newest.batch_id = tables.batch_id and newest.entry_index = tables.entry_index
