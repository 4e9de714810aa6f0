with
spellings as (select * from {{ ref('int_dataset_spellings') }}),

written as (
    select distinct
        claim_id,
        unnest(datasets) as dataset_text
    from {{ ref('fct_claimed_metrics') }}
)

select
    written.claim_id,
    coalesce(spellings.dataset, written.dataset_text) as dataset,
    min(written.dataset_text) as dataset_text
from written
left join spellings on written.dataset_text = spellings.spelling
group by all
