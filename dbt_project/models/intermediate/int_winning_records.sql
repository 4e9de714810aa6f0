{{ incremental_by_paper() }}

with
records as (select * from {{ records_to_build() }})

select
    paper_id,
    batch_id,
    entry_index,
    text_id,
    min(landed_at) over (partition by paper_id) as first_seen_at
from records
-- Never by the order of loading: any order of the same batches must give the same marts.
qualify row_number() over (
    partition by paper_id
    order by
        (abstract is not null) desc,
        (title is not null) desc,
        text_trust desc,
        coalesce(updated_on, listed_on) desc nulls last,
        length(abstract) desc,
        text_id asc,
        batch_id asc,
        entry_index asc
) = 1
