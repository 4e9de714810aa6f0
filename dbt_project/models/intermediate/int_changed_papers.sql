select paper_id
from {{ ref('stg_papers') }}
where load_number > {{ var('built_load_number') }}
union
select paper_id
from {{ source('raw', 'paper_changes') }}
where load_number > {{ var('built_load_number') }}
