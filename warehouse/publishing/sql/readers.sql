-- What readers call: made in the publication, so that any DuckDB has them. The comments are their documentation, also in the data dictionary.

create macro marts.paper_id_of(known_id) as coalesce(
    (select min(papers.paper_id) from marts.fct_papers as papers where papers.paper_id = known_id),
    (select min(aliases.paper_id) from marts.paper_aliases as aliases where aliases.alias = known_id and aliases.alias_kind = 'former_id'),
    (select min(aliases.paper_id) from marts.paper_aliases as aliases where aliases.alias = known_id)
);
comment on macro marts.paper_id_of is
    'paper_id_of(id): the id that a paper has now, by one that it was published under before, or by its arXiv id, DOI or another alias.';

create macro marts.claims_on(dataset_name) as table
    select
        papers.title, claims.metric, claims.value_text, claims.value, claims.value_high, claims.unit, claims.kind, claims.direction,
        claims.bound, claims.subject, claims.comparator, claims.evidence, claims.confidence, claims.claim_id, claims.paper_id
    from marts.fct_claimed_metrics as claims
    inner join marts.fct_papers as papers using (paper_id)
    where claims.claim_id in (
        select bridge.claim_id from marts.brg_claim_datasets as bridge
        where lower(dataset_name) in (lower(bridge.dataset), lower(bridge.dataset_text))
    )
    order by claims.metric, claims.unit, claims.value desc, claims.claim_id;
comment on macro table marts.claims_on is
    'claims_on(dataset): every number claimed on a dataset, by its canonical name or as papers write it, in any case.';

create macro marts.leaderboard_for(dataset_name, metric_name, in_task := null) as table
    select
        board.task, board.condition, board.rank, board.model, board.value, board.unit, board.bound, board.evidence_kind, board.title, board.published_on,
        board.is_best_so_far, board.evidence, board.confidence, board.code_urls, board.claim_id, board.result_id, board.cell_id,
        board.paper_id
    from marts.leaderboard as board
    where
        lower(board.dataset) = lower(dataset_name) and lower(board.metric) = lower(metric_name)
        and (in_task is null or lower(board.task) = lower(in_task))
    order by board.task, board.unit, board.is_main_condition desc, board.condition, board.rank nulls last, board.entry_id;
comment on macro table marts.leaderboard_for is
    'leaderboard_for(dataset, metric, in_task := null): what papers claim for their methods and what leaderboards report, the best first, for each task and condition.';

create macro marts.evidence(claim) as table
    with found as (
        select
            claims.*, papers.title,
            if(claims.section = 'title', papers.title, papers.abstract) as text
        from marts.fct_claimed_metrics as claims
        inner join marts.fct_papers as papers using (paper_id)
        where starts_with(claims.claim_id, claim)
    )
    select
        found.title, found.section, found.sentence_index, found.char_start, found.char_end, found.value_text, found.evidence,
        substring(found.text, 1, found.char_start) || '⟦' || found.value_text || '⟧' || substring(found.text, found.char_end + 1) as marked,
        found.confidence, found.rule, found.claim_id, found.paper_id
    from found
    order by found.claim_id;
comment on macro table marts.evidence is
    'evidence(claim_id): where a claim stands: its sentence, its place, and the whole title or abstract with the number in ⟦ ⟧. The beginning of an id will do.';

create macro marts.table_of(of_paper, number) as table
    select
        tables.caption, cells.row_path, cells.column_path, cells.value_text, cells.value, cells.spread, cells.is_bold, cells.metric, cells.dataset, cells.model,
        cells.is_own, cells.confidence, cells.file, cells.line,
        cells.cell_id, cells.table_id, cells.paper_id
    from marts.fct_table_cells as cells
    inner join marts.fct_tables as tables using (table_id)
    where tables.paper_id = marts.paper_id_of(of_paper) and tables.table_number = number
    order by tables.table_index, cells.row_index, cells.column_index;
comment on macro table marts.table_of is
    'table_of(paper, number): the numbers of a table, by an id or alias of its paper, such as an arXiv id, and the number that the page gives it.';

create macro marts.results_of(of_paper) as table
    select
        results.task, results.dataset_text as dataset, results.metric_text as metric, results.condition, results.model, results.value_text,
        results.value, results.row_confidence, results.confidence, results.leaderboard_confidence, tables.table_number, cells.file, cells.line, results.cell_id,
        results.paper_id
    from marts.fct_table_results as results
    left join marts.fct_table_cells as cells on results.cell_id = cells.cell_id
    left join marts.fct_tables as tables on results.table_id = tables.table_id
    where results.paper_id = marts.paper_id_of(of_paper)
    order by results.leaderboard_confidence desc, results.dataset_text, results.metric_text, results.confidence desc, results.cell_id;
comment on macro table marts.results_of is
    'results_of(paper): what a leaderboard would take of the tables of a paper, by an id or alias of it, such as an arXiv id, with the place of each number.';

-- A view, as a table of all names would cost each publication as much as the warehouse is large.
create view marts.dim_authors as
select
    coalesce(named.author_id, named.name_key) as author_key,
    mode(named.name) as name,
    any_value(named.name_key) as name_key,
    any_value(named.author_id) as author_id,
    count(distinct named.paper_id) as paper_count,
    count(distinct named.paper_id) filter (where papers.repo_link_count > 0) as with_code_count,
    min(papers.published_on) as first_published_on,
    max(papers.published_on) as last_published_on
from marts.brg_paper_authors as named
inner join marts.fct_papers as papers using (paper_id)
group by coalesce(named.author_id, named.name_key);
comment on view marts.dim_authors is
    'dim_authors: one row an author, by the id that a source gives (author_id), else by the name without case and accents (name_key), where two people of one name are one row and one person with and without an id are two; with the most frequent spelling (name), the numbers of papers (paper_count) and of those with code (with_code_count), and the days of the first and last paper (first_published_on, last_published_on).';

create macro marts.dataset_use(dataset_name) as table
    with months as (
        select date_trunc('month', published_on)::date as month, count(*) as paper_count
        from marts.fct_papers where published_on is not null and not is_withdrawn group by all
    )
    select
        uses.month, count(*) as use_count, count(*) filter (not uses.is_by_its_authors) as use_count_of_others,
        round(1000 * count(*) / any_value(months.paper_count), 2) as per_thousand_papers
    from marts.fct_dataset_use as uses
    inner join months using (month)
    where lower(uses.dataset) = lower(dataset_name)
    group by uses.month
    order by uses.month;
comment on macro table marts.dataset_use is
    'dataset_use(dataset): how many papers a month measure on it, how many of these are of others than its authors, and how many that is per 1,000 papers of the month.';

create macro marts.rising_datasets(months := 12) as table
    with bounds as (
        select date_trunc('month', max(published_on))::date + interval 1 month as until from marts.fct_papers
    ),
    periods as (
        select
            if(published_on >= until - to_months(months), 'now', 'before') as period, count(*) as paper_count
        from marts.fct_papers, bounds
        where published_on >= until - to_months(2 * months) and not is_withdrawn
        group by all
    ),
    counted as (
        select
            uses.dataset, min(uses.month) over (partition by uses.dataset) as first_seen, uses.is_by_its_authors,
            if(uses.month >= until - to_months(months), 'now', if(uses.month >= until - to_months(2 * months), 'before', 'earlier')) as period
        from marts.fct_dataset_use as uses, bounds
        where uses.month is not null
    )
    select
        counted.dataset, any_value(first_seen) as first_seen,
        count(*) filter (counted.period = 'now') as use_count,
        count(*) filter (counted.period = 'now' and not is_by_its_authors) as use_count_of_others,
        count(*) filter (counted.period = 'before') as use_count_before,
        round(1000 * count(*) filter (counted.period = 'now') / max(periods.paper_count) filter (counted.period = 'now'), 2) as per_thousand_papers,
        round(coalesce(1000 * count(*) filter (counted.period = 'before') / max(periods.paper_count) filter (counted.period = 'before'), 0), 2) as per_thousand_before
    from counted
    left join periods using (period)
    group by counted.dataset
    having use_count > 1
    order by per_thousand_papers - per_thousand_before desc, use_count desc, counted.dataset;
comment on macro table marts.rising_datasets is
    'rising_datasets(months := 12): datasets by how much more of the papers of the last months measure on them than of as many months before; the months end with that of the newest paper.';

create macro marts.papers_by(author) as table
    select
        papers.title, papers.published_on, papers.published_precision, papers.venue, papers.venue_year, named.name,
        named.position, named.author_id, papers.claim_count, papers.repo_link_count, papers.paper_id
    from marts.brg_paper_authors as named
    inner join marts.fct_papers as papers using (paper_id)
    where list_has_all(
        string_split(named.name_key, ' '),
        string_split(trim(regexp_replace(lower(strip_accents(author)), '[^\p{L}\p{N}]+', ' ', 'g')), ' ')
    )
    order by papers.published_on desc nulls last, papers.paper_id, named.position;
comment on macro table marts.papers_by is
    'papers_by(author): the papers of authors whose names have all of these words, the newest first. Two people of one name are not told apart.';

create macro marts.papers_in(venue_name, in_year := null) as table
    select
        papers.title, papers.venue, papers.venue_year, papers.track, papers.claim_count, papers.repo_link_count, papers.paper_id
    from marts.fct_papers as papers
    where lower(papers.venue) = lower(venue_name) and (in_year is null or papers.venue_year = in_year)
    order by papers.venue_year desc, papers.title, papers.paper_id;
comment on macro table marts.papers_in is
    'papers_in(venue, in_year := null): the papers of a venue, of one year or of all.';

create macro marts.papers_with(in_year, in_venue, in_category, has_code, from_source) as table
    select papers.paper_id from marts.fct_papers as papers
    where
        (in_year is null or coalesce(year(papers.published_on), papers.venue_year) = in_year)
        and (in_venue is null or lower(papers.venue) = lower(in_venue))
        and (in_category is null or list_contains(papers.categories, in_category))
        and (has_code is null or (papers.repo_link_count > 0) = has_code)
        and (
            from_source is null
            or papers.paper_id in (select aliases.paper_id from marts.paper_aliases as aliases where aliases.source = from_source)
        );
comment on macro table marts.papers_with is
    'papers_with(in_year, in_venue, in_category, has_code, from_source): the ids of the papers that pass each filter that is not null. The year is that of publication, else of the venue.';

create macro marts.similar_papers(paper, most := 10) as table
    with wanted as (
        select vectors.vector::float[256] as vector from marts.paper_vectors as vectors where vectors.paper_id = paper
    ),
    nearest as (
        select vectors.paper_id, array_cosine_similarity(vectors.vector::float[256], wanted.vector) as similarity
        from marts.paper_vectors as vectors, wanted
        where vectors.paper_id <> paper
        order by similarity desc, vectors.paper_id
        limit most
    )
    select papers.title, round(nearest.similarity::double, 3) as similarity, papers.claim_count, papers.repo_link_count, papers.paper_id
    from nearest
    inner join marts.fct_papers as papers using (paper_id)
    order by nearest.similarity desc, papers.paper_id;
comment on macro table marts.similar_papers is
    'similar_papers(paper_id, most := 10): the papers whose titles and abstracts are nearest in meaning, by cosine. Empty where the publication was made without the extra `meaning`.';

create macro marts.slug(name) as (
    trim(regexp_replace(regexp_replace(lower(strip_accents(name)), '[^a-z0-9_\s-]', '', 'g'), '[-\s]+', '-', 'g'), '-_')
);
comment on macro marts.slug is
    'slug(name): the name as Papers with Code put names into addresses: without accents and punctuation, words joined by hyphens.';

create view marts.slugs as
with named as (
    select 'task' as kind, task as name from marts.dim_tasks
    union select 'area', unnest(areas) from marts.fct_reported_results
    union select 'dataset', dataset from marts.dim_datasets
    union select 'dataset', dataset from marts.leaderboard
    union select 'method', method from marts.dim_methods
    union select 'venue', venue from marts.dim_venues
)
select
    named.kind, named.name,
    if(
        marts.slug(named.name) = ''
        or row_number() over (partition by named.kind, marts.slug(named.name) order by length(named.name), named.name) > 1,
        ltrim(marts.slug(named.name) || '-' || left(md5(named.name), 6), '-'),
        marts.slug(named.name)
    ) as slug
from named
where named.name <> '';
comment on view marts.slugs is
    'slugs: one row a task, area, dataset, method and venue (kind, name), with what addresses call it (slug); where several names of a kind would have one slug, all but the shortest have a hash of the name behind it.';
