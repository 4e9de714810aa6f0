with
results as (select * from {{ source('raw', 'results') }}),

records as (select * from {{ ref('stg_papers') }}),

loads as (
    select distinct
        batch_id,
        source
    from {{ ref('stg_loads') }}
),

metrics as (select * from {{ ref('metrics') }}),

keyed as (
    select
        {{ stable_key([
            'results.task', 'results.dataset_text', 'results.metric_text', 'results.model', 'results.paper_title', 'results.paper_url', 'results.value_text'
        ]) }} as result_id,
        results.*
    from results
    -- A later dump repeats what an earlier one has.
    qualify
        row_number() over (partition by result_id order by results.landed_at, results.batch_id, results.entry_index) = 1
)

select
    keyed.result_id,
    records.paper_id,
    keyed.task,
    keyed.parent_task,
    keyed.areas,
    keyed.dataset,
    keyed.dataset_text,
    keyed.metric,
    keyed.metric_text,
    keyed.condition,
    metrics.higher_is_better,
    keyed.model,
    keyed.value_text,
    keyed.value,
    keyed.value_problem,
    keyed.uses_additional_data,
    keyed.reported_on,
    keyed.paper_title,
    keyed.paper_url,
    keyed.code_urls,
    loads.source,
    keyed.batch_id,
    keyed.entry_index
from keyed
inner join loads on keyed.batch_id = loads.batch_id
left join records on keyed.batch_id = records.batch_id and keyed.entry_index = records.entry_index
left join metrics on keyed.metric = metrics.metric
