{{ config(materialized='table') }}

-- By their numbers, which DuckDB looks up: by their papers it would read the texts of all records.
select * from {{ ref('stg_papers') }}
where
    {{ 'false' if flags.FULL_REFRESH else 'true' }}
    and record_number in (
        select {{ record_number() }} from {{ source('raw', 'papers') }}
        where
            mention_id in (
                select mention_id from {{ source('raw', 'mention_papers') }}
                where paper_id in (select paper_id from {{ ref('int_changed_papers') }})
            )
    )
