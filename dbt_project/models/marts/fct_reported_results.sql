with
results as (select * from {{ source('raw', 'results') }}),

-- The table itself, as DuckDB would make a CTE whole that is asked twice.
records as (
    select * from {{ ref('stg_papers') }}
    where batch_id in (select batch_id from {{ source('raw', 'results') }})
),

loads as (
    select distinct
        batch_id,
        source
    from {{ ref('stg_loads') }}
),

metrics as (select * from {{ ref('metrics') }}),

names as (select * from {{ ref('int_names') }}),

keyed as (
    select
        {{ stable_key([
            'results.task', 'results.dataset_text', 'results.metric_text', 'results.model', 'results.paper_title', 'results.paper_url', 'results.value_text'
        ]) }} as result_id,
        results.* exclude (verification),
        max_by(results.verification, results.landed_at) over (partition by result_id) as verification
    from results
    -- A later dump repeats what an earlier one has.
    qualify
        row_number() over (partition by result_id order by results.landed_at, results.batch_id, results.entry_index) = 1
),

found as (
    select
        records.paper_id,
        loads.source,
        keyed.* exclude (dataset, metric),
        {{ renamed('dataset', 'keyed.dataset') }} as dataset,
        {{ renamed('metric', 'keyed.metric') }} as metric
    from keyed
    cross join names
    inner join loads on keyed.batch_id = loads.batch_id
    left join records on keyed.batch_id = records.batch_id and keyed.entry_index = records.entry_index
),

corrections as (
    {{ corrections_of(
        'reported', 'found', 'result_id', 'result_id', is_row(), 'found.task, found.model'
    ) }}
)

select
    found.result_id,
    found.paper_id,
    coalesce(corrections.new_task, found.task) as task,
    found.parent_task,
    found.areas,
    coalesce(corrections.new_dataset, found.dataset) as dataset,
    found.dataset_text,
    coalesce(corrections.new_metric, found.metric) as metric,
    found.metric_text,
    nullif(coalesce(corrections.new_condition, found.condition), '') as condition,
    metrics.higher_is_better,
    found.model,
    found.value_text,
    coalesce(corrections.new_value, found.value) as value,
    found.value_problem,
    found.uses_additional_data,
    found.reported_on,
    found.paper_title,
    found.paper_url,
    found.code_urls,
    found.verification,
    found.source,
    found.batch_id,
    found.entry_index,
    corrections.verdict,
    corrections.correction_id
from found
left join corrections on found.result_id = corrections.result_id
left join metrics on coalesce(corrections.new_metric, found.metric) = metrics.metric
