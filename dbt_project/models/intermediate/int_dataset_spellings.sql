with
datasets as (select * from {{ ref('datasets') }}),

spellings as (
    select
        dataset,
        dataset as spelling
    from datasets
    union all
    select
        dataset,
        unnest(string_split(aliases, '|')) as spelling
    from datasets
    where aliases is not null
)

select
    spelling,
    min(dataset) as dataset
from spellings
group by spelling
