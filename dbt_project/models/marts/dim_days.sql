with
seen as (
    select
        min(first_seen_on) as first_day,
        max(last_seen_at)::date as last_day
    from {{ ref('fct_papers') }}
)

select unnest(generate_series(first_day, last_day, interval 1 day))::date as day
from seen
