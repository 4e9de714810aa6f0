-- Full-text search, made in the publication where DuckDB's extension fts is at hand, for its stemmer. Readers need `load fts` for it.
-- The index (warehouse/publishing/index.py) and the ranking (BM25, k1 = 1.2, b = 0.75) are our own: a search reads the postings of its words alone.

create macro marts.stems(words) as (
    list_distinct(list_transform(
        string_split(trim(regexp_replace(lower(strip_accents(words)), '[^a-z0-9]+', ' ', 'g')), ' '),
        lambda word: stem(word, 'porter')
    ))
);
comment on macro marts.stems is 'stems(words): the stems of the words, as the index of search has them. Needs: load fts.';

create macro marts.snippet(text, words) as (
    list_max(list_transform(
        string_split(regexp_replace(text, '([.!?])\s+', '\1' || chr(10), 'g'), chr(10)),
        lambda sentence, i: {
            'hits': len(list_intersect(marts.stems(sentence), marts.stems(words))),
            'nearness': -i,
            'sentence': sentence
        }
    )).sentence
);
comment on macro marts.snippet is 'snippet(text, words): the sentence of the text that holds most of the words. Needs: load fts.';

create macro marts.search_papers(
    words, most := 20, in_year := null, in_venue := null, in_category := null, has_code := null, from_source := null
) as table
$papers,
    -- By the number of its row, DuckDB reads the texts of a paper alone; by its id, those of most papers.
    numbered as (
        select scored.*, papers.rowid as row_number from scored inner join $table as papers on scored.id = papers.paper_id
    )
    select
        papers.title, round(numbered.score, 3) as score, marts.snippet(papers.abstract, words) as snippet, papers.claim_count,
        papers.repo_link_count, papers.paper_id
    from numbered
    inner join $table as papers on numbered.row_number = papers.rowid
    order by numbered.hits desc, numbered.score desc, numbered.id;
comment on macro table marts.search_papers is
    'search_papers(words, most := 20, in_year := null, in_venue := null, in_category := null, has_code := null, from_source := null): papers by the words of their titles and abstracts, those with most of the words first, then by BM25, with the sentence that holds most. The year is that of publication, else of the venue. Needs: load fts.';

create macro marts.search_claims(
    words, most := 20, in_year := null, in_venue := null, in_category := null, has_code := null, from_source := null
) as table
$claims
    select
        papers.title, round(scored.score, 3) as score, claims.value_text, claims.metric, claims.evidence, claims.claim_id, claims.paper_id
    from scored
    inner join marts.fct_claimed_metrics as claims on scored.id = claims.claim_id
    inner join marts.fct_papers as papers using (paper_id)
    order by scored.hits desc, scored.score desc, scored.id;
comment on macro table marts.search_claims is
    'search_claims(words, most := 20, in_year := null, in_venue := null, in_category := null, has_code := null, from_source := null): claimed numbers by the words of their sentences, those with most of the words first, then by BM25; of papers as for search_papers. Needs: load fts.';
