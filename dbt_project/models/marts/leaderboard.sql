with
claimed as (select * from {{ ref('int_claimed_levels') }}),

reported as (select * from {{ ref('int_reported_levels') }}),

links as (select * from {{ ref('fct_repo_links') }}),

tabled as (select * from {{ ref('int_tabled_levels') }}),

said as (
    select * from claimed
    union all by name
    select * from reported
),

-- What the paper's own tables hold of what is claimed or reported.
confirmed as (
    select
        paper_id,
        dataset,
        metric,
        unit,
        round(value, 6) as level,
        min(cell_id) as cell_id
    from tabled
    group by all
),

levels as (
    select
        *,
        if(higher_is_better, value, -value) as merit
    from (
        select
            said.*,
            confirmed.cell_id
        from said
        left join confirmed
            on
                said.paper_id = confirmed.paper_id
                and said.dataset = confirmed.dataset
                and said.metric = confirmed.metric
                and said.unit = confirmed.unit
                and round(said.value, 6) = confirmed.level
        union all by name
        select * from tabled
        where
            not exists (
                select 1 from said
                where
                    said.paper_id = tabled.paper_id
                    and said.dataset = tabled.dataset
                    and said.metric = tabled.metric
                    and said.unit = tabled.unit
                    and round(said.value, 6) = round(tabled.value, 6)
            )
    ) as all_of_them
),

-- One row for a paper's model: the best of what is said of it.
entries as (
    select * from levels
    qualify
        row_number() over (
            partition by task, dataset, metric, unit, coalesce(paper_id, title, result_id), model
            order by merit desc, result_id is null or claim_id is null asc, result_id asc, claim_id asc, cell_id asc
        ) = 1
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
)

select
    {{ stable_key([
        "entries.task", "entries.dataset", "entries.metric", "entries.unit",
        "coalesce(entries.claim_id, if(entries.result_id is null, entries.cell_id, null))", "entries.result_id"
    ]) }} as entry_id,
    entries.task,
    entries.dataset,
    entries.metric,
    entries.unit,
    entries.higher_is_better,
    -- A claim or table alone is not confirmed: it has a claim_rank, and no place among what leaderboards report.
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
        when entries.result_id is null and entries.claim_id is null then 'table'
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
    entries.cell_id,
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
