with
claims as (select * from {{ ref('fct_claimed_metrics') }}),

bridge as (select * from {{ ref('brg_claim_datasets') }}),

papers as (select * from {{ ref('fct_papers') }}),

checks as (select * from {{ ref('claim_checks') }}),

results as (select * from {{ ref('fct_reported_results') }}),

task_counts as (
    select
        dataset,
        metric,
        task,
        count(*) as result_count
    from results
    where value is not null
    group by dataset, metric, task
),

-- Claims name no task: they stand where most results of their dataset and metric are.
tasks as (
    select
        dataset,
        metric,
        arg_max(task, (result_count, task)) as task
    from task_counts
    group by dataset, metric
)

select
    tasks.task,
    bridge.dataset,
    claims.metric,
    claims.unit,
    claims.higher_is_better,
    claims.value,
    claims.value_text,
    claims.bound,
    papers.published_on,
    claims.paper_id,
    papers.title,
    claims.claim_id,
    claims.evidence,
    claims.confidence
from claims
inner join bridge on claims.claim_id = bridge.claim_id
inner join papers on claims.paper_id = papers.paper_id
left join tasks on bridge.dataset = tasks.dataset and claims.metric = tasks.metric
-- One that agrees with a result stands beside it, in int_reported_levels.
anti join checks
    on
        claims.claim_id = checks.claim_id
        and bridge.dataset = checks.dataset
        and checks.checked_against = 'reported'
        and checks.outcome <> 'differ'
where
    claims.kind = 'level'
    and claims.subject = 'proposed'
    and claims.metric is not null
    and not claims.is_optional
    and not papers.is_withdrawn
