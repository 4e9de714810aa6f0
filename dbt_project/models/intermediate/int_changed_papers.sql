{{ config(materialized='table') }}

-- The last publication is read here, not passed as a variable: with other variables dbt parses its project again.
with
last_publication as (
    select coalesce(max(load_number), 0) as load_number from {{ source('raw', 'builds') }}
    where published_version is not null
),

-- What a new check says of a link stands with each paper that has it.
checked as (
    select distinct url from {{ ref('stg_link_checks') }}
    where load_number > (select last_publication.load_number from last_publication)
),

-- A text's claims and links are those of its last reading, for each paper that has it.
texts as (
    select text_id from {{ ref('stg_papers') }}
    where load_number > (select last_publication.load_number from last_publication)
    union
    select links.text_id
    from {{ source('raw', 'links') }} as links
    inner join checked on links.url = checked.url
)

-- One condition a query: DuckDB would join all papers before it asks two.
select paper_id
from {{ ref('stg_papers') }}
where load_number > (select last_publication.load_number from last_publication)
union
select paper_id
from {{ ref('stg_papers') }}
where text_id in (select texts.text_id from texts)
union
select paper_id
from {{ source('raw', 'paper_changes') }}
where load_number > (select last_publication.load_number from last_publication)
union
select papers.paper_id
from {{ source('raw', 'listed_links') }} as links
inner join checked on links.url = checked.url
inner join {{ ref('stg_papers') }} as papers
    on links.batch_id = papers.batch_id and links.entry_index = papers.entry_index
