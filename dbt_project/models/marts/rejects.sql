with
rejects as (select * from {{ source('raw', 'rejects') }}),

batches as (
    select distinct
        batch_id,
        source,
        original_name
    from {{ ref('stg_loads') }}
)

select
    rejects.batch_id,
    batches.source,
    batches.original_name,
    rejects.entry_index,
    rejects.line_first,
    rejects.line_last,
    rejects.section,
    rejects.char_start,
    rejects.char_end,
    rejects.reason,
    rejects.message,
    rejects.excerpt
from rejects
inner join batches on rejects.batch_id = batches.batch_id
