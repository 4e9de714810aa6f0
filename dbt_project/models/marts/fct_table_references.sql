{{ incremental_by_paper() }}

with
newest as (
    select * from {{ ref('int_newest_sources') }}
    where {{ changed_papers_only() }}
),

works as (select * from {{ source('raw', 'table_references') }})

select
    {{ stable_key(['newest.paper_id', 'newest.source', 'works.citation_key']) }} as reference_id,
    newest.paper_id,
    works.citation_key,
    works.title,
    works.title_key,
    works.arxiv_id,
    works.doi
from newest
inner join works on newest.batch_id = works.batch_id and newest.entry_index = works.entry_index
