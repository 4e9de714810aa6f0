with
claimed as (select * from {{ ref('int_claimed_levels') }}),

reported as (select * from {{ ref('int_reported_levels') }}),

tabled as (select * from {{ ref('int_tabled_levels') }}),

names as (select * from {{ ref('int_names') }}),

none as (
    select * from {{ ref('int_corrections') }}
    where verdict = 'none' and is_last
),

weights as (select * from {{ ref('board_weights') }}),

said as (
    select * from claimed
    union all by name
    select * from reported
),

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
        min(cell_id) as cell_id,
        arg_min(model, cell_id) as model
    from tabled
    group by all
),

found as (
    select
        said.* exclude (model),
        coalesce(said.model, confirmed.model) as model,
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
    select * rename (confidence as table_confidence) from tabled
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
),

-- Models that are others, and names that are none.
levels as (
    select
        found.* exclude (model),
        {{ renamed('model', 'found.model') }} as model
    from found
    cross join names
    where
        not exists (
            select 1 from none
            where
                (none.target = 'dataset' and found.dataset = none.name)
                or (none.target = 'metric' and found.metric = none.name)
        )
),

-- Logistic regression over what is known of a claim; `paperhouse evaluate train-board` learns the weights.
judged as (
    select
        claim_id,
        dataset,
        1 / (1 + exp(-(
            any_value(logit) * any_value(weight) filter (weights.sign = 'confidence')
            + sum(weight) filter (weights.sign = 'any' or list_contains(signs, weights.sign))
        ))) as probability
    from (
        select
            claim_id,
            dataset,
            list_append(signs, if(cell_id is null, null, 'in_own_table')) as signs,
            ln(claim_confidence / (1 - claim_confidence)) as logit
        from (
            select * replace (least(greatest(claim_confidence, 0.001), 0.999) as claim_confidence)
            from levels
            where claim_confidence is not null
        ) as claims
    ) as described
    cross join weights
    group by claim_id, dataset
),

ranged as (
    select
        *,
        count(*) over board as level_count,
        quantile_cont(value, 0.25) over board as low,
        quantile_cont(value, 0.75) over board as high
    from levels
    window board as (partition by task, dataset, metric, unit, condition)
)

select
    ranged.* exclude (table_confidence, claim_confidence, level_count, low, high),
    if(ranged.higher_is_better, ranged.value, -ranged.value) as merit,
    case
        when ranged.result_id is not null then null
        when ranged.verdict is not null then 1
        else coalesce(judged.probability, ranged.table_confidence)
    end as confidence,
    case
        when regexp_matches(ranged.model, '{{ var("human") }}', 'i') then 'human'
        when regexp_matches(ranged.model, '{{ var("baseline") }}', 'i') then 'baseline'
        else 'model'
    end as kind,
    kind = 'model' and (
        (ranged.unit = 'percent' and ranged.value > 100)
        or (
            ranged.level_count >= 5
            and ranged.value not between
            ranged.low - {{ var('outlier_ranges') }} * (ranged.high - ranged.low)
            and ranged.high + {{ var('outlier_ranges') }} * (ranged.high - ranged.low)
        )
    ) as is_outlier
from ranged
left join judged on ranged.claim_id = judged.claim_id and ranged.dataset = judged.dataset
