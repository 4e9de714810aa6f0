    with wanted as (
        select dict.termid from $index.dict as dict where list_contains(marts.stems(words), dict.term)
    ),
    found as materialized (
        select postings.termid, postings.docid, postings.tf, docs.len
        from $index.postings as postings
        inner join wanted using (termid)
        inner join $index.docs as docs using (docid)
    ),
    rarity as (
        select found.termid, ln(1 + (any_value(stats.num_docs) - count(*) + 0.5) / (count(*) + 0.5)) as idf
        from found, $index.stats as stats
        group by found.termid
    ),
    ranked as (
        select
            found.docid, count(*) as hits,
            round(sum(rarity.idf * found.tf * 2.2 / (found.tf + 1.2 * (0.25 + 0.75 * found.len / stats.avgdl))), 4) as score
        from found inner join rarity using (termid), $index.stats as stats
        group by found.docid
    ),
    matched as (
        select docs.name as id, ranked.hits, ranked.score from ranked inner join $index.docs as docs using (docid)
    ),
    -- Papers are read only where a filter asks for them: without one, this half of the union is empty before it begins.
    scored as (
        select id, hits, score from matched
        where in_year is null and in_venue is null and in_category is null and has_code is null and from_source is null
        union all
        select id, hits, score from matched
        where
            not (in_year is null and in_venue is null and in_category is null and has_code is null and from_source is null)
            and id in (
                $of_papers (from marts.papers_with(in_year, in_venue, in_category, has_code, from_source))
            )
        order by hits desc, score desc, id
        limit most
    )
