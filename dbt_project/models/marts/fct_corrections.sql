with
corrections as (select * from {{ ref('int_corrections') }}),

applied as (
    select
        correction_id,
        claim_id
    from {{ ref('fct_claimed_metrics') }}
    where correction_id is not null
    union all by name
    select
        correction_id,
        claim_id
    from {{ ref('brg_claim_datasets') }}
    where correction_id is not null
    union all by name
    select
        correction_id,
        min(table_result_id) as table_result_id
    from {{ ref('fct_table_results') }}
    where correction_id is not null
    group by correction_id
    union all by name
    select
        correction_id,
        result_id
    from {{ ref('fct_reported_results') }}
    where correction_id is not null
)

select
    corrections.correction_id,
    corrections.paper_id,
    corrections.target,
    corrections.verdict,
    corrections.value_text,
    corrections.char_start,
    corrections.dataset,
    corrections.metric,
    corrections.model,
    corrections.name,
    corrections.new_name,
    corrections.new_task,
    corrections.new_metric,
    corrections.new_dataset,
    corrections.new_condition,
    corrections.new_value,
    corrections.new_subject,
    corrections.author,
    corrections.made_on,
    corrections.reason,
    corrections.evidence_url,
    case
        when corrections.verdict = 'taken_back' then 'taken_back'
        when not corrections.is_last then 'superseded'
        when applied.correction_id is not null or corrections.verdict in ('missing', 'same', 'none') then 'applied'
        else 'not_found'
    end as state,
    applied.claim_id,
    applied.table_result_id,
    applied.result_id,
    corrections.batch_id,
    corrections.entry_index
from corrections
left join applied on corrections.correction_id = applied.correction_id
