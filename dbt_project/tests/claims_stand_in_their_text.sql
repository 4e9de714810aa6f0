-- Every claim's place, in the published title or abstract, holds the number as written.
select
    claims.claim_id,
    claims.value_text
from {{ ref('fct_claimed_metrics') }} as claims
inner join {{ ref('fct_papers') }} as papers on claims.paper_id = papers.paper_id
where
    substring(
        if(claims.section = 'title', papers.title, papers.abstract),
        claims.char_start + 1,
        claims.char_end - claims.char_start
    ) is distinct from claims.value_text
