with
spellings as (
    {{ spellings_of(ref('metrics'), 'metric', 'synonyms') }}
)

select
    {{ folded_name('spelling') }} as spelling,
    min(metric) as metric
from spellings
group by all
