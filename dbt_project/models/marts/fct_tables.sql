{{ incremental_by_paper() }}

with
newest as (
    select * from {{ ref('int_newest_sources') }}
    where {{ changed_papers_only() }}
),

tables as (select * from {{ source('raw', 'tables') }})

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
