{{ incremental_by_paper() }}

with
newest as (
    select * from {{ ref('int_newest_sources') }}
    where {{ changed_papers_only() }}
),

results as (select * from {{ source('raw', 'table_results') }}),

metrics as (select * from {{ ref('metrics') }}),

names as (select * from {{ ref('int_names') }}),

tables as (
    select
        table_id,
        paper_id,
        table_index
    from {{ ref('fct_tables') }}
    where {{ changed_papers_only() }}
),

found as (
    select
        {{ stable_key([
            'newest.paper_id', 'newest.source', 'results.task', 'results.dataset_text', 'results.metric_text',
            'results.table_index', 'results.row_index', 'results.column_index'
        ]) }} as table_result_id,
        newest.paper_id,
        if(
            results.row_index is null,
            null, {{ stable_key(['tables.table_id', 'results.row_index', 'results.column_index']) }}
        ) as cell_id,
        tables.table_id,
        newest.version as paper_version,
        results.* exclude (dataset, metric),
        {{ renamed('dataset', 'results.dataset') }} as dataset,
        {{ renamed('metric', 'results.metric') }} as metric
    from newest
    inner join results on newest.batch_id = results.batch_id and newest.entry_index = results.entry_index
    left join tables on newest.paper_id = tables.paper_id and results.table_index = tables.table_index
    cross join names
),

corrections as (
    {{ corrections_of(
        'table', 'found', 'table_result_id', 'cell_id', is_row(), 'found.row_confidence desc, found.cell_id'
    ) }}
)

select
    found.table_result_id,
    found.paper_id,
    found.cell_id,
    found.table_id,
    found.paper_version,
    coalesce(corrections.new_task, found.task) as task,
    coalesce(corrections.new_dataset, found.dataset) as dataset,
    found.dataset_text,
    coalesce(corrections.new_metric, found.metric) as metric,
    found.metric_text,
    nullif(coalesce(corrections.new_condition, found.condition), '') as condition,
    found.model,
    case
        when corrections.new_subject is not null then corrections.new_subject = 'proposed'
        when corrections.verdict = 'right' then true
        else found.is_own
    end as is_own,
    coalesce(corrections.new_value, found.value) as value,
    found.value_text,
    metrics.higher_is_better,
    found.confidence,
    found.leaderboard_confidence,
    {{ judged_confidence('found.row_confidence') }} as row_confidence,
    found.factor,
    found.linker_version,
    corrections.verdict,
    corrections.correction_id
from found
left join corrections on found.table_result_id = corrections.table_result_id
left join metrics on coalesce(corrections.new_metric, found.metric) = metrics.metric
