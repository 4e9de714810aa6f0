{{ config(materialized='table') }}

-- By their numbers, which DuckDB looks up: by their papers it would read the texts of all records. No CTE for both, as
-- DuckDB would make a table of it.
select * from {{ ref('stg_papers') }}
where
    {{ 'false' if flags.FULL_REFRESH else 'true' }}
    and record_number in (
        select record_number from {{ ref('stg_papers') }}
        where paper_id in (select paper_id from {{ ref('int_changed_papers') }})
    )
