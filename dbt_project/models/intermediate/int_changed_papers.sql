{{ config(materialized='table') }}

-- The last build is read here, not passed as a variable: with other variables dbt parses its project again.
with
last_build as (
    select coalesce(max(load_number), 0) as load_number from {{ source('raw', 'builds') }}
    where state = 'built'
)

select paper_id
from {{ ref('stg_papers') }}
where load_number > (select last_build.load_number from last_build)
union
select paper_id
from {{ source('raw', 'paper_changes') }}
where load_number > (select last_build.load_number from last_build)
