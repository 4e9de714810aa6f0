with
levels as (select * from {{ ref('int_board_levels') }}),

links as (select * from {{ ref('fct_repo_links') }}),

quoted as (select * from {{ ref('int_quoted_cells') }}),

-- A claim names no model: it is of the one of the paper that is best.
named as (
    select
        *,
        coalesce(model, arg_max(model, (merit, model)) filter (where kind = 'model') over (
            partition by task, dataset, metric, unit, condition, coalesce(paper_id, title, result_id)
        )) as of_model
    from levels
),

likely as (
    select
        *,
        result_id is not null or verdict is not null
        or (confidence >= {{ var('board_confidence') }} and not is_outlier and higher_is_better is not null)
            as is_likely,
        is_likely and (result_id is not null or confidence >= {{ var('head_confidence') }}) as may_lead
    from named
),

-- The best of many is wrong more often than the others: what would lead without a report has to be surer.
sure as (
    select
        *,
        is_likely
        and (
            may_lead or kind <> 'model'
            or merit <= coalesce(max(merit) filter (where may_lead and kind = 'model') over (
                partition by task, dataset, metric, unit, condition
            ), '-infinity'::double)
        ) as is_sure
    from likely
),

-- One row for a paper's model: the best of what is said of it.
entries as (
    select * exclude (is_likely, may_lead)
    from sure
    qualify
        row_number() over (
            partition by task, dataset, metric, unit, condition, coalesce(paper_id, title, result_id), of_model
            order by
                is_sure desc, merit desc, result_id is null or claim_id is null asc, result_id asc, claim_id asc,
                cell_id asc
        ) = 1
),

-- Other papers' tables that have the number, in a row that cites the paper.
quotations as (
    select
        entries.paper_id,
        entries.dataset,
        entries.metric,
        entries.value,
        count(distinct quoted.paper_id) as quoted_by_count,
        list(distinct quoted.cell_id order by quoted.cell_id) as quoted_cell_ids
    from entries
    inner join quoted
        on
            entries.paper_id = quoted.cited_paper_id
            and (entries.dataset = quoted.dataset or entries.metric = quoted.metric)
            and (
                round(entries.value, 6) = round(quoted.value, 6)
                or round(entries.value, 6) = round(100 * quoted.value, 6)
            )
    group by entries.paper_id, entries.dataset, entries.metric, entries.value
),

repositories as (
    select
        paper_id,
        list(distinct url order by url) as urls
    from links
    where
        kind = 'repository'
        and availability = 'available'
        and paper_id in (select entries.paper_id from entries)
    group by paper_id
),

counted as (
    select
        *,
        is_sure and kind = 'model' and higher_is_better is not null as is_ranked,
        count(*) filter (is_sure) over (partition by task, dataset, metric, unit, condition) as sure_count
    from entries
),

ranked as (
    select
        *,
        coalesce(condition, '') = coalesce(first_value(condition) over (
            partition by task, dataset, metric, unit order by sure_count desc, condition asc nulls first
        ), '') as is_main_condition
    from counted
)

select
    {{ stable_key([
        "ranked.task", "ranked.dataset", "ranked.metric", "ranked.unit", "ranked.condition",
        "coalesce(ranked.claim_id, if(ranked.result_id is null, ranked.cell_id, null))", "ranked.result_id"
    ]) }} as entry_id,
    ranked.task,
    ranked.dataset,
    ranked.metric,
    ranked.condition,
    ranked.is_main_condition,
    ranked.unit,
    ranked.higher_is_better,
    ranked.kind,
    if(ranked.is_ranked, rank() over by_merit, null)::integer as rank,
    case
        when ranked.result_id is null and ranked.claim_id is null then 'table'
        when ranked.result_id is null then 'claim'
        when ranked.claim_id is null then 'reported'
        else 'both'
    end as evidence_kind,
    ranked.model,
    ranked.value,
    ranked.value_text,
    ranked.bound,
    ranked.published_on,
    coalesce(
        ranked.is_ranked
        and ranked.published_on is not null
        and ranked.merit > coalesce(max(ranked.merit) over earlier, '-infinity'::double),
        false
    ) as is_best_so_far,
    ranked.paper_id,
    ranked.title,
    ranked.claim_id,
    ranked.result_id,
    ranked.cell_id,
    coalesce(quotations.quoted_by_count, 0) as quoted_by_count,
    quotations.quoted_cell_ids,
    ranked.evidence,
    round(ranked.confidence, 3) as confidence,
    ranked.is_sure,
    ranked.is_outlier,
    ranked.signs,
    ranked.verdict,
    nullif(
        list_sort(list_distinct(list_concat(ranked.code_urls, repositories.urls))), []
    ) as code_urls
from ranked
left join repositories on ranked.paper_id = repositories.paper_id
left join quotations
    on
        ranked.paper_id = quotations.paper_id
        and ranked.dataset = quotations.dataset
        and ranked.metric = quotations.metric
        and ranked.value = quotations.value
window
    by_merit as (
        partition by ranked.task, ranked.dataset, ranked.metric, ranked.unit, ranked.condition, ranked.is_ranked
        order by ranked.merit desc
    ),
    earlier as (
        partition by ranked.task, ranked.dataset, ranked.metric, ranked.unit, ranked.condition, ranked.is_ranked
        order by
            ranked.published_on asc nulls last, ranked.merit desc, ranked.result_id asc, ranked.claim_id asc,
            ranked.cell_id asc
        rows between unbounded preceding and 1 preceding
    )
