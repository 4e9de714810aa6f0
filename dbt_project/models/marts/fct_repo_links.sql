{{ incremental_by_paper() }}

with
records as (select * from {{ records_to_build() }}),

papers as (
    select records.*
    from records
    inner join {{ ref('int_winning_records') }} using (paper_id, batch_id, entry_index)
),

links as (select * from {{ source('raw', 'links') }}),

listed as (
    select
        records.paper_id,
        records.source,
        records.text_trust,
        records.landed_at,
        listed_links.*
    from records
    inner join {{ source('raw', 'listed_links') }} as listed_links
        on records.batch_id = listed_links.batch_id and records.entry_index = listed_links.entry_index
),

-- What sources list of a paper's link, one row a URL.
listings as (
    select
        paper_id,
        url,
        arg_max(url_text, (text_trust, source, url_text)) as url_text,
        arg_max(source, (text_trust, source)) as source,
        min(host) as host,
        min(kind) as kind,
        min(owner) as owner,
        min(name) as name,
        bool_or(is_official) as is_official,
        bool_or(mentioned_in_paper) as mentioned_in_paper,
        min(framework) as framework
    from listed
    group by paper_id, url
),

sightings as (
    select
        paper_id,
        url,
        min(landed_at) as first_seen_at,
        max(landed_at) as last_seen_at
    from (
        select
            records.paper_id,
            links.url,
            records.landed_at
        from records
        inner join links on records.text_id = links.text_id
        union all
        select
            paper_id,
            url,
            landed_at
        from listed
    ) as seen
    group by paper_id, url
),

in_texts as (
    select
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
        papers.source,
        listings.is_official,
        true as mentioned_in_paper,
        listings.framework
    from papers
    inner join links on papers.text_id = links.text_id
    left join listings on papers.paper_id = listings.paper_id and links.url = listings.url
),

only_listed as (
    select
        listings.paper_id,
        listings.url,
        listings.url_text,
        listings.host,
        listings.kind,
        listings.owner,
        listings.name,
        'available' as availability,
        'listing' as section,
        null::integer as char_start,
        null::integer as char_end,
        listings.source,
        listings.is_official,
        listings.mentioned_in_paper,
        listings.framework
    from listings
    anti join in_texts on listings.paper_id = in_texts.paper_id and listings.url = in_texts.url
),

-- What the checks of a URL say: the last one that could tell.
checks as (
    select
        url,
        coalesce(arg_max(state, checked_at) filter (where state <> 'unknown'), 'unknown') as state,
        max(checked_at) as last_checked_at,
        arg_max(stars, checked_at) filter (where stars is not null) as stars
    from {{ ref('stg_link_checks') }}
    group by url
),

found as (
    select * from in_texts
    union all by name
    select * from only_listed
)

select
    {{ stable_key(['found.paper_id', 'found.section', 'found.char_start', 'found.url']) }} as link_id,
    found.paper_id,
    found.url,
    found.url_text,
    found.host,
    found.kind,
    found.owner,
    found.name,
    found.availability,
    found.section,
    found.char_start,
    found.char_end,
    found.source,
    found.is_official,
    found.mentioned_in_paper,
    found.framework,
    sightings.first_seen_at,
    sightings.first_seen_at::date as first_seen_on,
    sightings.last_seen_at,
    checks.state,
    checks.last_checked_at,
    checks.stars
from found
inner join sightings
    on found.paper_id = sightings.paper_id and found.url is not distinct from sightings.url
left join checks on found.url = checks.url
