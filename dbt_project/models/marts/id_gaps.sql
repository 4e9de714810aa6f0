-- A harvest of one archive has small gaps everywhere; a gap far beyond the month's usual spacing did not come.
with
numbers as (
    select distinct
        arxiv_id,
        arxiv_id[:4] as month,
        arxiv_id[6:]::integer as number
    from {{ ref('stg_papers') }}
    where source = 'arxiv_oai' and regexp_full_match(arxiv_id, '\d{4}\.\d{4,5}')
),

spaced as (
    select
        *,
        lead(arxiv_id) over (partition by month order by number) as before_id,
        lead(number) over (partition by month order by number) - number - 1 as missing_count,
        (max(number) over (partition by month) - min(number) over (partition by month))::double
        / greatest(count(*) over (partition by month) - 1, 1) as usual_spacing
    from numbers
)

select
    month,
    arxiv_id as after_id,
    before_id,
    missing_count::integer as missing_count,
    usual_spacing
from spaced
where missing_count >= 100 and missing_count >= 20 * usual_spacing
