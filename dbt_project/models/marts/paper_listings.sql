{{ incremental_by_paper() }}

select
    paper_id,
    source,
    listed_on,
    min(rank) as rank,
    max(upvotes) as upvotes,
    max(github_stars) as github_stars,
    min(submitter) as submitter,
    min(organization) as organization,
    batch_id
from {{ records_to_build() }}
where rank is not null or listed_on is not null
group by paper_id, source, listed_on, batch_id
