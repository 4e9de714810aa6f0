with
metrics as (select * from {{ ref('metrics') }}),

spellings as (
    select
        metric,
        metric as spelling
    from metrics
    union all
    select
        metric,
        unnest(string_split(synonyms, '|')) as spelling
    from metrics
    where synonyms is not null
)

select
    {{ folded_name('spelling') }} as spelling,
    min(metric) as metric
from spellings
group by all
