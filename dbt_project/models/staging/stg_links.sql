select * from {{ source('raw', 'links') }}
