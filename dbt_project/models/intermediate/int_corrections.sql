{{ config(materialized='table') }}

with
corrections as (select * from {{ source('raw', 'corrections') }}),

-- Where there are no corrections, DuckDB joins nothing.
records as (
    select * from {{ ref('stg_papers') }}
    where batch_id in (select corrections.batch_id from corrections)
),

keyed as (
    select
        {{ stable_key([
            'records.paper_id', 'corrections.target', 'corrections.verdict', 'corrections.value_text',
            'corrections.char_start', 'corrections.dataset', 'corrections.metric', 'corrections.model', 'corrections.name',
            'corrections.new_name', 'corrections.new_task', 'corrections.new_metric', 'corrections.new_dataset', 'corrections.new_condition',
            'corrections.new_value', 'corrections.new_subject', 'corrections.author', 'corrections.made_on'
        ]) }} as correction_id,
        records.paper_id,
        corrections.*
    from corrections
    left join records
        on corrections.batch_id = records.batch_id and corrections.entry_index = records.entry_index
    qualify
        row_number() over (
            partition by correction_id
            order by corrections.landed_at, corrections.batch_id, corrections.entry_index
        ) = 1
)

select
    *,
    -- Of several that speak of one thing the later holds, of one day that which landed last.
    target = 'result' or row_number() over (
        partition by paper_id, target, value_text, char_start, dataset, metric, model, name
        order by made_on desc, landed_at desc, entry_index desc, correction_id asc
    ) = 1 as is_last
from keyed
