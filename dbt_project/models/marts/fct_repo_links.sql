{{ replaced_by_paper() }}

with
records as (
    select * from {{ ref('stg_papers') }}
    where {{ only_changed_papers() }}
),

papers as (
    select * from {{ ref('int_winning_records') }}
    where {{ only_changed_papers() }}
),

links as (select * from {{ ref('stg_links') }}),

sightings as (
    select
        records.paper_id,
        links.url,
        min(records.landed_at) as first_seen_at,
        max(records.landed_at) as last_seen_at
    from records
    inner join links on records.text_id = links.text_id
    group by records.paper_id, links.url
)

select
    {{ stable_key(['papers.paper_id', 'links.section', 'links.char_start', 'links.url']) }} as link_id,
    papers.paper_id,
    links.url,
    links.url_text,
    links.host,
    links.kind,
    links.owner,
    links.name,
    links.availability,
    links.section,
    links.char_start,
    links.char_end,
    sightings.first_seen_at,
    sightings.last_seen_at
from papers
inner join links on papers.text_id = links.text_id
inner join sightings
    on papers.paper_id = sightings.paper_id and links.url is not distinct from sightings.url
