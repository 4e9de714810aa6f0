{{ incremental_by_paper() }}

-- Built after paper_versions, never beside it: the texts of three million papers do not fit in memory twice.
-- depends_on: {{ ref('paper_versions') }}

{% set facts = [
    'categories', 'venue', 'venue_year', 'track', 'keywords', 'organization', 'comments', 'journal_ref', 'licence'
] %}

-- The records are read twice, once without their texts: of a CTE that is asked twice DuckDB makes a table. The winners
-- are such a table, as what is joined and what is grouped would not fit in memory together.
with
winners as materialized (
    select
        records.paper_id,
        records.text_id,
        records.title,
        records.abstract,
        records.language
    from {{ records_to_build() }} as records
    inner join {{ ref('int_winning_records') }} using (paper_id, batch_id, entry_index)
),

-- Days are those of the most trusted source that gives them; ids and counts are everyone's.
histories as (
    select
        paper_id,
        max(arxiv_id) as arxiv_id,
        max(doi) as doi,
        max(acl_id) as acl_id,
        max(openreview_id) as openreview_id,
        arg_max(authors, (text_trust, len(authors), authors)) filter (where authors is not null) as authors,
        arg_max(published_on, (dates_trust, -epoch(published_on))) filter (where published_on is not null)
            as published_day,
        arg_max(updated_on, (dates_trust, updated_on)) filter (where updated_on is not null) as updated_on,
        max(version) as version,
        {% for fact in facts %}
            {{ most_trusted(fact) }} as {{ fact }},
        {% endfor %}
        min(listed_on) as first_listed_on,
        max(listed_on) as last_listed_on,
        min(landed_at) as first_seen_at,
        max(landed_at) as last_seen_at,
        count(distinct source) as source_count,
        arg_max(is_withdrawn, (dates_trust, coalesce(updated_on, date '0001-01-01'), landed_at, is_withdrawn))
        filter (where is_withdrawn is not null) as is_withdrawn
    from {{ records_to_build() }}
    group by paper_id
),

claim_counts as (
    select
        text_id,
        count(*) as claim_count
    from {{ source('raw', 'claims') }}
    group by text_id
),

link_counts as (
    select
        paper_id,
        count(url) as repo_link_count
    from {{ ref('fct_repo_links') }}
    where {{ changed_papers_only() }}
    group by paper_id
)

select
    winners.paper_id,
    winners.title,
    winners.abstract,
    winners.language,
    histories.authors,
    histories.arxiv_id,
    histories.doi,
    histories.acl_id,
    histories.openreview_id,
    coalesce(histories.published_day, {{ month_of_arxiv_id('histories.arxiv_id') }}) as published_on,
    case
        when histories.published_day is not null then 'day'
        when {{ month_of_arxiv_id('histories.arxiv_id') }} is not null then 'month'
    end as published_precision,
    histories.updated_on,
    histories.version,
    histories.categories[1] as primary_category,
    {% for fact in facts %}
        histories.{{ fact }},
    {% endfor %}
    histories.first_listed_on,
    histories.last_listed_on,
    histories.first_seen_at,
    histories.first_seen_at::date as first_seen_on,
    histories.last_seen_at,
    histories.source_count,
    coalesce(claim_counts.claim_count, 0) as claim_count,
    coalesce(link_counts.repo_link_count, 0) as repo_link_count,
    coalesce(histories.is_withdrawn, false) as is_withdrawn
from winners
inner join histories on winners.paper_id = histories.paper_id
left join claim_counts on winners.text_id = claim_counts.text_id
left join link_counts on winners.paper_id = link_counts.paper_id
