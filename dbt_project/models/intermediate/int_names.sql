with
corrections as (
    select * from {{ ref('int_corrections') }}
    where verdict = 'same' and is_last
),

-- A name that is another one, which is a third one; two that are each other are none.
resolved as (
    select
        corrections.target || ':' || corrections.name as key,
        coalesce(further.new_name, corrections.new_name) as new_name
    from corrections
    left join corrections as further
        on corrections.target = further.target and corrections.new_name = further.name
    where further.new_name is distinct from corrections.name
)

-- As one row, so that lists of names are looked up too.
select map(coalesce(list(key order by key), []), coalesce(list(new_name order by key), [])) as new_names
from resolved
