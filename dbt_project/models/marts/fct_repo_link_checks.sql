{{ incremental_by_paper() }}

with
links as (
    select
        link_id,
        paper_id,
        url
    from {{ ref('fct_repo_links') }}
    where url is not null and {{ changed_papers_only() }}
),

checks as (select * from {{ ref('stg_link_checks') }})

select
    links.link_id,
    links.paper_id,
    links.url,
    checks.checked_at,
    checks.http_status,
    checks.state,
    checks.redirected_to,
    checks.stars,
    checks.forks,
    checks.last_commit_at,
    checks.licence,
    checks.is_archived,
    checks.problem
from links
inner join checks on links.url = checks.url
