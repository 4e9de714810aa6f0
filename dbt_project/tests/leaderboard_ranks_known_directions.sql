-- No rank is made where the metric's direction is unknown, and none against it.
with
ranks as (select * from {{ ref('leaderboard') }}),

metrics as (select * from {{ ref('dim_metrics') }})

select
    ranks.claim_id,
    ranks.dataset
from ranks
left join metrics on ranks.metric = metrics.metric
where
    metrics.higher_is_better is null
    or metrics.higher_is_better <> ranks.higher_is_better
