"""The digest: what is new in a publication for one reader, as text and as HTML that mail programs show."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import css_inline
import duckdb

from transforms.text.repair import clean
from warehouse.clock import now
from warehouse.digest.subscribers import Every, Subscriber
from warehouse.publishing.changes import hash_change, is_told
from warehouse.publishing.papers import IS_NEWS, STRONGEST_CLAIMS, build_page_url
from warehouse.publishing.templates import read_template
from warehouse.storage.connection import rows
from warehouse.storage.publication import published_at

DAYS: dict[Every, int] = {"day": 1, "week": 7}
# What a letter shows whole; further papers by their titles alone. What is beyond that is left for the next letter.
_MAX_PAPERS, _MAX_TITLES, _MAX_HEADS, _MAX_LINKS, _MAX_CHANGES = 15, 100, 8, 8, 8
_LONGEST_HELD_DAYS = 30

# That a paper claims numbers on.
_DATASETS = """(
    select list_distinct(flatten(list(datasets))) from fct_claimed_metrics as claims
    where claims.paper_id = papers.paper_id
) as datasets"""
# New since the last letter: papers of which no load was in the publication of that letter. By loads, as a batch can be
# held back for days, or by landings, which stay as they are in a rebuild; a paper that landed long before comes with
# that, and is no news.
_NEW_SINCE_LETTER = f"""
create or replace temp table new_papers as
with batches as (
    select batch_id, min(finished_at) as loaded_at, min(landed_at) as landed_at
    from load_history where outcome = 'loaded' group by batch_id
)
select paper_id from paper_aliases inner join batches using (batch_id)
group by paper_id having min(loaded_at) > $loaded_until or min(landed_at) > $landed_until::timestamptz
intersect
select paper_id from fct_papers where first_seen_at >= $landed_until::timestamptz - interval {_LONGEST_HELD_DAYS} day
"""
_NEW_SINCE_DAY = (
    "create or replace temp table new_papers as select paper_id from fct_papers where first_seen_at >= $since"
)
# Papers that were listed in the window, by their rank in it; then those that came without any listing.
_PAPERS = f"""
select
    papers.paper_id, coalesce(papers.title, papers.paper_id) as title, papers.abstract, papers.authors,
    papers.arxiv_id, papers.doi, trending.upvote_gain,
    {_DATASETS},
    {STRONGEST_CLAIMS},
    (
        select list(distinct url order by url)[:3] from fct_repo_links
        where paper_id = papers.paper_id and availability = 'available' and starts_with(url, 'http')
    ) as links
from fct_papers as papers
left join trending on papers.paper_id = trending.paper_id and trending.window_days = $days
where
    (trending.paper_id is not null or papers.paper_id in (from new_papers)) and not papers.is_withdrawn and {IS_NEWS}
order by trending.rank nulls last, papers.claim_count desc, papers.paper_id
"""
# Papers that are new and first of leaderboards with at least two papers.
_HEADS = """
with heads as (
    select leaderboard.*, count(distinct paper_id) over (partition by task, dataset, metric, unit, condition) as papers
    from leaderboard
    qualify papers > 1 and rank = 1
)
select
    heads.paper_id, coalesce(any_value(heads.title), heads.paper_id) as title, any_value(papers.arxiv_id) as arxiv_id,
    any_value(papers.doi) as doi,
    list_sort(list(distinct {'board': concat_ws(', ', dataset, metric, condition), 'value': value || ' ' || unit,
    'evidence': coalesce(
        evidence, if(evidence_kind = 'table', 'in a table of its own', 'reported') || coalesce(' for ' || model, '')
    )})) as boards
from heads
inner join fct_papers as papers using (paper_id)
where heads.paper_id in (from new_papers)
group by heads.paper_id
order by min(heads.dataset), heads.paper_id
"""
# What became of links last: code that was promised and has come, and code that is gone.
_LINK_EVENTS = f"""
with last_events as (
    from repo_link_events
    where happened_at >= $since
    qualify row_number() over (partition by paper_id, url order by happened_at desc, kind) = 1
)
select
    events.kind, coalesce(papers.title, papers.paper_id) as title, papers.abstract, papers.authors, {_DATASETS},
    papers.paper_id, papers.arxiv_id, papers.doi, min(events.url) as url
from last_events as events
inner join fct_papers as papers using (paper_id)
inner join fct_repo_links as links on events.paper_id = links.paper_id and events.url = links.url
where events.kind in ('came', 'gone') and links.kind = 'repository'
group by all
order by title, papers.paper_id
"""


@dataclass(frozen=True)
class Digest:
    """papers: with claims and links; others: further papers, by their titles; heads: papers that lead leaderboards;
    code: papers whose promised code has come; gone: papers whose code was there and is not; changes: of what was
    published before, as `read_changes` gives them. left_count: what there is more of, which the next letter tells."""

    every: Every
    version: int  # of the publication
    papers: list[dict[str, Any]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, Any]] = field(default_factory=list)
    code: list[dict[str, Any]] = field(default_factory=list)
    gone: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    left_count: int = 0

    @property
    def keys(self) -> list[str]:
        """'paper:ID' for each paper that it shows, 'code:ID' for each whose code has come, 'gone:ID' for each whose is
        gone, 'change:HASH' for each change."""
        shown = [f"paper:{each['paper_id']}" for each in [*self.papers, *self.others, *self.heads]]
        links = [f"{name}:{each['paper_id']}" for name in ("code", "gone") for each in getattr(self, name)]
        return [*dict.fromkeys(shown), *links, *map(_key_of_change, self.changes)]

    @property
    def subject(self) -> str:
        counts = (
            (len(self.papers) + len(self.others), "paper"),
            (len(self.heads), "at the head of a leaderboard"),
            (len(self.code), "repository that came"),
            (len(self.gone), "repository that is gone"),
            (len(self.changes), "change"),
        )
        return ", ".join(
            f"{count} {_PLURALS.get(name, name) if count > 1 else name}" for count, name in counts if count
        )


_PLURALS = {
    "paper": "papers",
    "repository that came": "repositories that came",
    "repository that is gone": "repositories that are gone",
    "change": "changes",
}


@dataclass(frozen=True)
class Mark:
    """How far a publication goes: the end of its last load, and the last landing of what it holds."""

    loaded_until: datetime
    landed_until: datetime


def mark(connection: duckdb.DuckDBPyConnection) -> Mark:
    """The publication's mark, which the next letter begins at."""
    query = """
        select coalesce((select max(finished_at) from load_history where outcome = 'loaded'), published_at),
            coalesce((select max(landed_at) from load_history where outcome = 'loaded'), published_at)
        from publication
    """
    return Mark(*connection.execute(query).fetchone() or (now(), now()))


def digest(
    connection: duckdb.DuckDBPyConnection,
    subscriber: Subscriber,
    sent: Collection[str] = (),
    last: Mark | None = None,
    changes: Sequence[dict[str, Any]] = (),
) -> Digest:
    """What the publication has for the subscriber since the last letter; without one, of the last day or week before it
    was made.

    sent: keys that are left out, also under ids that a paper has no longer. A paper is shown once, as new or at the
    head of a leaderboard; that its promised code was released, or its code is gone, is reported once as well. changes:
    from an earlier publication to this one, of which it tells what is no news of papers.
    """
    days = DAYS[subscriber.every]
    version, at = published_at(connection)
    sent = _follow_former_ids(connection, sent)
    if last:
        connection.execute(_NEW_SINCE_LETTER, {"loaded_until": last.loaded_until, "landed_until": last.landed_until})
    else:
        connection.execute(_NEW_SINCE_DAY, {"since": at - timedelta(days=days)})
    candidates = rows(connection, _PAPERS, {"days": days})
    wanted = {paper["paper_id"] for paper in candidates if _is_wanted(subscriber, paper)}
    heads = [
        each
        for each in rows(connection, _HEADS)
        if f"paper:{each['paper_id']}" not in sent and each["paper_id"] in wanted
    ]
    at_head = {each["paper_id"] for each in heads[:_MAX_HEADS]}
    papers = [
        paper
        for paper in candidates
        if paper["paper_id"] in wanted - at_head and f"paper:{paper['paper_id']}" not in sent
    ]
    since = min(at, last.landed_until if last else at) - timedelta(days=days)
    happened = [each for each in rows(connection, _LINK_EVENTS, {"since": since}) if _is_wanted(subscriber, each)]
    code = [each for each in happened if each["kind"] == "came" and f"code:{each['paper_id']}" not in sent]
    gone = [each for each in happened if each["kind"] == "gone" and f"gone:{each['paper_id']}" not in sent]
    end = _MAX_PAPERS + _MAX_TITLES
    news = Digest(
        subscriber.every, version, papers[:_MAX_PAPERS], papers[_MAX_PAPERS:end], heads[:_MAX_HEADS],
        code[:_MAX_LINKS], gone[:_MAX_LINKS],
        [each for each in changes if _is_told_to(subscriber, each) and _key_of_change(each) not in sent][:_MAX_CHANGES],
    )  # fmt: skip
    return replace(news, left_count=len(papers[end:]) + len(code[_MAX_LINKS:]) + len(gone[_MAX_LINKS:]))


def _follow_former_ids(connection: duckdb.DuckDBPyConnection, keys: Collection[str]) -> set[str]:
    """The keys, and those that they are now: papers that were told under another id are told."""
    now_by_former = dict(
        connection.execute("select alias, paper_id from paper_aliases where alias_kind = 'former_id'").fetchall()
    )
    kinds_and_ids = (key.partition(":") for key in keys)
    return {*keys, *(f"{kind}:{now_by_former[name]}" for kind, _, name in kinds_and_ids if name in now_by_former)}


def start_mark(connection: duckdb.DuckDBPyConnection, every: Every) -> Mark:
    """The mark before a reader's first letter: a day or a week before the publication was made."""
    _, at = published_at(connection)
    return Mark(at - timedelta(days=DAYS[every]), at - timedelta(days=DAYS[every]))


def _is_wanted(subscriber: Subscriber, paper: dict[str, Any]) -> bool:
    if not subscriber.has_filters:
        return True
    text = f"{paper['title']} {paper['abstract'] or ''}".casefold()
    return (
        any(re.search(rf"\b{re.escape(word.casefold())}\b", text) for word in subscriber.keywords)
        or _share_a_name(subscriber.datasets, paper["datasets"])
        or _share_a_name(subscriber.authors, paper["authors"])
    )


def _is_told_to(subscriber: Subscriber, change: dict[str, Any]) -> bool:
    title = change["title"] or change["before"] or ""
    about = {"title": title, "abstract": None, "datasets": [change["dataset"] or ""], "authors": None}
    return is_told(change) and _is_wanted(subscriber, about)


def _key_of_change(change: dict[str, Any]) -> str:
    return f"change:{hash_change(change)}"


def _share_a_name(wanted: list[str], found: list[str] | None) -> bool:
    return bool({name.casefold() for name in wanted} & {name.casefold() for name in found or []})


def as_text(news: Digest, unsubscribe: str) -> str:
    """The plain text: wrapped by the mail reader, without a character that a terminal could take for a command."""
    return (
        read_template("digest.txt").render(news=news, unsubscribe=unsubscribe, clean=clean, page=build_page_url).strip()
        + "\n"
    )


def as_html(news: Digest, unsubscribe: str) -> str:
    """The HTML: everything that others wrote is escaped, and what style it has stands in each element too, as mail
    programs want it."""
    page = read_template("digest.html").render(news=news, unsubscribe=unsubscribe, clean=clean, page=build_page_url)
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False).inline(page)
