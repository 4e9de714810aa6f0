select distinct paper_id
from {{ ref('stg_papers') }}
where load_number > {{ var('built_load_number') }}
