with
claims as (
    select * from {{ ref('fct_claimed_metrics') }}
    where kind = 'level' and subject = 'proposed'
),

bridge as (select * from {{ ref('brg_claim_datasets') }}),

results as (
    select * from {{ ref('fct_reported_results') }}
    where value is not null
),

-- Numbers are compared as far as the shorter of the two is written.
pairs as (
    select
        claims.claim_id,
        results.result_id,
        claims.paper_id,
        bridge.dataset,
        claims.metric,
        claims.value as claimed_value,
        results.value as reported_value,
        claims.value_text as claimed_text,
        results.value_text as reported_text,
        claims.bound,
        claims.evidence as claim_evidence,
        concat_ws(' / ', results.task, results.dataset_text, results.metric_text, results.model) as result_evidence,
        results.paper_url as result_url,
        length(regexp_extract(claims.value_text, '\.(\d+)', 1)) as claimed_decimals,
        length(regexp_extract(results.value_text, '\.(\d+)', 1)) as reported_decimals
    from claims
    inner join bridge on claims.claim_id = bridge.claim_id
    inner join results
        on
            claims.paper_id = results.paper_id
            and bridge.dataset = results.dataset
            and claims.metric = results.metric
),

compared as (
    select
        *,
        case
            when abs(claimed_value - reported_value) < 1e-9 then 'agree'
            when bound = 'at_least' and reported_value >= claimed_value then 'agree'
            when bound in ('up_to', 'less_than') and reported_value <= claimed_value then 'agree'
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
    result_id,
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
    count(*) over (partition by claim_id, dataset) as result_count
from compared
-- A paper reports several models: a claim is held against the result that is nearest to it.
qualify row_number() over (
    partition by claim_id, dataset
    order by
        list_position(['agree', 'rounding', 'percent_fraction', 'differ'], outcome) asc,
        abs(claimed_value - reported_value) asc,
        result_id asc
) = 1
