{{ incremental_by_paper() }}

with
records as (select * from {{ records_to_build() }}),

named as (
    select
        paper_id,
        source,
        source_record_id,
        matched_by,
        match_score,
        batch_id,
        (landed_at, batch_id, entry_index) as seen,
        unnest([
            { 'kind': 'own_id', 'alias': own_id },
            { 'kind': 'arxiv_id', 'alias': arxiv_id },
            { 'kind': 'doi', 'alias': doi },
            { 'kind': 'acl_id', 'alias': 'acl:' || acl_id },
            { 'kind': 'openreview_id', 'alias': 'openreview:' || openreview_id }
        ]) as id
    from records
),

-- Ids that the paper was published under before: they lead to it for ever.
former as (
    select
        records.paper_id,
        records.source,
        records.source_record_id,
        records.matched_by,
        records.match_score,
        records.batch_id,
        (records.landed_at, records.batch_id, records.entry_index) as seen,
        { 'kind': 'former_id', 'alias': former_ids.former_id } as id
    from records
    inner join {{ source('raw', 'former_ids') }} as former_ids using (mention_id)
),

aliases as (
    select * from named
    union all
    select * from former
)

select
    aliases.paper_id,
    aliases.source,
    aliases.source_record_id,
    id.alias,
    case
        when bool_or(id.kind = 'former_id') then 'former_id'
        else coalesce(min(id.kind) filter (where id.kind <> 'own_id'), 'title')
    end as alias_kind,
    arg_min(matched_by, aliases.seen) as matched_by,
    arg_min(match_score, aliases.seen) as match_score,
    arg_min(batch_id, aliases.seen) as batch_id
from aliases
where id.alias is not null
group by aliases.paper_id, aliases.source, aliases.source_record_id, id.alias
