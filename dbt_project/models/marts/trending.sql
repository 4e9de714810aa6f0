with
listings as (
    select * from {{ ref('paper_listings') }}
    where listed_on is not null
),

papers as (select * from {{ ref('fct_papers') }}),

-- The last day of any listing is today: the marts know no clock.
windows as (
    select
        unnest([1, 7, 30])::integer as window_days,
        (select max(listed_on) from listings) as as_of
),

windowed as (
    select
        windows.window_days,
        windows.as_of,
        listings.paper_id,
        max(listings.upvotes) filter (where listings.listed_on > windows.as_of - windows.window_days) as upvotes,
        max(listings.upvotes) filter (where listings.listed_on <= windows.as_of - windows.window_days)
            as upvotes_before,
        count(distinct listings.source || listings.listed_on::varchar)
        filter (where listings.listed_on > windows.as_of - windows.window_days) as listing_count,
        min(listings.rank) filter (where listings.listed_on > windows.as_of - windows.window_days) as best_rank
    from windows
    cross join listings
    group by windows.window_days, windows.as_of, listings.paper_id
),

gains as (
    select
        *,
        greatest(coalesce(upvotes, 0) - coalesce(upvotes_before, 0), 0)::integer as upvote_gain
    from windowed
    where listing_count > 0
)

select
    gains.window_days,
    row_number() over (
        partition by gains.window_days
        order by gains.upvote_gain desc, gains.listing_count desc, gains.best_rank asc nulls last, gains.paper_id asc
    )::integer as rank,
    gains.paper_id,
    coalesce(papers.title, papers.paper_id) as title,
    gains.upvotes,
    gains.upvote_gain,
    gains.upvote_gain::double / gains.window_days as momentum,
    gains.listing_count,
    gains.best_rank,
    gains.as_of
from gains
inner join papers on gains.paper_id = papers.paper_id
where not papers.is_withdrawn
