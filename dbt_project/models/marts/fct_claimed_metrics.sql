{{ incremental_by_paper() }}

with
papers as (
    select * from {{ ref('int_winning_records') }}
    where {{ changed_papers_only() }}
),

metrics as (select * from {{ ref('metrics') }}),

names as (select * from {{ ref('int_names') }}),

claims as (
    select
        {{ stable_key(['papers.paper_id', 'claims.section', 'claims.char_start', 'claims.value_text']) }} as claim_id,
        papers.paper_id,
        papers.first_seen_at,
        claims.* exclude (metric, datasets),
        {{ renamed('metric', 'claims.metric') }} as metric,
        list_transform(claims.datasets, each -> {{ renamed('dataset', 'each') }}) as datasets
    from papers
    inner join {{ source('raw', 'claims') }} as claims on papers.text_id = claims.text_id
    cross join names
),

corrections as (
    {{ corrections_of(
        'claim', 'claims', 'claim_id', 'claim_id',
        "(corrections.metric is null or found.metric = " ~ renamed('metric', 'corrections.metric') ~ ")
            -- What is said of one of several datasets stands with that one, in brg_claim_datasets.
            and (
                corrections.dataset is null or found.datasets = [" ~ renamed('dataset', 'corrections.dataset') ~ "]
                or (
                    list_contains(found.datasets, " ~ renamed('dataset', 'corrections.dataset') ~ ")
                    and coalesce(
                        corrections.new_metric, corrections.new_condition, corrections.new_value::varchar,
                        corrections.new_subject
                    ) is not null
                )
            )",
        'abs(found.char_start - coalesce(corrections.char_start, 0))'
    ) }}
)

select
    claims.claim_id,
    claims.paper_id,
    claims.section,
    claims.sentence_index,
    claims.char_start,
    claims.char_end,
    claims.evidence,
    claims.value_text,
    coalesce(corrections.new_value, claims.value) as value,
    claims.value_high,
    claims.unit,
    claims.kind,
    claims.direction,
    claims.bound,
    coalesce(corrections.new_metric, claims.metric) as metric,
    claims.metric_text,
    metrics.higher_is_better,
    coalesce(corrections.new_subject, claims.subject) as subject,
    claims.comparator,
    if(corrections.new_dataset is null, claims.datasets, [corrections.new_dataset]) as datasets,
    if(corrections.new_dataset is null, claims.dataset_texts, [corrections.new_dataset]) as dataset_texts,
    nullif(coalesce(corrections.new_condition, claims.condition), '') as condition,
    claims.condition_text,
    {{ judged_confidence('claims.confidence') }} as confidence,
    claims.is_optional,
    claims.rule,
    claims.extractor_version,
    corrections.verdict,
    corrections.correction_id,
    claims.first_seen_at,
    claims.first_seen_at::date as first_seen_on
from claims
left join corrections on claims.claim_id = corrections.claim_id
left join metrics on coalesce(corrections.new_metric, claims.metric) = metrics.metric
