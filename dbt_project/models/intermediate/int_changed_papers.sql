{{ config(materialized='table') }}

-- The last publication is read here, not passed as a variable: with other variables dbt parses its project again.
with
last_publication as (
    select coalesce(max(load_number), 0) as load_number from {{ source('raw', 'builds') }}
    where published_version is not null
)

select paper_id
from {{ ref('stg_papers') }}
where load_number > (select last_publication.load_number from last_publication)
union
select paper_id
from {{ source('raw', 'paper_changes') }}
where load_number > (select last_publication.load_number from last_publication)
