with
papers as (
    select
        {{ record_number() }} as record_number,
        *
    from {{ source('raw', 'papers') }}
),

mentions as (select * from {{ source('raw', 'mention_papers') }}),

sources as (select * from {{ source('raw', 'sources') }}),

-- Read apart from `papers`, which DuckDB would else make whole before any filter.
corrected as (
    select mentioned.paper_id
    from {{ source('raw', 'papers') }} as corrections
    inner join {{ source('raw', 'mention_papers') }} as mentioned on corrections.mention_id = mentioned.mention_id
    where corrections.source = 'corrections'
),

-- By semijoins, which DuckDB begins with the few that were corrected; joins would begin with all papers.
known_mentions as (
    select mention_id
    from {{ source('raw', 'papers') }}
    where
        source <> 'corrections'
        and mention_id in (
            select mentioned.mention_id
            from {{ source('raw', 'mention_papers') }} as mentioned
            where mentioned.paper_id in (select corrected.paper_id from corrected)
        )
),

known as (
    select paper_id
    from {{ source('raw', 'mention_papers') }}
    where mention_id in (select known_mentions.mention_id from known_mentions)
)

select
    papers.record_number,
    papers.batch_id,
    papers.entry_index,
    papers.load_number,
    papers.landed_at,
    mentions.paper_id,
    mentions.matched_by,
    mentions.match_score,
    papers.own_id,
    papers.mention_id,
    papers.text_id,
    papers.title_key,
    papers.source,
    coalesce(sources.text_trust, 0) as text_trust,
    coalesce(sources.dates_trust, 0) as dates_trust,
    papers.source_record_id,
    nullif(papers.title, '') as title,
    papers.abstract,
    papers.language,
    papers.authors,
    papers.arxiv_id,
    papers.doi,
    papers.acl_id,
    papers.openreview_id,
    papers.published_on,
    papers.updated_on,
    papers.version,
    papers.version_days,
    papers.listed_on,
    papers.rank,
    papers.upvotes,
    papers.github_stars,
    papers.submitter,
    papers.organization,
    papers.keywords,
    papers.categories,
    papers.venue,
    papers.venue_year,
    papers.track,
    papers.comments,
    papers.journal_ref,
    papers.licence,
    papers.author_ids,
    papers.is_withdrawn
from papers
inner join mentions on papers.mention_id = mentions.mention_id
left join sources on papers.source = sources.source
-- A correction of a paper that nothing else knows makes none.
where
    papers.source <> 'corrections'
    or mentions.paper_id in (select known.paper_id from known)
