with
papers as (select * from {{ source('raw', 'papers') }}),

sources as (select * from {{ source('raw', 'sources') }})

select
    papers.batch_id,
    papers.entry_index,
    papers.load_number,
    papers.landed_at,
    papers.paper_id,
    papers.text_id,
    papers.source,
    coalesce(sources.rank_of_trust, 0) as rank_of_trust,
    papers.source_record_id,
    papers.title,
    papers.abstract,
    papers.language,
    papers.arxiv_id,
    papers.doi,
    papers.published_on,
    papers.updated_on,
    papers.listed_on,
    papers.rank,
    papers.upvotes,
    papers.is_withdrawn
from papers
left join sources on papers.source = sources.source
