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
    scored as (
        select docs.name as id, ranked.hits, ranked.score
        from ranked
        inner join $index.docs as docs using (docid)
        $papers
        where
            (in_year is null or coalesce(year(papers.published_on), papers.venue_year) = in_year)
            and (in_venue is null or lower(papers.venue) = lower(in_venue))
            and (in_category is null or list_contains(papers.categories, in_category))
            and (has_code is null or (papers.repo_link_count > 0) = has_code)
            and (
                from_source is null
                or papers.paper_id in (select paper_id from marts.paper_aliases where source = from_source)
            )
        order by ranked.hits desc, ranked.score desc, docs.name
        limit most
    )
