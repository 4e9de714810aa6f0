-- What changed between two publications, attached as `old` and `new`: the table `changes`.
create temp table changes as
with
papers as (
    select 'old' as side, paper_id, title, abstract, is_withdrawn from old.marts.fct_papers
    union all
    select 'new', paper_id, title, abstract, is_withdrawn from new.marts.fct_papers
),

old_papers as (from papers where side = 'old'),

new_papers as (from papers where side = 'new'),

renamed as (
    select alias as old_id, min(paper_id) as new_id
    from new.marts.paper_aliases
    where
        alias_kind = 'former_id' and alias in (select paper_id from old_papers)
        and alias not in (select paper_id from new_papers)
    group by alias
),

-- What is no longer there as a paper, or no longer valid.
away as (
    select paper_id from old_papers
    where
        not is_withdrawn and paper_id not in (select paper_id from new_papers where not is_withdrawn)
        and paper_id not in (select old_id from renamed)
),

texts as (
    select paper_id from old_papers inner join new_papers using (paper_id)
    where old_papers.title is distinct from new_papers.title or old_papers.abstract is distinct from new_papers.abstract
),

corrected as (
    select paper_id from new.marts.fct_corrections
    where correction_id not in (select correction_id from old.marts.fct_corrections)
),

entries as (
    select 'old' as side, * from old.marts.leaderboard
    union all by name
    select 'new' as side, * from new.marts.leaderboard
),

heads as (
    select
        side, task, dataset, metric, unit, condition, list(paper_id) as paper_ids, list(entry_id) as entry_ids,
        min_by(paper_id, entry_id) as paper_id,
        string_agg(concat_ws(' ', value_text, coalesce(model, title, paper_id)), '; ' order by entry_id) as head
    from entries where rank = 1
    group by side, task, dataset, metric, unit, condition
),

heads_beside as (
    select
        coalesce(after.dataset, before.dataset) as dataset,
        concat_ws(', ', coalesce(after.metric, before.metric), coalesce(after.condition, before.condition)) as metric,
        coalesce(after.paper_id, before.paper_id) as paper_id, before.head as before, after.head as after,
        after.paper_id as leads_now, before.paper_ids as before_papers, before.entry_ids as before_entries,
        after.entry_ids as after_entries, list_concat(before.paper_ids, after.paper_ids) as of_papers
    from (from heads where side = 'old') as before
    full join (from heads where side = 'new') as after
        on
            before.task is not distinct from after.task and before.dataset = after.dataset
            and before.metric = after.metric and before.unit is not distinct from after.unit
            and before.condition is not distinct from after.condition
    where before.head is distinct from after.head
),

claims as (
    select
        'old' as side, claim_id, paper_id, metric, kind, value_text, datasets, condition, verdict, correction_id,
        extractor_version
    from old.marts.fct_claimed_metrics
    union all
    select
        'new', claim_id, paper_id, metric, kind, value_text, datasets, condition, verdict, correction_id,
        extractor_version
    from new.marts.fct_claimed_metrics
),

readings as (
    select
        *,
        concat_ws(' ', kind, value_text, metric, 'on ' || nullif(array_to_string(datasets, ', '), ''), condition, verdict)
            as reading
    from claims
),

claims_beside as (
    select
        coalesce(after.paper_id, before.paper_id) as paper_id, coalesce(after.metric, before.metric) as metric,
        before.reading as before, after.reading as after,
        before.correction_id is distinct from after.correction_id as is_corrected,
        before.extractor_version is distinct from after.extractor_version as is_of_another_extractor
    from (from readings where side = 'old') as before
    full join (from readings where side = 'new') as after on before.claim_id = after.claim_id
    where
        before.reading is distinct from after.reading
        and coalesce(after.paper_id, before.paper_id) in (select paper_id from old_papers)
        and coalesce(after.paper_id, before.paper_id) in (select paper_id from new_papers)
),

results as (
    select 'old' as side, * from old.marts.fct_reported_results
    union all by name
    select 'new' as side, * from new.marts.fct_reported_results
),

reported as (
    select
        side, task, dataset_text, metric_text, model, coalesce(paper_url, paper_title) as of_paper,
        min(paper_id) as paper_id, min(dataset) as dataset, min(metric) as metric,
        string_agg(value_text, '; ' order by value_text) as value_text
    from results
    group by side, task, dataset_text, metric_text, model, of_paper
)

select 'new paper' as kind, paper_id, null as dataset, null as metric, null as before, title as after, 'loaded' as why
from new_papers
where paper_id not in (select paper_id from old_papers) and paper_id not in (select new_id from renamed)
union all
select 'renamed paper', new_id, null, null, old_id, new_id, 'its records join others, or have a better id'
from renamed
union all
select 'gone paper', paper_id, null, null, title, null, 'its loads were withdrawn'
from old_papers
where paper_id not in (select paper_id from new_papers) and paper_id not in (select old_id from renamed)
union all
select 'withdrawn paper', paper_id, null, null, new_papers.title, null, 'its source withdrew it'
from new_papers inner join old_papers using (paper_id)
where new_papers.is_withdrawn and not old_papers.is_withdrawn
union all
select
    'corrected paper', paper_id, null, null, old_papers.title, new_papers.title,
    if(old_papers.title is distinct from new_papers.title, 'another title', 'another abstract')
from texts inner join old_papers using (paper_id) inner join new_papers using (paper_id)
union all
select
    'head', paper_id, dataset, metric, before, after,
    case
        when leads_now not in (select paper_id from old_papers) and leads_now not in (select new_id from renamed)
            then 'new paper'
        when list_has_any(before_papers, (select list(paper_id) from away)) then 'withdrawn'
        when list_has_any(of_papers, (select list(paper_id) from corrected)) then 'correction'
        when
            (select max(extractor_version) from claims where side = 'old')
            <> (select max(extractor_version) from claims where side = 'new')
            then 'new extractor'
        when
            list_has_any(before_entries, (select list(entry_id) from entries where side = 'new' and not is_sure))
            then 'the last head is less sure now'
        when
            list_has_any(before_entries, (
                select list(entry_id) from entries
                where side = 'old' and entry_id not in (select entry_id from entries where side = 'new')
            ))
            then 'the last head is gone'
        when
            list_has_any(after_entries, (
                select list(entry_id) from entries
                where side = 'new' and entry_id not in (select entry_id from entries where side = 'old')
            ))
            then 'new evidence'
        else 'another reading'
    end
from heads_beside
union all
select
    'claim', paper_id, null, metric, before, after,
    case
        when is_corrected then 'correction'
        when paper_id in (select paper_id from texts) then 'another text'
        when is_of_another_extractor then 'new extractor'
        else 'other names in the vocabulary'
    end
from claims_beside
union all
select
    'result', coalesce(after.paper_id, before.paper_id), coalesce(after.dataset, before.dataset),
    coalesce(after.metric, before.metric), before.value_text, after.value_text,
    if(after.value_text is null, 'its loads were withdrawn', 'reported anew')
from (from reported where side = 'old') as before
left join (from reported where side = 'new') as after
    on
        before.task is not distinct from after.task and before.dataset_text = after.dataset_text
        and before.metric_text = after.metric_text and before.model is not distinct from after.model
        and before.of_paper is not distinct from after.of_paper
where before.value_text is distinct from after.value_text;
