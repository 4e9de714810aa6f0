{{ incremental_by_paper() }}

with
papers as (
    select
        paper_id,
        authors
    from {{ ref('fct_papers') }}
    where authors is not null and {{ changed_papers_only() }}
),

-- The ids of a source that names the same authors, in the same order.
ids as (
    select
        records.paper_id,
        papers.authors,
        {{ most_trusted('author_ids') }} as author_ids
    from {{ records_to_build() }} as records
    inner join papers on records.paper_id = papers.paper_id and records.authors = papers.authors
    where records.author_ids is not null
    group by records.paper_id, papers.authors
),

positions as (
    select
        papers.paper_id,
        ids.author_ids,
        unnest(papers.authors) as name,
        generate_subscripts(papers.authors, 1)::integer as position
    from papers
    left join ids on papers.paper_id = ids.paper_id
)

select
    paper_id,
    position,
    name,
    {{ folded_person('name') }} as name_key,
    author_ids[position] as author_id
from positions
