with
papers as (select * from {{ ref('fct_papers') }})

select
    venue,
    venue_year,
    count(*) as paper_count,
    count(*) filter (where repo_link_count > 0) as with_code_count
from papers
where venue is not null
group by venue, venue_year
