    with wanted as (
        select dict.termid, ln(1 + (stats.num_docs - dict.df + 0.5) / (dict.df + 0.5)) as idf, stats.avgdl
        from $index.dict, $index.stats
        where list_contains(marts.stems(words), dict.term)
    ),
    counted as (
        select terms.docid, terms.termid, terms.tf
        from $index.terms
        where terms.termid in (select wanted.termid from wanted)
    ),
    scored as (
        select
            docs.name as id, count(*) as hits,
            sum(wanted.idf * counted.tf * 2.2 / (counted.tf + 1.2 * (0.25 + 0.75 * docs.len / wanted.avgdl))) as score
        from counted
        inner join wanted using (termid)
        inner join $index.docs using (docid)
        group by id
        order by hits desc, score desc, id
        limit most
    )
