-- No rank is made where the metric's direction is unknown, and none against it.
with
ranks as (select * from {{ ref('leaderboard') }}),

metrics as (select * from {{ ref('dim_metrics') }})

select
    ranks.entry_id,
    ranks.metric
from ranks
left join metrics on ranks.metric = metrics.metric
where
    ranks.rank is not null
    and metrics.higher_is_better is distinct from ranks.higher_is_better
