    with wanted as (
        select dict.termid, ln(1 + (stats.num_docs - dict.df + 0.5) / (dict.df + 0.5)) as idf
        from $index.dict, $index.stats
        where list_contains(marts.stems(words), dict.term)
    ),
    best as (
        select terms.docid, count(*) as hits, sum(wanted.idf * terms.weight) as score
        from $index.terms inner join wanted using (termid)
        group by terms.docid
        order by hits desc, score desc, terms.docid
        limit most
    ),
    scored as (
        select docs.name as id, best.hits, best.score
        from best inner join $index.docs using (docid)
    )
