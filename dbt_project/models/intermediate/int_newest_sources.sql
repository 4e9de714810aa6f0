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

sources as (
    select distinct loads.source
    from {{ ref('stg_loads') }} as loads
    inner join {{ source('raw', 'tables') }} as tables on loads.batch_id = tables.batch_id
)

select
    paper_id,
    source,
    batch_id,
    entry_index,
    version
from records
where source in (select sources.source from sources)
-- Its tables are the paper's, also where it has none any more.
qualify
    row_number() over (
        partition by paper_id order by version desc nulls last, landed_at desc, batch_id asc, entry_index asc
    ) = 1
