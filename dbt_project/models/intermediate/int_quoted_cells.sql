{{ config(materialized='table') }}

with
works as (select * from {{ ref('fct_table_references') }}),

-- Of all papers and records those that are cited: DuckDB would join the others too.
by_arxiv_id as (
    select
        arxiv_id,
        paper_id
    from {{ ref('fct_papers') }}
    where arxiv_id in (select works.arxiv_id from works)
),

by_doi as (
    select
        doi,
        paper_id
    from {{ ref('fct_papers') }}
    where doi in (select works.doi from works)
),

records as (select * from {{ ref('stg_papers') }}),

cells as (
    select * from {{ ref('fct_table_cells') }}
    where len(row_citations) > 0 and value is not null and is_own is not true
),

-- A title that several papers have names none of them.
titles as (
    select
        title_key,
        min(paper_id) as paper_id
    from records
    where title_key in (select works.title_key from works)
    group by title_key
    having count(distinct paper_id) = 1
),

resolved as (
    select
        works.paper_id,
        works.citation_key,
        coalesce(by_arxiv_id.paper_id, by_doi.paper_id, titles.paper_id) as cited_paper_id
    from works
    left join by_arxiv_id on works.arxiv_id = by_arxiv_id.arxiv_id
    left join by_doi on works.doi = by_doi.doi
    left join titles on works.title_key = titles.title_key
),

rival_rows as (
    select
        cell_id,
        paper_id,
        unnest(row_citations) as citation_key,
        dataset,
        metric,
        value,
        value_text
    from cells
)

select distinct
    rival_rows.cell_id,
    rival_rows.paper_id,
    resolved.cited_paper_id,
    rival_rows.dataset,
    rival_rows.metric,
    rival_rows.value,
    rival_rows.value_text
from rival_rows
inner join resolved
    on
        rival_rows.paper_id = resolved.paper_id
        and rival_rows.citation_key = resolved.citation_key
where resolved.cited_paper_id <> rival_rows.paper_id
