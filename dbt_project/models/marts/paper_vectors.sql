{{ incremental_by_paper() }}

with
winners as (
    select * from {{ ref('int_winning_records') }}
    where {{ changed_papers_only() }}
),

vectors as (select * from {{ source('raw', 'text_vectors') }})

select
    winners.paper_id,
    vectors.vector,
    vectors.model
from winners
inner join vectors on winners.text_id = vectors.text_id
