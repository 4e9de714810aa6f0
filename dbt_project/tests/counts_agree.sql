-- The counts in fct_papers are those of the rows that they count.
with
claims as (
    select
        paper_id,
        count(*) as found
    from {{ ref('fct_claimed_metrics') }}
    group by paper_id
),

links as (
    select
        paper_id,
        count(url) as found
    from {{ ref('fct_repo_links') }}
    group by paper_id
)

select papers.paper_id
from {{ ref('fct_papers') }} as papers
left join claims on papers.paper_id = claims.paper_id
left join links on papers.paper_id = links.paper_id
where
    papers.claim_count <> coalesce(claims.found, 0)
    or papers.repo_link_count <> coalesce(links.found, 0)
