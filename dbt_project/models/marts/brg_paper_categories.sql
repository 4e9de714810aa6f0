{{ incremental_by_paper() }}

with
papers as (
    select
        paper_id,
        list_distinct(categories) as categories,
        primary_category
    from {{ ref('fct_papers') }}
    where categories is not null and {{ changed_papers_only() }}
),

categories as (
    select
        paper_id,
        primary_category,
        unnest(categories) as category
    from papers
)

select
    paper_id,
    category,
    category = primary_category as is_primary
from categories
