with
results as (select * from {{ ref('stg_results') }}),

records as (select * from {{ ref('stg_papers') }}),

loads as (
    select distinct
        batch_id,
        source
    from {{ ref('stg_loads') }}
),

datasets as (select * from {{ ref('int_dataset_spellings') }}),

metrics as (select * from {{ ref('int_metric_spellings') }}),

known_metrics as (select * from {{ ref('metrics') }}),

keyed as (
    select
        {{ stable_key([
            'results.task', 'results.dataset', 'results.metric', 'results.model', 'results.paper_title', 'results.paper_url', 'results.value_text'
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
    coalesce(datasets.dataset, keyed.dataset) as dataset,
    keyed.dataset as dataset_text,
    coalesce(metrics.metric, nullif({{ folded_name('keyed.metric') }}, ''), keyed.metric) as metric,
    keyed.metric as metric_text,
    known_metrics.higher_is_better,
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
left join datasets on keyed.dataset = datasets.spelling
left join metrics on {{ folded_name('keyed.metric') }} = metrics.spelling
left join known_metrics on metrics.metric = known_metrics.metric
