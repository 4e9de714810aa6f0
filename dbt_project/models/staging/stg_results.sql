select * from {{ source('raw', 'results') }}
