with
claims as (select * from {{ ref('fct_claimed_metrics') }}),

names as (select * from {{ ref('int_names') }}),

pairs as (
    select
        claim_id,
        paper_id,
        value_text,
        char_start,
        len(datasets) as dataset_count,
        unnest(datasets) as dataset,
        unnest(dataset_texts) as dataset_text,
        metric
    from claims
),

keyed as (
    select
        *,
        claim_id || ' ' || dataset as pair_id
    from pairs
    -- Two names of a claim may be one.
    qualify row_number() over (partition by claim_id, dataset order by dataset_text) = 1
),

corrections as (
    {{ corrections_of(
        'claim', 'keyed', 'pair_id', 'claim_id',
        "found.dataset_count > 1 and found.dataset = " ~ renamed('dataset', 'corrections.dataset') ~ "
            and (corrections.metric is null or found.metric = " ~ renamed('metric', 'corrections.metric') ~ ")
            and coalesce(
                corrections.new_metric, corrections.new_condition, corrections.new_value::varchar,
                corrections.new_subject
            ) is null",
        'abs(found.char_start - coalesce(corrections.char_start, 0))'
    ) }}
)

select
    keyed.claim_id,
    coalesce(corrections.new_dataset, keyed.dataset) as dataset,
    coalesce(corrections.new_dataset, keyed.dataset_text) as dataset_text,
    corrections.verdict,
    corrections.correction_id
from keyed
left join corrections on keyed.pair_id = corrections.pair_id
