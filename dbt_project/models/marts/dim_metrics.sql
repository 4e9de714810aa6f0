with
metrics as (select * from {{ ref('metrics') }}),

claims as (
    select
        metric,
        count(*) as claim_count,
        count(distinct paper_id) as paper_count
    from {{ ref('fct_claimed_metrics') }}
    where metric is not null
    group by metric
)

select
    coalesce(metrics.metric, claims.metric) as metric,
    metrics.unit,
    metrics.higher_is_better,
    metrics.family,
    coalesce(claims.claim_count, 0) as claim_count,
    coalesce(claims.paper_count, 0) as paper_count,
    metrics.metric is not null as is_known
from metrics
full join claims on metrics.metric = claims.metric
