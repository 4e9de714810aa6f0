{{ replaced_by_paper() }}

with
records as (
    select * from {{ ref('stg_papers') }}
    where {{ only_changed_papers() }}
),

winners as (
    select records.*
    from records
    inner join {{ ref('int_winning_records') }} using (paper_id, batch_id, entry_index)
),

histories as (
    select
        paper_id,
        max(arxiv_id) as arxiv_id,
        max(doi) as doi,
        min(published_on) as published_on,
        max(updated_on) as updated_on,
        min(listed_on) as first_listed_on,
        max(listed_on) as last_listed_on,
        min(landed_at) as first_seen_at,
        max(landed_at) as last_seen_at,
        count(distinct source) as source_count,
        bool_or(is_withdrawn) as is_withdrawn
    from records
    group by paper_id
),

claim_counts as (
    select
        text_id,
        count(*) as claim_count
    from {{ ref('stg_claims') }}
    group by text_id
),

link_counts as (
    select
        text_id,
        count(url) as repo_link_count
    from {{ ref('stg_links') }}
    group by text_id
)

select
    winners.paper_id,
    winners.title,
    winners.abstract,
    winners.language,
    coalesce(winners.arxiv_id, histories.arxiv_id) as arxiv_id,
    coalesce(winners.doi, histories.doi) as doi,
    coalesce(winners.published_on, histories.published_on) as published_on,
    histories.updated_on,
    histories.first_listed_on,
    histories.last_listed_on,
    histories.first_seen_at,
    histories.last_seen_at,
    histories.source_count,
    coalesce(claim_counts.claim_count, 0) as claim_count,
    coalesce(link_counts.repo_link_count, 0) as repo_link_count,
    histories.is_withdrawn
from winners
inner join histories on winners.paper_id = histories.paper_id
left join claim_counts on winners.text_id = claim_counts.text_id
left join link_counts on winners.text_id = link_counts.text_id
