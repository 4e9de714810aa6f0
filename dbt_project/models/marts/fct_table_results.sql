{{ incremental_by_paper() }}

with
newest as (
    select * from {{ ref('int_newest_sources') }}
    where {{ changed_papers_only() }}
),

results as (select * from {{ source('raw', 'table_results') }}),

metrics as (select * from {{ ref('metrics') }}),

tables as (
    select
        table_id,
        paper_id,
        table_index
    from {{ ref('fct_tables') }}
    where {{ changed_papers_only() }}
)

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
    results.task,
    results.dataset,
    results.dataset_text,
    results.metric,
    results.metric_text,
    results.condition,
    results.model,
    results.is_own,
    results.value,
    results.value_text,
    metrics.higher_is_better,
    results.confidence,
    results.leaderboard_confidence,
    results.row_confidence,
    results.factor,
    results.linker_version
from newest
inner join results on newest.batch_id = results.batch_id and newest.entry_index = results.entry_index
left join tables on newest.paper_id = tables.paper_id and results.table_index = tables.table_index
left join metrics on results.metric = metrics.metric
