select -- What is compared with the last publication, a row a source. GX takes no query that begins with anything else.
    sources.source,
    totals.papers,
    totals.claims,
    totals.links,
    totals.abstract_share
from (
    select
        (select count(*) from {schema}.fct_papers) as papers,
        (select count(*) from {schema}.fct_claimed_metrics) as claims,
        (select count(*) from {schema}.fct_repo_links) as links,
        (select coalesce(count(abstract) / nullif(count(*), 0), 0) from {schema}.fct_papers) as abstract_share
) as totals
left join (select distinct source from {schema}.paper_aliases) as sources on true
