{{ replaced_by_paper() }}

with
records as (
    select * from {{ ref('stg_papers') }}
    where {{ only_changed_papers() }}
),

aliases as (
    select
        paper_id,
        source,
        source_record_id,
        batch_id,
        landed_at,
        paper_id as alias,
        case when arxiv_id is not null then 'arxiv_id' when doi is not null then 'doi' else 'title' end as matched_by
    from records
    union all
    select
        paper_id,
        source,
        source_record_id,
        batch_id,
        landed_at,
        doi as alias,
        'doi' as matched_by
    from records
    where doi is not null and arxiv_id is not null
)

select
    paper_id,
    source,
    source_record_id,
    alias,
    matched_by as alias_kind,
    matched_by,
    1.0::double as match_score,
    arg_min(batch_id, (landed_at, batch_id)) as batch_id
from aliases
group by paper_id, source, source_record_id, alias, matched_by
