select * from {{ source('raw', 'listed_links') }}
