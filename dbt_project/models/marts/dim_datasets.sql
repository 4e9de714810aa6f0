with
datasets as (select * from {{ ref('datasets') }}),

claims as (
    select
        bridge.dataset,
        count(*) as claim_count,
        count(distinct claims.paper_id) as paper_count
    from {{ ref('brg_claim_datasets') }} as bridge
    inner join {{ ref('fct_claimed_metrics') }} as claims on bridge.claim_id = claims.claim_id
    group by bridge.dataset
),

-- What a catalogue of datasets says of them, each fact in its newest words.
described as (
    select
        {% for fact in ['full_name', 'description', 'url', 'introduced_on'] %}
            first({{ fact }} order by landed_at desc, batch_id asc, entry_index asc)
            filter (where {{ fact }} is not null) as {{ fact }},
        {% endfor %}
        name as dataset
    from {{ source('raw', 'terms') }}
    where kind = 'dataset'
    group by name
)

select
    coalesce(datasets.dataset, claims.dataset, described.dataset) as dataset,
    datasets.task,
    datasets.source as name_source,
    described.full_name,
    described.description,
    described.url,
    described.introduced_on,
    coalesce(claims.claim_count, 0) as claim_count,
    coalesce(claims.paper_count, 0) as paper_count,
    datasets.dataset is not null as is_known
from datasets
full join claims on datasets.dataset = claims.dataset
full join described on coalesce(datasets.dataset, claims.dataset) = described.dataset
