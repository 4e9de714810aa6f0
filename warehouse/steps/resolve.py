"""Resolve: which paper each record is of. The records of new loads are compared with known ones; nothing else is read
again.

transforms/identity/ has the rules. Kept in the build database: the mentions, the keys that they are found
by, the edges between them, and each one's paper. Computed again for all where the rules changed, else for the mentions
that new loads speak of and those they touch.
"""

from collections import defaultdict
from dataclasses import dataclass

import duckdb
import polars as pl

from transforms.identity.blocking import HEAD_CHARACTERS, blocking_keys, prefilter_pairs
from transforms.identity.clustering import cluster_mentions
from transforms.identity.keys import ABSTRACT_HEAD_CHARACTERS, abstract_head
from transforms.identity.matching import EDGES, score_pairs
from transforms.identity.mentions import EXCLUSIVE_IDS, TitleWords
from transforms.parallel import parallel_map
from warehouse.clock import timed
from warehouse.storage.connection import insert_frame, rows, scalar, transaction
from warehouse.vocabularies import vocabulary

# A block of more mentions than this is not compared all with all, but each with its next neighbours in the order of
# titles.
_MAX_COMPARED, _NEIGHBOURS = 300, 20
_PAIR_CHUNK_SIZE = 1_000_000
_MENTION_CHUNK_SIZE = 500_000
_CHUNK_SIZE = 50_000  # by one process

_MENTIONS = """
insert into raw.mentions by name
select
    mention_id,
    any_value(source) as source,
    any_value(source_record_id) as source_record_id,
    any_value(title_key) as title_key,
    min({'landed_at': landed_at, 'own_id': own_id}).own_id as own_id,
    min(arxiv_id) as arxiv_id,
    min(doi) as doi,
    min(acl_id) as acl_id,
    min(openreview_id) as openreview_id,
    max({'count': len(authors), 'authors': authors}).authors as authors,
    min(year) as year,
    min(landed_at) as landed_at
from raw.papers where mention_id in (select mention_id from changed)
group by mention_id
"""

# Each group of mentions that share a value is a star around its least mention.
_ID_EDGES = """
with valued as (
    select mention_id, {value} as value from raw.mentions where {value} is not null
),
touched as (
    select * from valued where value in (select value from valued semi join changed using (mention_id))
),
stars as (
    select mention_id, min(mention_id) over (partition by value) as hub from touched
)
select hub as a, mention_id as b, '{rule}' as matched_by, 1.0::double as match_score from stars where mention_id <> hub
"""

_PAIRS = f"""
create or replace temp table pairs as
with without_arxiv_id as (
    select key from raw.mention_keys semi join (from raw.mentions where arxiv_id is null) using (mention_id)
),
-- Of two mentions with arXiv ids nothing is asked, so that a block of such alone has no pair.
touched as (
    select distinct key from raw.mention_keys semi join changed using (mention_id) semi join without_arxiv_id using
        (key)
),
members as (
    select
        key, is_text, mention_id, source, source_record_id, title_key, arxiv_id, acl_id, openreview_id, doi,
        row_number() over (partition by key order by title_key, mention_id) as position,
        count(*) over (partition by key) as size
    from raw.mention_keys semi join touched using (key) inner join raw.mentions using (mention_id)
    qualify size > 1
)
select
    least(a.mention_id, b.mention_id) as a, greatest(a.mention_id, b.mention_id) as b, bool_or(a.is_text) as is_text,
    row_number() over () - 1 as number
from members as a inner join members as b on a.key = b.key
where
    a.position < b.position and b.position <= a.position + if(a.size <= {_MAX_COMPARED}, {_MAX_COMPARED}, {_NEIGHBOURS})
    and (a.mention_id in (from changed) or b.mention_id in (from changed))
    -- Equal ids are edges already, and different ones contradict.
    and (a.arxiv_id is null or b.arxiv_id is null)
    and (a.acl_id is null or b.acl_id is null)
    and (a.openreview_id is null or b.openreview_id is null)
    and (a.doi is null or b.doi is null or a.doi <> b.doi)
    and (a.source <> b.source or a.source_record_id <> b.source_record_id)
group by 1, 2
"""

_AFFECTED = """
create or replace temp table affected as
with near as (
    select mention_id from changed
    union select a from raw.mention_edges where b in (from changed)
    union select b from raw.mention_edges where a in (from changed)
),
named_alike as (
    select mention_id from raw.mentions where own_id in (select own_id from raw.mentions semi join near using
        (mention_id))
    union from near
)
select distinct mentions.mention_id
from raw.mentions as mentions left join raw.mention_papers as papers using (mention_id)
where
    mention_id in (from named_alike)
    or papers.component in (select component from raw.mention_papers where mention_id in (from named_alike))
"""

# A paper's id is the own id of its earliest mention; where another paper has it already, the mention's hash is
# appended.
_PAPERS = """
create or replace temp table resolved as
with members as (
    select
        mention_id, own_id, landed_at,
        coalesce(memberships.cluster, mention_id) as cluster,
        coalesce(memberships.component, mention_id) as component,
        memberships.matched_by, memberships.match_score,
        (own_id like 'title:%')::integer as is_title
    from raw.mentions semi join affected using (mention_id) left join memberships using (mention_id)
),
firsts as (
    select *
    from members
    qualify row_number() over (partition by cluster order by landed_at, is_title, own_id, mention_id) = 1
),
named as (
    select
        cluster, mention_id as first_mention_id,
        own_id || if(row_number() over (partition by own_id order by landed_at, mention_id) = 1, '',
        '~' || substring(mention_id, 1, 6)) as paper_id
    from firsts
)
select
    members.mention_id, named.paper_id, members.component,
    if(members.mention_id = named.first_mention_id, 'first', coalesce(members.matched_by, 'first')) as matched_by,
    if(members.mention_id = named.first_mention_id, 1.0, coalesce(members.match_score, 1.0)) as match_score
from members inner join named using (cluster)
"""


@dataclass(frozen=True)
class Resolution:
    """What a resolution did. changed: mentions looked at; pairs: compared; papers_changed: that gained or lost a
    record."""

    mention_count: int
    changed_count: int
    pair_count: int
    papers_changed: int
    seconds: float


def resolve(connection: duckdb.DuckDBPyConnection, since_load_number: int, load_number: int) -> Resolution:
    """Finds the paper of every record of the loads after since_load_number (0: of all) and writes raw.mention_papers,
    in one transaction.

    raw.paper_changes gets every paper that a record came to or left, with load_number.
    """
    words = TitleWords(vocabulary().rows("title_words"))
    with timed() as watch, transaction(connection):
        if since_load_number == 0:
            for table in ("mentions", "mention_keys", "mention_edges"):
                connection.execute(f"delete from raw.{table}")
        connection.execute(
            "create or replace temp table changed as select distinct mention_id from raw.papers where load_number > ?",
            [since_load_number],
        )
        _refresh_mentions(connection, words)
        _match_by_ids(connection)
        pair_count = _match_by_titles(connection, words)
        _apply_merge_overrides(connection)
        papers_changed = _assign(connection, load_number, is_full=since_load_number == 0)
        changed_count, mention_count = (
            scalar(connection, f"select count(*) from {table}") for table in ("changed", "raw.mentions")
        )
    return Resolution(mention_count, changed_count, pair_count, papers_changed, watch.seconds)


def _refresh_mentions(connection: duckdb.DuckDBPyConnection, words: TitleWords) -> None:
    for table in ("mentions", "mention_keys"):
        connection.execute(f"delete from raw.{table} where mention_id in (from changed)")
    connection.execute(_MENTIONS)
    connection.execute("delete from raw.mention_edges where a in (from changed) or b in (from changed)")
    has_keys = scalar(connection, "select exists (from raw.mention_keys)")
    if not has_keys and not scalar(connection, "select exists (from raw.mentions where arxiv_id is null)"):
        return  # two mentions with arXiv ids are not compared: while all have one, no keys are needed
    unkeyed = "select mention_id from raw.mentions" + (" semi join changed using (mention_id)" if has_keys else "")
    for piece in pl.DataFrame(connection.sql(unkeyed)).iter_slices(_MENTION_CHUNK_SIZE):
        mentions = _mentions(connection, piece["mention_id"], 3 * HEAD_CHARACTERS)
        for keys in parallel_map(blocking_keys, list(mentions.iter_slices(_CHUNK_SIZE)), words):
            insert_frame(connection, "raw.mention_keys", keys)


def _match_by_ids(connection: duckdb.DuckDBPyConnection) -> None:
    spaces = {
        "source_record_id": "source || chr(10) || source_record_id",
        **{name: name for name in (*EXCLUSIVE_IDS, "doi")},
    }
    for rule, value in spaces.items():
        connection.execute(f"create or replace temp table stars as {_ID_EDGES.format(rule=rule, value=value)}")
        connection.execute(
            "delete from raw.mention_edges where matched_by = ? and (a in (select b from stars) or b in "
            "(select b from stars))",
            [rule],
        )
        # DuckDB 1.5.5 loses a large insert that follows an empty one into the same table in a transaction:
        # tests/warehouse/storage/test_database.py.
        if scalar(connection, "select count(*) from stars"):
            connection.execute("insert into raw.mention_edges from stars")


def _match_by_titles(connection: duckdb.DuckDBPyConnection, words: TitleWords) -> int:
    """Compares the mentions that changed with all that share a key; returns how many pairs there were."""
    connection.execute(_PAIRS)
    titled = """
        select a, b, is_text, one.title_key as title_a, other.title_key as title_b from (from pairs where number >= {}
            and number < {})
        inner join raw.mentions as one on a = one.mention_id inner join raw.mentions as other on b = other.mention_id
    """
    pair_count: int = scalar(connection, "select count(*) from pairs")
    starts = range(0, pair_count, _PAIR_CHUNK_SIZE)
    near = [
        prefilter_pairs(pl.DataFrame(connection.sql(titled.format(start, start + _PAIR_CHUNK_SIZE)))).select("a", "b")
        for start in starts
    ]
    for piece in pl.concat(near).sort("a", "b").iter_slices(_PAIR_CHUNK_SIZE) if near else ():
        mentions = _mentions(connection, pl.concat([piece["a"], piece["b"]]).unique())
        for edges in parallel_map(
            score_pairs, [_with_mentions(part, mentions) for part in piece.iter_slices(_CHUNK_SIZE)], words
        ):
            insert_frame(connection, "raw.mention_edges", edges)
    return pair_count


def _with_mentions(pairs: pl.DataFrame, mentions: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The pairs, and those of the mentions that they name."""
    named = pl.concat([pairs["a"], pairs["b"]]).unique().to_frame("mention_id")
    return pairs, mentions.join(named, on="mention_id", how="semi")


def _mentions(
    connection: duckdb.DuckDBPyConnection,
    mention_ids: pl.Series,
    abstract_characters: int = 2 * ABSTRACT_HEAD_CHARACTERS,
) -> pl.DataFrame:
    """What is compared of the mentions: mention_id, title_key, authors, year, abstract_head (of so many characters of
    the longest abstract)."""
    connection.execute("create or replace temp table asked (mention_id varchar)")
    insert_frame(connection, "asked", mention_ids.to_frame("mention_id"))
    query = f"""
        select mention_id, title_key, authors, year, abstract
        from raw.mentions semi join asked using (mention_id)
        left join (
            select mention_id, max({{'n': length(abstract), 't': left(abstract, {abstract_characters})}}).t as abstract
            from raw.papers semi join asked using (mention_id) where abstract is not null group by mention_id
        ) using (mention_id)
    """
    return (
        pl.DataFrame(connection.sql(query))
        .with_columns(abstract_head=abstract_head(pl.col("abstract")))
        .drop("abstract")
    )


def _apply_merge_overrides(connection: duckdb.DuckDBPyConnection) -> None:
    """The merges of the seed identity_overrides; its splits are ids that contradict each other."""
    connection.execute("delete from raw.mention_edges where matched_by = 'override'")
    found = []
    for override in vocabulary().rows("identity_overrides"):
        if override["action"] == "merge":
            hub, *others = sorted({*_named(connection, override["id_a"]), *_named(connection, override["id_b"])}) or [
                ""
            ]
            found += [(hub, other, "override", 1.0) for other in others]
    insert_frame(connection, "raw.mention_edges", pl.DataFrame(sorted(set(found)), schema=EDGES, orient="row"))


def _named(connection: duckdb.DuckDBPyConnection, alias: str) -> list[str]:
    """The mentions that an id names: an own id, arXiv id, DOI, ACL or OpenReview id, or SOURCE:SOURCE_RECORD_ID."""
    query = """
        select mention_id from raw.mentions
        where $1 in (own_id, arxiv_id, doi, acl_id, openreview_id, source || ':' || source_record_id)
    """
    return [mention_id for (mention_id,) in connection.execute(query, [str(alias)]).fetchall()]


def _assign(connection: duckdb.DuckDBPyConnection, load_number: int, is_full: bool) -> int:
    """Clusters what is affected and gives each mention its paper; returns how many papers changed."""
    connection.execute(
        "create or replace temp table affected as select mention_id from raw.mentions" if is_full else _AFFECTED
    )
    edges = connection.execute("from raw.mention_edges where a in (from affected) or b in (from affected)").fetchall()
    connection.execute(
        "create or replace temp table memberships (mention_id varchar, cluster varchar, component varchar, "
        "matched_by varchar, match_score double)"
    )
    insert_frame(connection, "memberships", cluster_mentions(edges, _exclusive_ids(connection)))
    connection.execute(_PAPERS)
    before = "raw.mention_papers" if is_full else "(from raw.mention_papers semi join affected using (mention_id))"
    moved = (
        f"from {before} as old full join resolved as new using (mention_id) where old.paper_id is distinct "
        f"from new.paper_id"
    )
    connection.execute(
        f"create or replace temp table changes as select distinct unnest([old.paper_id, new.paper_id]) as "
        f"paper_id {moved}"
    )
    connection.execute("delete from changes where paper_id is null")
    connection.execute("insert into raw.paper_changes select paper_id, ? from changes", [load_number])
    connection.execute("delete from raw.mention_papers" + ("" if is_full else " where mention_id in (from affected)"))
    connection.execute("insert into raw.mention_papers by name from resolved")
    count: int = scalar(connection, "select count(*) from changes")
    return count


def _exclusive_ids(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """For each affected mention the ids of which a paper has one, with a side for each forced split that it is on."""
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    linked = (
        "mention_id in (select a from raw.mention_edges union select b from raw.mention_edges) and "
        "mention_id in (from affected)"
    )
    for space in EXCLUSIVE_IDS:
        query = f"select mention_id, {space} as value from raw.mentions where {space} is not null and {linked}"
        for row in rows(connection, query):
            held[row["mention_id"]].append((space, row["value"]))
    for i, override in enumerate(vocabulary().rows("identity_overrides")):
        if override["action"] == "split":
            for side in ("id_a", "id_b"):
                for mention_id in _named(connection, override[side]):
                    held[mention_id].append((f"split {i}", side))
    return held
