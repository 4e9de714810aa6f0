{{ incremental_by_paper() }}

-- Built after paper_versions, never beside it: the texts of three million papers do not fit in memory twice.
-- depends_on: {{ ref('paper_versions') }}

{% set facts = [
    'categories', 'venue', 'venue_year', 'track', 'keywords', 'organization', 'comments', 'journal_ref', 'licence'
] %}

-- Most papers have one record, of which nothing is grouped: what is grouped of millions would not fit in memory
-- beside their texts. The records are read anew for each CTE, as of one that is asked twice DuckDB makes a table.
with
several as (
    select * from {{ ref('int_winning_records') }}
    where record_count > 1
),

of_one as (
    select
        records.paper_id,
        records.text_id,
        records.title,
        records.abstract,
        records.language,
        records.arxiv_id,
        records.doi,
        records.acl_id,
        records.openreview_id,
        records.authors,
        records.published_on as published_day,
        records.updated_on,
        records.version,
        {% for fact in facts %}
            records.{{ fact }},
        {% endfor %}
        records.listed_on as first_listed_on,
        records.listed_on as last_listed_on,
        records.landed_at as first_seen_at,
        records.landed_at as last_seen_at,
        1 as source_count,
        records.is_withdrawn
    from {{ records_to_build() }} as records
    anti join several on records.paper_id = several.paper_id
),

-- A table, as what is joined and what is grouped would not fit in memory together where many papers have several.
winners as materialized (
    select
        records.paper_id,
        records.text_id,
        records.title,
        records.abstract,
        records.language
    from {{ records_to_build() }} as records
    inner join several using (paper_id, batch_id, entry_index)
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
    where paper_id in (select several.paper_id from several)
    group by paper_id
),

papers as (
    select * from of_one
    union all by name
    select
        winners.*,
        histories.* exclude (paper_id)
    from winners
    inner join histories on winners.paper_id = histories.paper_id
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
    papers.paper_id,
    papers.title,
    papers.abstract,
    papers.language,
    papers.authors,
    papers.arxiv_id,
    papers.doi,
    papers.acl_id,
    papers.openreview_id,
    coalesce(papers.published_day, {{ month_of_arxiv_id('papers.arxiv_id') }}) as published_on,
    case
        when papers.published_day is not null then 'day'
        when {{ month_of_arxiv_id('papers.arxiv_id') }} is not null then 'month'
    end as published_precision,
    papers.updated_on,
    papers.version,
    papers.categories[1] as primary_category,
    {% for fact in facts %}
        papers.{{ fact }},
    {% endfor %}
    papers.first_listed_on,
    papers.last_listed_on,
    papers.first_seen_at,
    papers.first_seen_at::date as first_seen_on,
    papers.last_seen_at,
    papers.source_count,
    coalesce(claim_counts.claim_count, 0) as claim_count,
    coalesce(link_counts.repo_link_count, 0) as repo_link_count,
    coalesce(papers.is_withdrawn, false) as is_withdrawn
from papers
left join claim_counts on papers.text_id = claim_counts.text_id
left join link_counts on papers.paper_id = link_counts.paper_id
