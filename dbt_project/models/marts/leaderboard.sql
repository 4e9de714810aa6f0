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

quoted as (select * from {{ ref('int_quoted_cells') }}),

claims_in_tables as (
    select * from {{ ref('claim_checks') }}
    where checked_against = 'table' and outcome <> 'differ'
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
            coalesce(confirmed.cell_id, claims_in_tables.cell_id) as cell_id
        from said
        left join confirmed
            on
                said.paper_id = confirmed.paper_id
                and said.dataset = confirmed.dataset
                and said.metric = confirmed.metric
                and said.unit = confirmed.unit
                and round(said.value, 6) = confirmed.level
        left join claims_in_tables
            on said.claim_id = claims_in_tables.claim_id and said.dataset = claims_in_tables.dataset
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
    coalesce(quotations.quoted_by_count, 0) as quoted_by_count,
    quotations.quoted_cell_ids,
    entries.evidence,
    entries.confidence,
    entries.result_id is not null
    or entries.claim_id is null
    or (entries.cell_id is not null and entries.confidence >= {{ var('claim_confidence') }}) as is_sure,
    nullif(
        list_sort(list_distinct(list_concat(entries.code_urls, repositories.urls))), []
    ) as code_urls
from entries
left join repositories on entries.paper_id = repositories.paper_id
left join quotations
    on
        entries.paper_id = quotations.paper_id
        and entries.dataset = quotations.dataset
        and entries.metric = quotations.metric
        and entries.value = quotations.value
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
