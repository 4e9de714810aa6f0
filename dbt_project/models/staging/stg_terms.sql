select * from {{ source('raw', 'terms') }}
