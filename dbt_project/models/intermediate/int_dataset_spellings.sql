with
spellings as (
    {{ spellings_of(ref('datasets'), 'dataset', 'aliases') }}
)

select
    spelling,
    min(dataset) as dataset
from spellings
group by spelling
