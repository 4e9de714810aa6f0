{{ incremental_by_paper() }}

with
links as (
    select * from {{ ref('fct_repo_links') }}
    where {{ changed_papers_only() }}
),

checks as (
    select
        checks.paper_id,
        checks.url,
        checks.checked_at,
        any_value(checks.state) in ('available', 'moved') as is_there,
        any_value(checks.redirected_to) as redirected_to,
        bool_and(links.availability = 'promised' and links.kind = 'repository') as is_promised
    from {{ ref('fct_repo_link_checks') }} as checks
    inner join links using (link_id)
    where checks.state <> 'unknown'
    group by checks.paper_id, checks.url, checks.checked_at
),

-- Each check beside those before it. A promised repository was not there before its first check; a page may have been.
steps as (
    select
        *,
        lag(is_there, 1, if(is_promised, false, null)) over checks_of_link as was_there,
        lag(redirected_to) over checks_of_link as was_redirected_to,
        coalesce(bool_or(is_there) over earlier_checks, false) as was_ever_there
    from checks
    window
        checks_of_link as (partition by paper_id, url order by checked_at),
        earlier_checks as (
            partition by paper_id, url order by checked_at rows between unbounded preceding and 1 preceding
        )
),

of_checks as (
    select
        paper_id,
        url,
        case
            when is_there and not was_there and was_ever_there then 'returned'
            when is_there and not was_there then 'came'
            when not is_there and was_there then 'gone'
            when redirected_to <> coalesce(was_redirected_to, '') and was_there then 'moved'
        end as kind,
        checked_at as happened_at,
        redirected_to
    from steps
),

-- Code that was promised without a place, and has one now.
of_texts as (
    select
        links.paper_id,
        links.url,
        'came' as kind,
        min(links.first_seen_at) as happened_at,
        null::varchar as redirected_to
    from links
    inner join links as promises using (paper_id)
    where
        promises.availability = 'promised'
        and links.availability = 'available'
        and links.kind = 'repository'
        and links.first_seen_at > promises.first_seen_at
    group by links.paper_id, links.url
)

select
    paper_id,
    url,
    kind,
    happened_at,
    redirected_to
from of_checks
where kind is not null
union all
select
    paper_id,
    url,
    kind,
    happened_at,
    redirected_to
from of_texts
