{{ incremental_by_paper() }}

-- Most papers have one record, of one version: nothing follows it. The others are grouped and sorted. The records are
-- read anew for each CTE, as of one that is asked twice DuckDB makes a table.
with
several as (
    select paper_id from {{ ref('int_winning_records') }}
    where record_count > 1
    union
    select paper_id from {{ records_to_build() }}
    where len(version_days) > 1
),

alone as (
    select
        records.paper_id,
        records.source,
        records.source_record_id,
        records.version,
        records.text_id,
        coalesce(records.is_withdrawn, false) as is_withdrawn,
        coalesce(records.updated_on, records.listed_on, records.published_on) as valid_from,
        records.landed_at as learnt_at,
        records.title,
        records.abstract
    from {{ records_to_build() }} as records
    anti join several on records.paper_id = several.paper_id
),

records as (
    select
        paper_id,
        source,
        source_record_id,
        text_id,
        version,
        version_days,
        is_withdrawn,
        landed_at,
        batch_id,
        entry_index,
        coalesce(updated_on, listed_on, published_on) as valid_from
    from {{ records_to_build() }}
    where paper_id in (select several.paper_id from several)
),

-- The versions of a source's record, each once: since when it was valid there, and when we learnt of it.
states as (
    select
        paper_id,
        source,
        source_record_id,
        text_id,
        version,
        coalesce(is_withdrawn, false) as is_withdrawn,
        min({ 'landed_at': landed_at, 'batch_id': batch_id, 'entry_index': entry_index }) as first_record,
        min(valid_from) as valid_from,
        min(landed_at) as learnt_at
    from records
    group by all
),

-- Versions of which a source gives the day alone.
days as (
    select
        paper_id,
        source,
        source_record_id,
        landed_at,
        unnest(version_days[:-2]) as valid_from,
        generate_subscripts(version_days[:-2], 1)::integer as version
    from records
    where len(version_days) > 1
),

older as (
    select
        paper_id,
        source,
        source_record_id,
        version,
        min(valid_from) as valid_from,
        min(landed_at) as learnt_at
    from days
    group by all
),

versions as (
    select
        paper_id,
        source,
        source_record_id,
        version,
        text_id,
        first_record,
        is_withdrawn,
        valid_from,
        learnt_at
    from states
    union all by name
    select
        older.paper_id,
        older.source,
        older.source_record_id,
        older.version,
        false as is_withdrawn,
        older.valid_from,
        older.learnt_at
    from older
    anti join states using (paper_id, source, source_record_id, version)
),

ordered as (
    select
        *,
        lead(valid_from) over (
            partition by paper_id, source, source_record_id order by valid_from nulls first, version, learnt_at, text_id
        ) as valid_to,
        lead(learnt_at) over (
            partition by paper_id, source, source_record_id order by learnt_at, valid_from nulls first, version, text_id
        ) as superseded_at
    from versions
),

states_and_texts as (
    select
        ordered.* exclude (first_record),
        texts.title,
        texts.abstract
    from ordered
    -- Texts are joined last: what is grouped and sorted has to stay in memory.
    left join {{ records_to_build() }} as texts
        on ordered.first_record.batch_id = texts.batch_id and ordered.first_record.entry_index = texts.entry_index
    union all by name
    select * from alone
)

select
    {{ stable_key(['paper_id', 'source', 'source_record_id', 'version', 'text_id', 'is_withdrawn']) }} as version_id,
    paper_id,
    source,
    source_record_id,
    version,
    title,
    abstract,
    is_withdrawn,
    valid_from,
    valid_to,
    learnt_at,
    superseded_at
from states_and_texts
