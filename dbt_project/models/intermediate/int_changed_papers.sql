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
    select text_id from {{ source('raw', 'papers') }}
    where load_number > (select last_publication.load_number from last_publication)
    union
    select links.text_id
    from {{ source('raw', 'links') }} as links
    inner join checked on links.url = checked.url
),

-- Of raw.papers: stg_papers would join all of them before it asks any condition. One condition a query, for the same
-- reason.
mentions as (
    select mention_id
    from {{ source('raw', 'papers') }}
    where load_number > (select last_publication.load_number from last_publication)
    union
    select mention_id
    from {{ source('raw', 'papers') }}
    where text_id in (select texts.text_id from texts)
    union
    select papers.mention_id
    from {{ source('raw', 'listed_links') }} as links
    inner join checked on links.url = checked.url
    inner join {{ source('raw', 'papers') }} as papers
        on links.batch_id = papers.batch_id and links.entry_index = papers.entry_index
)

select paper_id
from {{ source('raw', 'mention_papers') }}
where mention_id in (select mentions.mention_id from mentions)
union
select paper_id
from {{ source('raw', 'paper_changes') }}
where load_number > (select last_publication.load_number from last_publication)
