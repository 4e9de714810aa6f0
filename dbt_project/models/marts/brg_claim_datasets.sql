select
    claim_id,
    unnest(datasets) as dataset,
    unnest(dataset_texts) as dataset_text
from {{ ref('fct_claimed_metrics') }}
