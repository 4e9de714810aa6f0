with
papers as (select * from {{ ref('fct_papers') }}),

uses as (
    select
        claims.paper_id,
        bridge.dataset,
        'claim' as evidence
    from {{ ref('brg_claim_datasets') }} as bridge
    inner join {{ ref('fct_claimed_metrics') }} as claims on bridge.claim_id = claims.claim_id
    where coalesce(bridge.verdict, claims.verdict) is distinct from 'wrong'
    union all
    select
        paper_id,
        dataset,
        'table' as evidence
    from {{ ref('fct_table_results') }}
    where dataset is not null and row_confidence >= {{ var('board_confidence') }}
    union all
    select
        paper_id,
        dataset,
        'reported' as evidence
    from {{ ref('fct_reported_results') }}
    where paper_id is not null and verdict is distinct from 'wrong'
),

-- The paper that a dataset is introduced by has its name before the colon of its title.
introduced as (
    select
        named.dataset,
        arg_min(papers.paper_id, (papers.published_on, papers.paper_id)) as paper_id
    from (select distinct dataset from uses) as named
    inner join papers on named.dataset = trim(split_part(papers.title, ':', 1)) and contains(papers.title, ':')
    group by named.dataset
),

-- Of those papers alone whose authors are compared.
authors as (
    select
        paper_id,
        list(coalesce(author_id, name_key)) as keys
    from {{ ref('brg_paper_authors') }}
    where
        paper_id in (
            select uses.paper_id from uses inner join introduced on uses.dataset = introduced.dataset
            union all
            select introduced.paper_id from introduced
        )
    group by paper_id
)

select
    {{ stable_key(['uses.paper_id', 'uses.dataset']) }} as use_id,
    uses.paper_id,
    uses.dataset,
    date_trunc('month', any_value(papers.published_on))::date as month,
    any_value(papers.venue) as venue,
    any_value(papers.primary_category) as field,
    bool_or(uses.evidence = 'claim') as is_claimed,
    bool_or(uses.evidence = 'table') as is_in_table,
    bool_or(uses.evidence = 'reported') as is_reported,
    any_value(introduced.paper_id) as introduced_by,
    coalesce(
        uses.paper_id = any_value(introduced.paper_id)
        or list_has_any(any_value(own.keys), any_value(theirs.keys)), false
    ) as is_by_its_authors
from uses
inner join papers on uses.paper_id = papers.paper_id
left join introduced on uses.dataset = introduced.dataset
left join authors as own on uses.paper_id = own.paper_id
left join authors as theirs on introduced.paper_id = theirs.paper_id
where not papers.is_withdrawn
group by uses.paper_id, uses.dataset
