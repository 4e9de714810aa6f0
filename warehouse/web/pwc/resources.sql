-- What the API of Papers with Code lists: one view a resource, in its names. The field `id` is what addresses call it; fields that begin
-- with an underscore are for filters and are not shown. Where that API has a text for certain and the warehouse has none, it is ''.

create or replace temp view pwc_papers as
select
    papers.paper_id as id,
    papers.arxiv_id,
    null::varchar as nips_id,
    coalesce('https://arxiv.org/abs/' || papers.arxiv_id, 'https://doi.org/' || papers.doi, '') as url_abs,
    coalesce('https://arxiv.org/pdf/' || papers.arxiv_id, '') as url_pdf,
    coalesce(papers.title, '') as title,
    coalesce(papers.abstract, '') as abstract,
    coalesce(papers.authors, []) as authors,
    papers.published_on as published,
    venues.slug as conference,
    null::varchar as conference_url_abs,
    null::varchar as conference_url_pdf,
    venues.slug || '-' || papers.venue_year as proceeding
from marts.fct_papers as papers
left join marts.slugs as venues on venues.kind = 'venue' and papers.venue = venues.name;

create or replace temp view pwc_repositories as
select
    url, owner, name, '' as description, coalesce(max(stars), 0) as stars, coalesce(min(framework), 'none') as framework,
    coalesce(bool_or(is_official), false) as is_official, url as id
from marts.fct_repo_links
where kind = 'repository' and owner is not null and name is not null
group by url, owner, name;

create or replace temp view pwc_paper_repositories as
select
    url, owner, name, '' as description, coalesce(stars, 0) as stars, coalesce(framework, 'none') as framework,
    coalesce(is_official, false) as is_official, url as id, paper_id as _paper_id
from marts.fct_repo_links
where kind = 'repository' and owner is not null and name is not null
qualify row_number() over (partition by paper_id, url order by is_official desc nulls last, link_id) = 1;

create or replace temp view pwc_authors as
select replace(author_key, ' ', '-') as id, full_name, author_key as _key
from (
    select coalesce(author_id, name_key) as author_key, mode(name) as full_name
    from marts.brg_paper_authors
    group by coalesce(author_id, name_key)
)
where author_key <> '';

create or replace temp view pwc_conferences as
select slug as id, name from marts.slugs where kind = 'venue';

create or replace temp view pwc_proceedings as
select slugs.slug || '-' || venues.venue_year as id, venues.venue_year as year, null::integer as month, venues.venue as _conference
from marts.dim_venues as venues
inner join marts.slugs on slugs.kind = 'venue' and slugs.name = venues.venue
where venues.venue_year is not null;

create or replace temp view pwc_areas as
select slug as id, name from marts.slugs where kind = 'area';

create or replace temp view pwc_tasks as
select slugs.slug as id, slugs.name, coalesce(tasks.description, '') as description
from marts.slugs
left join marts.dim_tasks as tasks on slugs.name = tasks.task
where slugs.kind = 'task';

create or replace temp view pwc_datasets as
select slugs.slug as id, slugs.name, datasets.full_name, datasets.url
from marts.slugs
left join marts.dim_datasets as datasets on slugs.name = datasets.dataset
where slugs.kind = 'dataset';

create or replace temp view pwc_methods as
select
    slugs.slug as id, slugs.name, coalesce(methods.full_name, slugs.name) as full_name, coalesce(methods.description, '') as description,
    methods.paper_id as paper
from marts.slugs
inner join marts.dim_methods as methods on slugs.name = methods.method
where slugs.kind = 'method';

create or replace temp view pwc_evaluations as
select
    concat_ws('-', tasks.slug, 'on', datasets.slug) as id, coalesce(tasks.slug, '') as task, datasets.slug as dataset, '' as description,
    null::varchar as mirror_url, boards.task as _task, boards.dataset as _dataset
from (select distinct task, dataset from marts.leaderboard) as boards
inner join marts.slugs as datasets on datasets.kind = 'dataset' and boards.dataset = datasets.name
left join marts.slugs as tasks on tasks.kind = 'task' and boards.task = tasks.name;

-- A metric with its condition, and its unit where the board has it in several; additional data are a field of their
-- own, and no rank apart.
create or replace temp view pwc_levels as
with named as (
    select
        *,
        coalesce(list_filter(string_split(condition, ', '), each -> each <> 'extra data'), [])
        || if(min(unit) over of_metric <> max(unit) over of_metric, [unit], []) as said
    from marts.leaderboard
    window of_metric as (partition by task, dataset, metric)
)
select
    * exclude (said) replace (
        if(rank is null, null, rank() over (
            partition by task, dataset, metric, said, unit, rank is null order by if(higher_is_better, value, -value) desc
        )) as rank
    ),
    metric || coalesce(' (' || nullif(array_to_string(said, ', '), '') || ')', '') as metric_name
from named;

create or replace temp view pwc_metrics as
select
    marts.slug(metric_name) as id, metric_name as name,
    case any_value(higher_is_better) when true then 'More is better.' when false then 'Less is better.'
        else 'Whether more is better is not known.' end as description,
    coalesce(not any_value(higher_is_better), false) as is_loss, task as _task, dataset as _dataset
from pwc_levels
group by task, dataset, metric_name;

-- A row a model of a paper, with its values of all metrics.
create or replace temp view pwc_results as
with levels as (
    select
        board.*, coalesce(board.paper_id, board.title, board.entry_id) as of_paper, results.uses_additional_data, results.paper_url
    from pwc_levels as board
    left join marts.fct_reported_results as results using (result_id)
    qualify
        row_number() over (
            partition by board.task, board.dataset, of_paper, board.model, board.metric_name
            order by board.rank nulls last, board.entry_id
        ) = 1
)
select
    min(entry_id) as id, min(rank) as best_rank, map_from_entries(list((metric_name, value_text) order by metric_name)) as metrics,
    coalesce(model, any_value(title), '') as methodology, coalesce(bool_or(uses_additional_data), false) as uses_additional_data,
    any_value(paper_id) as paper, arg_min(metric_name, rank) as best_metric, min(published_on)::varchar as evaluated_on,
    if(any_value(paper_id) is null, any_value(paper_url), null) as external_source_url, task as _task, dataset as _dataset,
    any_value(paper_id) as _paper_id
from levels
group by task, dataset, of_paper, model;
