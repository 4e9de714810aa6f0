with
claims as (select * from {{ ref('fct_claimed_metrics') }}),

bridge as (select * from {{ ref('brg_claim_datasets') }}),

papers as (select * from {{ ref('fct_papers') }}),

checks as (select * from {{ ref('claim_checks') }}),

results as (select * from {{ ref('fct_reported_results') }}),

of_tables as (
    select * from {{ ref('fct_table_results') }}
    where value is not null and is_own is not false
),

metrics as (select * from {{ ref('metrics') }}),

task_counts as (
    select
        dataset,
        metric,
        task,
        count(*) as result_count,
        0 as paper_count
    from results
    where value is not null
    group by dataset, metric, task
    union all by name
    select
        dataset,
        metric,
        task,
        0 as result_count,
        count(distinct paper_id) as paper_count
    from of_tables
    group by dataset, metric, task
    qualify paper_count > 1 and 2 * paper_count > sum(paper_count) over (partition by dataset, metric)
),

-- Claims name no task: they stand where most reported results of their dataset and metric are, else where the tables of
-- more than half of the papers have them.
tasks as (
    select
        dataset,
        metric,
        arg_max(task, (result_count, paper_count, task)) as task
    from task_counts
    group by dataset, metric
)

select
    tasks.task,
    bridge.dataset,
    claims.metric,
    claims.condition,
    {{ unit_of_board('claims.unit', 'claims.value_text') }} as unit,
    claims.higher_is_better,
    if(
        metrics.is_share and claims.unit not in ('percent', 'points') and claims.value <= 1,
        100 * claims.value, claims.value
    ) as value,
    claims.value_text,
    claims.bound,
    papers.published_on,
    claims.paper_id,
    papers.title,
    claims.claim_id,
    claims.evidence,
    claims.confidence as claim_confidence,
    coalesce(bridge.verdict, claims.verdict) as verdict,
    list_filter([
        if(len(claims.datasets) > 1, 'several_datasets', null),
        if(contains(lower(claims.evidence), lower(bridge.dataset_text)), null, 'dataset_elsewhere'),
        if(
            claims.unit = metrics.unit or (metrics.is_share and claims.unit in ('percent', 'points', 'score')),
            null, 'unusual_unit'
        ),
        if(claims.bound = 'exact', null, 'bounded'),
        if(claims.condition_text is null, null, 'unknown_condition'),
        if(regexp_matches(claims.evidence, '{{ var("others") }}', 'i'), 'speaks_of_others', null)
    ], sign -> sign is not null) as signs
from claims
inner join bridge on claims.claim_id = bridge.claim_id
inner join papers on claims.paper_id = papers.paper_id
inner join metrics on claims.metric = metrics.metric
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
    and (not claims.is_optional or claims.verdict is not null)
    and coalesce(bridge.verdict, claims.verdict) is distinct from 'wrong'
    and not papers.is_withdrawn
    and {{ is_quality() }}
    and metrics.higher_is_better is not null
