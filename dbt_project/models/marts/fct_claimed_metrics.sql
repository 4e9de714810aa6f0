{{ incremental_by_paper() }}

with
papers as (
    select * from {{ ref('int_winning_records') }}
    where {{ changed_papers_only() }}
),

claims as (select * from {{ source('raw', 'claims') }}),

metrics as (select * from {{ ref('metrics') }})

select
    {{ stable_key(['papers.paper_id', 'claims.section', 'claims.char_start', 'claims.value_text']) }} as claim_id,
    papers.paper_id,
    claims.section,
    claims.sentence_index,
    claims.char_start,
    claims.char_end,
    claims.evidence,
    claims.value_text,
    claims.value,
    claims.value_high,
    claims.unit,
    claims.kind,
    claims.direction,
    claims.bound,
    claims.metric,
    claims.metric_text,
    metrics.higher_is_better,
    claims.subject,
    claims.comparator,
    claims.datasets,
    claims.dataset_texts,
    claims.condition,
    claims.condition_text,
    claims.confidence,
    claims.is_optional,
    claims.rule,
    claims.extractor_version,
    papers.first_seen_at,
    papers.first_seen_at::date as first_seen_on
from papers
inner join claims on papers.text_id = claims.text_id
left join metrics on claims.metric = metrics.metric
