"""What is worth a person's look: heads of boards that no leaderboard reports, values far from the others, abstracts
that differ from tables or reports, rows that are less sure, metrics whose direction nobody knows."""

from collections.abc import Collection
from itertools import islice
from typing import Any

import duckdb

from warehouse.storage.connection import rows

Facts = dict[str, Any]

_QUEUE = """
with boards as (
    select
        *, coalesce(claim_id, result_id, cell_id) as number_id,
        case
            when result_id is not null then 'reported' when claim_id is not null then 'claim' else 'table'
        end as target,
        count(rank) over (partition by task, dataset, metric, unit, condition) as ranked_count
    from leaderboard
    where verdict is null and paper_id is not null
),
found as (
    select
        case
            when is_outlier then 1
            when rank = 1 and result_id is null and ranked_count > 1 then 2
            when not is_sure then 4
        end as priority,
        case priority
            when 1 then 'far from the other values of its board'
            when 2 then 'head of a board, and no leaderboard reports it'
            when 4 then 'less sure'
        end as why,
        target, paper_id, number_id, claim_id, cell_id, value_text, dataset, metric, condition, task, model, confidence
    from boards
    where priority is not null
    union all by name
    select
        3 as priority,
        concat(
            'the abstract has ', claimed_text, ', ',
            case checked_against
                when 'table' then 'its own table ' when 'quoted' then 'a paper that quotes it ' else 'a leaderboard '
            end, reported_text
        ) as why,
        'claim' as target, checks.paper_id, claim_id as number_id, claim_id, checks.cell_id, claimed_text as value_text,
        checks.dataset, checks.metric, claims.condition, claims.confidence
    from claim_checks as checks inner join fct_claimed_metrics as claims using (claim_id)
    where outcome = 'differ' and claims.verdict is null
    union all by name
    select
        5 as priority, 'whether more is better is not known, of ' || count(*) || ' results' as why, 'metric' as target,
        metric as number_id, metric
    from leaderboard where higher_is_better is null group by metric having count(*) > 1
)
select
    found.*, stable.item_id, papers.title, coalesce(papers.arxiv_id, papers.title) as paper,
    claims.char_start, claims.section, claims.evidence, claims.claim_id is not null as is_claim,
    if(claims.section = 'title', papers.title, papers.abstract) as text,
    concat_ws(' / ', 'Table ' || tables.table_number, array_to_string(cells.row_path, ', '),
        array_to_string(cells.column_path, ', ')) as place, tables.caption
from found
cross join lateral (select md5(concat_ws('|', target, number_id, dataset, metric)) as item_id) as stable
left join fct_papers as papers using (paper_id)
left join fct_claimed_metrics as claims using (claim_id)
left join fct_table_cells as cells using (cell_id)
left join fct_tables as tables using (table_id)
qualify row_number() over (partition by item_id order by priority) = 1
order by priority, confidence nulls last, item_id
"""


def read_queue(connection: duckdb.DuckDBPyConnection, answered: Collection[str], most: int) -> list[Facts]:
    """What waits for a look, the most urgent first: item_id, why, target ('claim', 'table', 'reported' or 'metric'),
    paper, title, value_text, dataset, metric, condition, task, model, confidence, evidence or place and caption.
    answered: the items that have an answer since the publication."""
    waiting = (item for item in rows(connection, _QUEUE) if item["item_id"] not in answered)
    return list(islice(waiting, most))
