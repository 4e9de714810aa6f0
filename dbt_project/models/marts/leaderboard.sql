with
claims as (select * from {{ ref('fct_claimed_metrics') }}),

bridge as (select * from {{ ref('brg_claim_datasets') }}),

papers as (select * from {{ ref('fct_papers') }}),

levels as (
    select
        bridge.dataset,
        claims.metric,
        claims.unit,
        claims.higher_is_better,
        claims.value,
        claims.bound,
        claims.claim_id,
        claims.paper_id,
        claims.evidence,
        claims.confidence,
        papers.title
    from claims
    inner join bridge on claims.claim_id = bridge.claim_id
    inner join papers on claims.paper_id = papers.paper_id
    where
        claims.kind = 'level'
        and claims.subject = 'proposed'
        and claims.higher_is_better is not null
        and not claims.is_optional
        and not papers.is_withdrawn
)

select
    dataset,
    metric,
    unit,
    higher_is_better,
    rank() over (
        partition by dataset, metric, unit
        order by if(higher_is_better, -value, value)
    )::integer as rank,
    value,
    bound,
    paper_id,
    title,
    claim_id,
    evidence,
    confidence
from levels
