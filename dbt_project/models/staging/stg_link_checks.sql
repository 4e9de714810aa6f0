select * from {{ source('raw', 'link_checks') }}
