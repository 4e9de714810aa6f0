with
results as (
    select * from {{ ref('fct_table_results') }}
    where
        value is not null
        and is_own is not false
        and row_confidence >= {{ var('board_confidence') }}
),

metrics as (select * from {{ ref('metrics') }}),

papers as (select * from {{ ref('fct_papers') }}),

-- Tables often name no unit, and a paper's may be fractions where others are percent.
scaled as (
    select
        results.*,
        {{ unit_of_board("'other'", 'results.value_text') }} as unit,
        {{ level_of_result(['results.paper_id', 'results.dataset_text', 'results.metric']) }} as level
    from results
    left join metrics on results.metric = metrics.metric
    where {{ is_quality() }}
)

select
    scaled.task,
    scaled.dataset,
    scaled.metric,
    scaled.condition,
    scaled.unit,
    scaled.higher_is_better,
    scaled.model,
    scaled.level as value,
    scaled.value_text,
    'exact' as bound,
    papers.published_on,
    scaled.paper_id,
    papers.title,
    scaled.cell_id,
    scaled.row_confidence as confidence,
    scaled.verdict
from scaled
inner join papers on scaled.paper_id = papers.paper_id
where not papers.is_withdrawn
-- One cell may stand for several of a leaderboard's spellings of a dataset.
qualify
    row_number() over (
        partition by scaled.task, scaled.dataset, scaled.metric, scaled.cell_id
        order by scaled.row_confidence desc, scaled.table_result_id asc
    ) = 1
