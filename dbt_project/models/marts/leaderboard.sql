with
claims as (select * from {{ ref('fct_claimed_metrics') }}),

bridge as (select * from {{ ref('brg_claim_datasets') }}),

papers as (select * from {{ ref('fct_papers') }}),

metrics as (select * from {{ ref('metrics') }}),

-- Results name no unit. Where no result of a metric in percent is above 1, they are fractions.
results as (
    select
        results.*,
        coalesce(metrics.unit, if(contains(results.value_text, '%'), 'percent', 'other')) as unit,
        if(
            metrics.unit = 'percent'
            and max(results.value) over (partition by results.task, results.dataset, results.metric) <= 1,
            100 * results.value, results.value
        ) as level
    from {{ ref('fct_reported_results') }} as results
    left join metrics on results.metric = metrics.metric
    where results.value is not null
),

agreements as (
    select
        claim_id,
        dataset,
        result_id
    from {{ ref('claim_checks') }}
    where outcome <> 'differ'
),

-- Claims name no task: they stand where most results of their dataset and metric are.
tasks as (
    select
        dataset,
        metric,
        arg_max(task, (result_count, task)) as task
    from (
        select
            dataset,
            metric,
            task,
            count(*) as result_count
        from results
        group by dataset, metric, task
    ) as counted
    group by dataset, metric
),

claimed as (
    select
        tasks.task,
        bridge.dataset,
        claims.metric,
        claims.unit,
        claims.higher_is_better,
        null::varchar as model,
        claims.value,
        claims.value_text,
        claims.bound,
        papers.published_on,
        claims.paper_id,
        papers.title,
        claims.claim_id,
        null::varchar as result_id,
        claims.evidence,
        claims.confidence,
        null::varchar[] as code_urls
    from claims
    inner join bridge on claims.claim_id = bridge.claim_id
    inner join papers on claims.paper_id = papers.paper_id
    left join tasks on bridge.dataset = tasks.dataset and claims.metric = tasks.metric
    anti join agreements on claims.claim_id = agreements.claim_id and bridge.dataset = agreements.dataset
    where
        claims.kind = 'level'
        and claims.subject = 'proposed'
        and claims.metric is not null
        and not claims.is_optional
        and not papers.is_withdrawn
),

reported as (
    select
        results.task,
        results.dataset,
        results.metric,
        results.unit,
        results.higher_is_better,
        results.model,
        results.level as value,
        results.value_text,
        'exact' as bound,
        coalesce(papers.published_on, results.reported_on) as published_on,
        results.paper_id,
        coalesce(papers.title, results.paper_title) as title,
        claims.claim_id,
        results.result_id,
        claims.evidence,
        claims.confidence,
        results.code_urls
    from results
    left join papers on results.paper_id = papers.paper_id
    left join agreements on results.result_id = agreements.result_id
    left join claims on agreements.claim_id = claims.claim_id
    where papers.is_withdrawn is not true
),

found as (
    select
        *,
        if(higher_is_better, value, -value) as merit
    from (
        select * from claimed
        union all by name
        select * from reported
    ) as either
),

-- One row for a paper's model: the best of what is said of it.
entries as (
    select * from found
    qualify
        row_number() over (
            partition by task, dataset, metric, unit, coalesce(paper_id, title, result_id), model
            order by merit desc, result_id is null or claim_id is null asc, result_id asc, claim_id asc
        ) = 1
),

repositories as (
    select
        paper_id,
        list(distinct url order by url) as urls
    from {{ ref('fct_repo_links') }}
    where
        kind = 'repository'
        and availability = 'available'
        and paper_id in (select entries.paper_id from entries)
    group by paper_id
)

select
    {{ stable_key([
        "entries.task", "entries.dataset", "entries.metric", "entries.unit", "entries.claim_id", "entries.result_id"
    ]) }} as entry_id,
    entries.task,
    entries.dataset,
    entries.metric,
    entries.unit,
    entries.higher_is_better,
    -- A claim alone is not confirmed: it has a claim_rank, and no place among what leaderboards report.
    if(entries.higher_is_better is null or entries.result_id is null, null, rank() over by_merit)::integer as rank,
    if(
        entries.higher_is_better is null or entries.claim_id is null,
        null, rank() over (
            partition by entries.task, entries.dataset, entries.metric, entries.unit, entries.claim_id is null
            order by entries.merit desc
        )
    )::integer as claim_rank,
    if(
        entries.higher_is_better is null or entries.result_id is null,
        null, rank() over (
            partition by entries.task, entries.dataset, entries.metric, entries.unit, entries.result_id is null
            order by entries.merit desc
        )
    )::integer as reported_rank,
    case
        when entries.result_id is null then 'claim'
        when entries.claim_id is null then 'reported'
        else 'both'
    end as evidence_kind,
    entries.model,
    entries.value,
    entries.value_text,
    entries.bound,
    entries.published_on,
    coalesce(
        entries.higher_is_better is not null
        and entries.result_id is not null
        and entries.published_on is not null
        and entries.merit > coalesce(max(entries.merit) over earlier, '-infinity'::double),
        false
    ) as is_best_so_far,
    entries.paper_id,
    entries.title,
    entries.claim_id,
    entries.result_id,
    entries.evidence,
    entries.confidence,
    nullif(
        list_sort(list_distinct(list_concat(entries.code_urls, repositories.urls))), []
    ) as code_urls
from entries
left join repositories on entries.paper_id = repositories.paper_id
window
    by_merit as (
        partition by entries.task, entries.dataset, entries.metric, entries.unit, entries.result_id is null
        order by entries.merit desc
    ),
    earlier as (
        partition by entries.task, entries.dataset, entries.metric, entries.unit, entries.result_id is null
        order by
            entries.published_on asc nulls last, entries.merit desc, entries.result_id asc, entries.claim_id asc
        rows between unbounded preceding and 1 preceding
    )
