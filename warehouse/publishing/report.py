"""The publication at a glance, as one HTML file: charts as SVG, tables, no script, no server, no network."""

import itertools
import re
from pathlib import Path
from typing import Any

import duckdb
import yaml
from markupsafe import Markup

from transforms.text.repair import clean
from warehouse.publishing.charts import BLUE, draw
from warehouse.publishing.papers import build_page_url
from warehouse.publishing.templates import read_template
from warehouse.storage.connection import rows
from warehouse.storage.publication import published_at

_WIDTH = 620
_COLOURS = yaml.safe_load(Path(__file__).with_name("colours.yml").read_text("utf-8"))
_IN_ORDER = re.compile(r"\d{4}|not known")  # years

_NUMBERS = """
select
    (select count(*) from fct_papers) as papers,
    (select count(*) from fct_claimed_metrics) as claims,
    (select count(distinct dataset) from brg_claim_datasets) as datasets,
    (select count(*) from fct_repo_links where url is not null) as links,
    (select round(100 * avg((repo_link_count > 0)::integer), 1) from fct_papers) as percent_with_code
"""
# A chart: its title, its query (name, amount and, where bars are stacked, part), and what the bars count.
_CHARTS = (
    (
        "Papers by source",
        "select source as name, count(distinct paper_id) as amount from paper_aliases group by source",
        "papers",
    ),
    (
        "What is claimed most, by metric",
        """
        select metric as name, kind as part, count(*) as amount from fct_claimed_metrics
        where metric in (
            select metric from fct_claimed_metrics where metric is not null
            group by metric order by count(*) desc, metric limit 15
        )
        group by all
        """,
        "claims",
    ),
    (
        "On what most, by dataset",
        (
            "select dataset as name, count(*) as amount from brg_claim_datasets group by dataset order by amount "
            "desc, name limit 15"
        ),
        "claims",
    ),
    (
        "Claims by the year in which the paper was published",
        """
        select coalesce(year(published_on)::varchar, 'not known') as name, coalesce(family, 'other') as part,
        count(*) as amount
        from fct_claimed_metrics inner join fct_papers using (paper_id) left join dim_metrics using (metric)
        group by all
        """,
        "claims",
    ),
    (
        "Links, by what they lead to",
        (
            "select replace(kind, '_', ' ') as name, availability as part, count(*) as amount from fct_repo_links "
            "group by all"
        ),
        "links",
    ),
)
_BOARDS = """
with largest as (
    select task, dataset, metric, unit, condition, count(distinct paper_id) as papers from leaderboard
    where rank is not null
    group by all having papers > 1
    order by papers desc, dataset, metric, unit, task, condition limit 8
)
select
    board.task, board.dataset, board.metric, board.condition, board.unit, board.rank, board.value,
    coalesce(board.title, board.model) as title,
    coalesce(board.evidence, 'Reported for ' || board.model || '.', '') as evidence, board.paper_id, papers.arxiv_id,
    papers.doi
from leaderboard as board
left join fct_papers as papers using (paper_id)
inner join largest
    on board.task is not distinct from largest.task and board.dataset = largest.dataset
    and board.metric = largest.metric and board.unit = largest.unit
    and board.condition is not distinct from largest.condition
where board.rank is not null
qualify
    row_number() over (
        partition by board.task, board.dataset, board.metric, board.unit, board.condition order by rank, entry_id
    ) <= 3
order by
    largest.papers desc, board.dataset, board.metric, board.unit, board.task, board.condition, board.rank,
    board.entry_id
"""
_LOADS = """
select source, original_name, outcome, paper_count, reject_count, claim_count, finished_at from load_history
order by finished_at desc, load_id limit 12
"""


def report(connection: duckdb.DuckDBPyConnection) -> str:
    """The page. Whatever others wrote in it is escaped."""
    version, at = published_at(connection)
    charts = [(title, _chart(rows(connection, query), unit)) for title, query, unit in _CHARTS]
    return read_template("report.html").render(
        version=version,
        published_at=at,
        numbers=rows(connection, _NUMBERS)[0],
        charts=[(title, picture) for title, picture in charts if picture],
        boards=rows(connection, _BOARDS),
        loads=rows(connection, _LOADS),
        clean=clean,
        page=build_page_url,
    )


def _chart(bars: list[dict[str, Any]], unit: str) -> Markup | None:
    """Bars, the longest first (years in their order), as SVG; None where there is nothing to show."""
    if not bars:
        return None
    values = [bar | {"name": clean(str(bar["name"]))[:40]} for bar in bars]
    values.sort(key=lambda bar: (bar["name"], str(bar.get("part"))))  # one picture of one publication
    is_ordered = all(_IN_ORDER.fullmatch(bar["name"]) for bar in values)
    order = {"field": "name", "order": "ascending"} if is_ordered else "-x"
    amount = {"aggregate": "sum", "field": "amount", "type": "quantitative"}
    encoding: dict[str, Any] = {
        "x": amount | {"title": unit, "axis": {"tickMinStep": 1, "format": ",d"}},
        "y": {"field": "name", "type": "nominal", "title": None, "sort": order, "axis": {"labelLimit": 220}},
    }
    if "part" in bars[0]:
        encoding["color"] = {
            "field": "part",
            "type": "nominal",
            "title": None,
            "scale": _choose_colours(sorted({str(bar["part"]) for bar in bars})),
            # The padding is for readers whose font is wider than the one that is measured here.
            "legend": {"orient": "top", "columns": 3, "columnPadding": 40, "labelLimit": 300},
        }
    chart = {"data": {"values": values}, "width": _WIDTH, "mark": {"type": "bar", "color": BLUE}, "encoding": encoding}
    return Markup(draw(chart))  # noqa: S704 - vl-convert escapes text


def _choose_colours(parts: list[str]) -> dict[str, list[str]]:
    """The scale of the parts: those that have a colour of their own have it, the others one of the rest."""
    taken = {_COLOURS["values"].get(part) for part in parts}
    others = itertools.cycle([colour for colour in _COLOURS["others"] if colour not in taken])
    return {"domain": parts, "range": [_COLOURS["values"].get(part) or next(others) for part in parts]}
