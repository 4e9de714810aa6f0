{{ incremental_by_paper() }}

-- Most papers have one record, which wins: those of the others alone are sorted.
with
several as (
    select
        paper_id,
        count(*) as record_count
    from {{ records_to_build() }}
    group by paper_id
    having count(*) > 1
)

select
    records.paper_id,
    records.batch_id,
    records.entry_index,
    records.text_id,
    records.landed_at as first_seen_at,
    1 as record_count
from {{ records_to_build() }} as records
anti join several on records.paper_id = several.paper_id
union all
select
    records.paper_id,
    records.batch_id,
    records.entry_index,
    records.text_id,
    min(records.landed_at) over (partition by records.paper_id) as first_seen_at,
    several.record_count
from {{ records_to_build() }} as records
inner join several on records.paper_id = several.paper_id
-- Never by the order of loading: any order of the same batches must give the same marts.
qualify row_number() over (
    partition by records.paper_id
    order by
        (records.abstract is not null) desc,
        (records.title is not null) desc,
        records.text_trust desc,
        coalesce(records.updated_on, records.listed_on) desc nulls last,
        length(records.abstract) desc,
        records.text_id asc,
        records.batch_id asc,
        records.entry_index asc
) = 1
