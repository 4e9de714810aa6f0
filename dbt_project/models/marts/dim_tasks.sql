with
results as (select * from {{ ref('fct_reported_results') }}),

boards as (
    select
        task,
        count(distinct dataset) as dataset_count,
        count(*) as entry_count,
        count(distinct paper_id) as paper_count
    from {{ ref('leaderboard') }}
    where task is not null
    group by task
),

described as (
    select
        name as task,
        first(description order by landed_at desc, batch_id asc, entry_index asc) as description,
        first(areas order by landed_at desc, batch_id asc, entry_index asc) filter (where areas is not null) as areas
    from {{ source('raw', 'terms') }}
    where kind = 'task'
    group by name
),

reported as (
    select
        task,
        list(distinct parent_task order by parent_task) filter (where parent_task is not null) as parent_tasks,
        list_sort(list_distinct(flatten(list(areas)))) as areas
    from results
    where task is not null
    group by task
),

named as (
    select task from boards
    union
    select task from described
    union
    select task from reported
    union
    select parent_task from results
)

select
    named.task,
    described.description,
    coalesce(described.areas, reported.areas) as areas,
    reported.parent_tasks,
    coalesce(boards.dataset_count, 0) as dataset_count,
    coalesce(boards.entry_count, 0) as entry_count,
    coalesce(boards.paper_count, 0) as paper_count
from named
left join described on named.task = described.task
left join reported on named.task = reported.task
left join boards on named.task = boards.task
where named.task <> ''
