select distinct
    claim_id,
    unnest(datasets) as dataset
from {{ ref('fct_claimed_metrics') }}
