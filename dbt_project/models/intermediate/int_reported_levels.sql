with
results as (select * from {{ ref('fct_reported_results') }}),

metrics as (select * from {{ ref('metrics') }}),

papers as (select * from {{ ref('fct_papers') }}),

claims as (select * from {{ ref('fct_claimed_metrics') }}),

checks as (select * from {{ ref('claim_checks') }}),

-- Results name no unit, and may be fractions where others are percent.
scaled as (
    select
        results.*,
        {{ unit_of_board("'other'", 'results.value_text') }} as unit,
        {{ level_of_result(['results.task', 'results.dataset', 'results.metric']) }} as level
    from results
    left join metrics on results.metric = metrics.metric
    where results.value is not null and {{ is_quality() }} and results.verdict is distinct from 'wrong'
)

select
    scaled.task,
    scaled.dataset,
    scaled.metric,
    scaled.condition,
    scaled.unit,
    scaled.higher_is_better,
    scaled.model,
    scaled.level as value,
    scaled.value_text,
    'exact' as bound,
    case
        when papers.published_precision = 'month' then coalesce(scaled.reported_on, papers.published_on)
        else coalesce(papers.published_on, scaled.reported_on)
    end as published_on,
    scaled.paper_id,
    coalesce(papers.title, scaled.paper_title) as title,
    claims.claim_id,
    scaled.result_id,
    claims.evidence,
    scaled.code_urls,
    scaled.verdict
from scaled
left join papers on scaled.paper_id = papers.paper_id
left join checks on scaled.result_id = checks.result_id and checks.outcome <> 'differ'
left join claims on checks.claim_id = claims.claim_id
where papers.is_withdrawn is not true
