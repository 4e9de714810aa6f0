with
claims as (
    select * from {{ ref('fct_claimed_metrics') }}
    where kind = 'level' and subject = 'proposed' and verdict is distinct from 'wrong'
),

bridge as (select * from {{ ref('brg_claim_datasets') }}),

results as (
    select * from {{ ref('fct_reported_results') }}
    where value is not null and verdict is distinct from 'wrong'
),

cells as (
    select * from {{ ref('fct_table_cells') }}
    where value is not null
),

quoted_cells as (select * from {{ ref('int_quoted_cells') }}),

papers as (select * from {{ ref('fct_papers') }}),

tables as (select * from {{ ref('fct_tables') }}),

levels as (select * from {{ ref('int_tabled_levels') }}),

claimed as (
    select
        claims.claim_id,
        claims.paper_id,
        bridge.dataset,
        bridge.dataset_text,
        claims.metric,
        claims.metric_text,
        claims.condition,
        claims.value as claimed_value,
        claims.value_text as claimed_text,
        claims.bound,
        claims.evidence as claim_evidence
    from claims
    inner join bridge on claims.claim_id = bridge.claim_id and bridge.verdict is distinct from 'wrong'
),

-- A claim that names no metric may agree with any of its dataset, and takes its name.
reported as (
    select
        claimed.* replace (coalesce(claimed.metric, results.metric) as metric),
        'reported' as checked_against,
        results.result_id,
        null as cell_id,
        null as table_paper_id,
        results.value as reported_value,
        results.value_text as reported_text,
        concat_ws(' / ', results.task, results.dataset_text, results.metric_text, results.model) as result_evidence,
        results.paper_url as result_url,
        claimed.metric is not null
        and coalesce(claimed.condition, '') = coalesce(results.condition, '') as tells_difference
    from claimed
    inner join results
        on
            claimed.paper_id = results.paper_id
            and claimed.dataset = results.dataset
            and coalesce(claimed.metric, results.metric) = results.metric
),

placed as (
    select
        cells.*,
        concat_ws(
            ' / ', coalesce('Table ' || tables.table_number, tables.label, 'A table'),
            nullif(array_to_string(cells.row_path, ', '), ''), nullif(array_to_string(cells.column_path, ', '), '')
        ) as place,
        lower(concat_ws(' ', tables.caption, place)) as words
    from cells
    inner join tables on cells.table_id = tables.table_id
),

-- The numbers of its own tables, and of others' that quote it.
nearby as (
    select
        *,
        'table' as checked_against,
        paper_id as table_paper_id,
        place as evidence
    from placed
    where is_own is not false
    union all by name
    select
        'quoted' as checked_against,
        quoted_cells.cited_paper_id as paper_id,
        placed.* exclude (paper_id),
        placed.paper_id as table_paper_id,
        concat_ws(' / ', papers.title, placed.place) as evidence
    from quoted_cells
    inner join placed on quoted_cells.cell_id = placed.cell_id
    inner join papers on placed.paper_id = papers.paper_id
),

-- A number that heads or caption name the claim's dataset or metric for may agree with it; that it differs shows only
-- where the linker is sure, or where the paper that quotes it has no other for them, in a row that cites it alone.
tabled as (
    select
        claimed.* replace (coalesce(claimed.metric, nearby.metric) as metric),
        nearby.checked_against,
        null as result_id,
        nearby.cell_id,
        nearby.table_paper_id,
        nearby.value as reported_value,
        nearby.value_text as reported_text,
        nearby.evidence as result_evidence,
        null as result_url,
        levels.cell_id is not null
        or (
            nearby.checked_against = 'quoted'
            and len(nearby.row_citations) = 1
            and nearby.dataset = claimed.dataset
            and coalesce(nearby.metric = claimed.metric, false)
            and coalesce(nearby.condition, '') = coalesce(claimed.condition, '')
            and count(*) over (
                partition by claimed.claim_id, claimed.dataset, nearby.table_paper_id, nearby.dataset, nearby.metric
            ) = 1
        ) as tells_difference
    from claimed
    inner join nearby on claimed.paper_id = nearby.paper_id
    left join levels
        on
            nearby.cell_id = levels.cell_id
            and claimed.dataset = levels.dataset
            and claimed.metric = levels.metric
    where
        coalesce(claimed.metric, nearby.metric) is not null
        and (
            levels.cell_id is not null
            or nearby.dataset = claimed.dataset
            or nearby.metric = claimed.metric
            or contains(nearby.words, lower(coalesce(claimed.dataset_text, claimed.dataset)))
            or contains(nearby.words, lower(coalesce(claimed.metric_text, claimed.metric)))
        )
),

-- Numbers are compared as far as the shorter of the two is written.
pairs as (
    select
        *,
        length(regexp_extract(claimed_text, '\.(\d+)', 1)) as claimed_decimals,
        length(regexp_extract(reported_text, '\.(\d+)', 1)) as reported_decimals
    from (
        select * from reported
        union all by name
        select * from tabled
    ) as both_kinds
),

compared as (
    select
        *,
        case
            when abs(claimed_value - reported_value) < 1e-9 then 'agree'
            when tells_difference and bound = 'at_least' and reported_value >= claimed_value then 'agree'
            when tells_difference and bound in ('up_to', 'less_than') and reported_value <= claimed_value then 'agree'
            when
                {{ is_rounded('claimed_value', 'reported_value', 'claimed_decimals', 'reported_decimals') }}
                then 'rounding'
            when
                {{ is_rounded('claimed_value', '100 * reported_value', 'claimed_decimals', 'reported_decimals - 2') }}
                then 'percent_fraction'
            when
                {{ is_rounded('100 * claimed_value', 'reported_value', 'claimed_decimals - 2', 'reported_decimals') }}
                then 'percent_fraction'
            else 'differ'
        end as outcome
    from pairs
)

select
    claim_id,
    checked_against,
    result_id,
    cell_id,
    table_paper_id,
    paper_id,
    dataset,
    metric,
    outcome,
    claimed_value,
    reported_value,
    claimed_text,
    reported_text,
    claim_evidence,
    result_evidence,
    result_url,
    count(*) over (partition by claim_id, dataset, checked_against) as result_count
from compared
where tells_difference or outcome <> 'differ'
-- A paper reports several models: a claim is held against the result that is nearest to it.
qualify row_number() over (
    partition by claim_id, dataset, checked_against
    order by
        list_position(['agree', 'rounding', 'percent_fraction', 'differ'], outcome) asc,
        tells_difference desc,
        abs(claimed_value - reported_value) asc,
        result_id asc,
        cell_id asc
) = 1
