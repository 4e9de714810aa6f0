with
terms as (
    select * from {{ source('raw', 'terms') }}
    where kind = 'method'
),

papers as (select * from {{ ref('paper_aliases') }})

select
    terms.name as method,
    terms.full_name,
    terms.description,
    terms.url,
    terms.areas,
    terms.introduced_on,
    terms.paper_title,
    terms.paper_url,
    papers.paper_id
from terms
left join papers on regexp_extract(terms.paper_url, 'arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})', 1) = papers.alias
qualify
    row_number()
        over (
            partition by terms.name
            order by terms.landed_at desc, terms.batch_id asc, terms.entry_index asc, papers.paper_id asc
        )
    = 1
