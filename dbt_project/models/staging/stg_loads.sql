select * from {{ source('raw', 'loads') }}
where outcome is not null
