-- Every link's place, in the published title or abstract, holds the URL as written.
select
    links.link_id,
    links.url_text
from {{ ref('fct_repo_links') }} as links
inner join {{ ref('fct_papers') }} as papers on links.paper_id = papers.paper_id
where
    substring(
        if(links.section = 'title', papers.title, papers.abstract),
        links.char_start + 1,
        links.char_end - links.char_start
    ) is distinct from links.url_text
