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

-- What a catalogue of datasets says of them.
described as (
    select
        name as dataset,
        full_name,
        url,
        introduced_on
    from {{ source('raw', 'terms') }}
    where kind = 'dataset'
    qualify row_number() over (partition by name order by landed_at desc, batch_id asc, entry_index asc) = 1
)

select
    coalesce(datasets.dataset, claims.dataset, described.dataset) as dataset,
    datasets.task,
    datasets.source as name_source,
    described.full_name,
    described.url,
    described.introduced_on,
    coalesce(claims.claim_count, 0) as claim_count,
    coalesce(claims.paper_count, 0) as paper_count,
    datasets.dataset is not null as is_known
from datasets
full join claims on datasets.dataset = claims.dataset
full join described on coalesce(datasets.dataset, claims.dataset) = described.dataset
