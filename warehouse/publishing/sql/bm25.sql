    with wanted as (
        select dict.termid from $index.dict as dict where list_contains(marts.stems(words), dict.term)
    ),
    found as materialized (
        select postings.termid, postings.docid, postings.tf
        from $index.postings as postings
        inner join wanted using (termid)
        anti join $index.gone as gone using (docid)
    ),
    rarity as (
        select found.termid, ln(1 + (any_value(stats.num_docs) - count(*) + 0.5) / (count(*) + 0.5)) as idf
        from found, $index.stats as stats
        group by found.termid
    ),
    matches as materialized (select found.docid, count(*) as hits from found group by found.docid),
    -- Texts with more of the words come first: of those with fewer than the last of the first `most`, nothing is read.
    -- Papers are read only where a filter asks for them: without one, the second half of the union is empty before it begins.
    possible as (
        select matches.docid, matches.hits from matches
        where
            matches.hits >= (select min(best.hits) from (select hits from matches order by hits desc limit most) as best)
            and in_year is null and in_venue is null and in_category is null and has_code is null and from_source is null
        union all
        select matches.docid, matches.hits
        from matches inner join $index.docs as docs using (docid)
        where
            not (in_year is null and in_venue is null and in_category is null and has_code is null and from_source is null)
            and docs.name in (
                $of_papers (from marts.papers_with(in_year, in_venue, in_category, has_code, from_source))
            )
    ),
    ranked as materialized (
        select
            possible.docid, any_value(possible.hits) as hits,
            round(sum(rarity.idf * found.tf * 2.2 / (found.tf + 1.2 * (0.25 + 0.75 * docs.len / stats.avgdl))), 4) as score
        from possible
        inner join found using (docid)
        inner join rarity using (termid)
        inner join $index.docs as docs using (docid), $index.stats as stats
        group by possible.docid
    ),
    -- The last that can be among the first `most`: of the others no name is read.
    edge as (
        select min((hits, score)) as least
        from (select hits, score from ranked order by hits desc, score desc limit most) as best
    ),
    scored as (
        select docs.name as id, ranked.hits, ranked.score
        from ranked inner join edge on (ranked.hits, ranked.score) >= edge.least inner join $index.docs as docs using (docid)
        order by hits desc, score desc, id
        limit most
    )
