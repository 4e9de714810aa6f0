"""Resolve: which paper each record is of. The records of new loads are compared with known ones; nothing else is read
again.

transforms/identity/ has the rules. Kept in the build database: the mentions, the keys that they are found
by, the edges between them, and each one's paper. Computed again for all where the rules changed, else for the mentions
that new loads speak of and those they touch, by what they are now and what they were: the outcome is that of
resolving everything again.
"""

from collections import defaultdict
from dataclasses import dataclass

import duckdb
import polars as pl

from transforms.identity.blocking import HEAD_CHARACTERS, block_parts, blocking_keys, prefilter_pairs
from transforms.identity.clustering import cluster_mentions
from transforms.identity.keys import ABSTRACT_HEAD_CHARACTERS, abstract_head
from transforms.identity.matching import CANNOT_LINK, EDGES, TEXT_RULES, score_pairs
from transforms.identity.mentions import EXCLUSIVE_IDS, TitleWords
from transforms.parallel import parallel_map
from warehouse.clock import timed
from warehouse.storage.connection import insert_frame, rows, scalar, transaction
from warehouse.storage.published_ids import find_anchors
from warehouse.vocabularies import read_vocabulary

# Of a block of more mentions than this, those are compared that share a finer part: an author, a longer beginning.
_MAX_COMPARED = 300
_PAIR_CHUNK_SIZE = 1_000_000
_MENTION_CHUNK_SIZE = 500_000
_CHUNK_SIZE = 50_000  # by one process
_TITLE_RULES = (*TEXT_RULES, CANNOT_LINK)

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

# Each group of mentions that share a value is a star around its least mention. Touched are the values that changed
# mentions have, and those that they had.
_ID_EDGES = """
create or replace temp table stars as
with valued as (
    select mention_id, {value} as value from raw.mentions where {value} is not null
),
touched as (
    select value from valued semi join changed using (mention_id)
    union select {value} from mentions_before where {value} is not null
)
select mention_id, min(mention_id) over (partition by value) as hub from valued where value in (from touched)
"""

# Of two mentions with arXiv ids nothing is asked, so that a block of such alone has no pair.
_MEMBERS = """
create or replace temp table members as
with without_arxiv_id as (
    select key from raw.mention_keys semi join (from raw.mentions where arxiv_id is null) using (mention_id)
)
select key, is_text, mention_id from raw.mention_keys
where key in (select key from ({keys}) as asked semi join without_arxiv_id using (key))
"""

# What a paper and its id may depend on: all that an edge joins now or joined before, and all that would have one id.
# It is asked again until it grows no more.
_WIDEN = """
create or replace temp table affected as
select mention_id from affected
union select mention_id from raw.mention_papers
    where component in (select component from raw.mention_papers where mention_id in (from affected))
union select a from raw.mention_edges where b in (from affected)
union select b from raw.mention_edges where a in (from affected)
union select mention_id from raw.mentions where own_id in (
    select own_id from raw.mentions where mention_id in (from affected) union select own_id from mentions_before
)
"""

# A paper keeps the id that it was published under, the oldest where it had several; else its id is the own id of its
# earliest mention. Where another paper has that already, or was published under it, the mention's hash is appended.
_PAPERS = """
create or replace temp table resolved as
with members as (
    select
        mention_id, own_id, landed_at,
        coalesce(memberships.cluster, mention_id) as cluster,
        coalesce(memberships.component, mention_id) as component,
        memberships.matched_by, memberships.match_score,
        (own_id like 'title:%')::integer as is_title,
        count(*) over (partition by own_id, left(mention_id, 6)) = 1 as is_short_unique
    from raw.mentions semi join affected using (mention_id) left join memberships using (mention_id)
),
firsts as (
    select *
    from members
    qualify row_number() over (partition by cluster order by landed_at, is_title, own_id, mention_id) = 1
),
kept as (
    select cluster, published_id as paper_id
    from anchors inner join members using (mention_id)
    qualify row_number() over (partition by cluster order by number, published_id like 'title:%', published_id) = 1
),
suffixed as (
    select
        cluster, own_id,
        own_id || '~' || if(
            is_short_unique and own_id || '~' || left(mention_id, 6) not in (select paper_id from raw.published_ids),
            left(mention_id, 6), mention_id
        ) as with_suffix,
        row_number() over (partition by own_id order by landed_at, mention_id) = 1
        and own_id not in (select paper_id from raw.published_ids) as is_free
    from firsts anti join kept using (cluster)
),
named as (
    select cluster, paper_id from kept
    union all select cluster, if(is_free, own_id, with_suffix) from suffixed
)
select
    members.mention_id, named.paper_id, members.component,
    if(members.mention_id = firsts.mention_id, 'first', coalesce(members.matched_by, 'first')) as matched_by,
    if(members.mention_id = firsts.mention_id, 1.0, coalesce(members.match_score, 1.0)) as match_score
from members inner join named using (cluster) inner join firsts using (cluster)
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
    words = TitleWords(read_vocabulary().rows("title_words"))
    is_full = since_load_number == 0
    with timed() as watch, transaction(connection):
        if is_full:
            for table in ("mentions", "mention_keys", "mention_parts", "mention_edges"):
                connection.execute(f"delete from raw.{table}")
        connection.execute(
            "create or replace temp table changed as select distinct mention_id from raw.papers where load_number > ?",
            [since_load_number],
        )
        _refresh_mentions(connection, words)
        _match_by_ids(connection)
        pair_count = _match_by_titles(connection, words)
        _apply_merge_overrides(connection)
        papers_changed = _assign(connection, load_number, is_full)
        changed_count, mention_count = (
            scalar(connection, f"select count(*) from {table}") for table in ("changed", "raw.mentions")
        )
    return Resolution(mention_count, changed_count, pair_count, papers_changed, watch.seconds)


def _refresh_mentions(connection: duckdb.DuckDBPyConnection, words: TitleWords) -> None:
    """Makes the changed mentions anew, with their keys; what they were stays in temporary tables."""
    for table, before in (("mentions", "mentions"), ("mention_keys", "keys"), ("mention_parts", "parts")):
        connection.execute(
            f"create or replace temp table {before}_before as from raw.{table} where mention_id in (from changed)"
        )
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
        insert_frame(connection, "raw.mention_parts", block_parts(mentions))


def _match_by_ids(connection: duckdb.DuckDBPyConnection) -> None:
    spaces = {
        "source_record_id": "source || chr(10) || source_record_id",
        **{name: name for name in (*EXCLUSIVE_IDS, "doi")},
    }
    for rule, value in spaces.items():
        connection.execute(_ID_EDGES.format(value=value))
        connection.execute(
            "delete from raw.mention_edges where matched_by = ? and (a in (select mention_id from stars) or b in "
            "(select mention_id from stars))",
            [rule],
        )
        edges = "from stars select hub as a, mention_id as b, ? as matched_by, 1.0 as match_score where a <> b"
        # DuckDB 1.5.5 loses a large insert that follows an empty one into the same table in a transaction:
        # tests/warehouse/storage/test_database.py.
        if scalar(connection, "select count(*) from stars where hub <> mention_id"):
            connection.execute(f"insert into raw.mention_edges by name {edges}", [rule])


def _pieces(members: str, parts: str) -> str:
    """The mentions of blocks, cut into pieces in which all are compared with all. Which pieces a mention is in depends
    on the records alone."""
    return f"""
        with sized as (
            select *, count(*) over (partition by key) as size from {members}
        ),
        parted as (
            select key, part, is_text, mention_id, count(*) over (partition by key, part) as part_size
            from sized inner join {parts} using (mention_id) where size > {_MAX_COMPARED}
        )
        select key, 0::ubigint as part, is_text, mention_id from sized where size <= {_MAX_COMPARED}
        union all
        select key, part, is_text, mention_id from parted where part_size <= {_MAX_COMPARED}
    """


def _find_stirred(connection: duckdb.DuckDBPyConnection) -> None:
    """stirred: all that changed, and where a block grew over the bound, or shrank below it, the mentions of which pairs
    are compared no more, or for the first time."""
    connection.execute(f"""
        create or replace temp table stirred as
        with before as (
            select key, is_text, mention_id from members where mention_id not in (from changed)
            union all
            select key, is_text, mention_id from keys_before where key in (select key from members)
        ),
        parts_of_before as (
            select mention_id, part from raw.mention_parts where mention_id not in (from changed)
            union all
            select mention_id, part from parts_before
        ),
        big as (
            select key from members group by key having count(*) > {_MAX_COMPARED}
            union select key from before group by key having count(*) > {_MAX_COMPARED}
        ),
        big_members as (from members where key in (from big)),
        big_before as (from before where key in (from big)),
        pieces as ({_pieces("big_members", "raw.mention_parts")}),
        pieces_before as ({_pieces("big_before", "parts_of_before")})
        select mention_id from changed
        union select mention_id from (from pieces except from pieces_before)
        union select mention_id from (from pieces_before except from pieces)
    """)


def _find_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """pairs: the mentions (a, b) of one piece of which one was stirred, numbered; is_text: they share an abstract's
    beginning."""
    connection.execute(f"""
        create or replace temp table pairs as
        with pieces as ({_pieces("members", "raw.mention_parts")}),
        ids as (select mention_id, source, source_record_id, arxiv_id, acl_id, openreview_id, doi from raw.mentions),
        candidates as (
            select
                least(one.mention_id, other.mention_id) as a, greatest(one.mention_id, other.mention_id) as b,
                bool_or(one.is_text) as is_text
            from pieces as one inner join pieces as other on one.key = other.key and one.part = other.part
            where
                one.mention_id in (from stirred)
                and (one.mention_id < other.mention_id or other.mention_id not in (from stirred))
                and one.mention_id <> other.mention_id
            group by 1, 2
        )
        select a, b, is_text, row_number() over () - 1 as number
        from candidates inner join ids as one on a = one.mention_id inner join ids as other on b = other.mention_id
        where
            -- Equal ids are edges already, and different ones contradict.
            (one.arxiv_id is null or other.arxiv_id is null)
            and (one.acl_id is null or other.acl_id is null)
            and (one.openreview_id is null or other.openreview_id is null)
            and (one.doi is null or other.doi is null or one.doi <> other.doi)
            and (one.source <> other.source or one.source_record_id <> other.source_record_id)
    """)


def _match_by_titles(connection: duckdb.DuckDBPyConnection, words: TitleWords) -> int:
    """Compares the mentions that were stirred with all that share a piece of a block; returns how many pairs there
    were."""
    connection.execute(
        _MEMBERS.format(
            keys="select key from raw.mention_keys semi join changed using (mention_id) union select key from "
            "keys_before",
        )
    )
    _find_stirred(connection)
    connection.execute(
        "delete from raw.mention_edges where list_contains($1, matched_by) and (a in (from stirred) or b in (from "
        "stirred))",
        [list(_TITLE_RULES)],
    )
    connection.execute(_MEMBERS.format(keys="select key from raw.mention_keys semi join stirred using (mention_id)"))
    _find_pairs(connection)
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
    for override in read_vocabulary().rows("identity_overrides"):
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
    _find_affected(connection, is_full)
    edges = connection.execute("from raw.mention_edges where a in (from affected) or b in (from affected)").fetchall()
    connection.execute(
        "create or replace temp table memberships (mention_id varchar, cluster varchar, component varchar, "
        "matched_by varchar, match_score double)"
    )
    insert_frame(connection, "memberships", cluster_mentions(edges, _exclusive_ids(connection)))
    find_anchors(connection)
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
    for table in ("mention_papers", "former_ids"):
        connection.execute(f"delete from raw.{table}" + ("" if is_full else " where mention_id in (from affected)"))
    connection.execute("insert into raw.mention_papers by name from resolved")
    connection.execute(
        "insert into raw.former_ids by name select published_id as former_id, paper_id, mention_id from anchors inner "
        "join resolved using (mention_id) where published_id <> paper_id"
    )
    count: int = scalar(connection, "select count(*) from changes")
    return count


def _find_affected(connection: duckdb.DuckDBPyConnection, is_full: bool) -> None:
    """affected: the mentions whose paper, or its id, may be another than before."""
    everything = "select mention_id from raw.mentions"
    connection.execute(f"create or replace temp table affected as {everything if is_full else 'from stirred'}")
    count = 0
    while not is_full and count != (count := scalar(connection, "select count(*) from affected")):
        connection.execute(_WIDEN)


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
    for i, override in enumerate(read_vocabulary().rows("identity_overrides")):
        if override["action"] == "split":
            for side in ("id_a", "id_b"):
                for mention_id in _named(connection, override[side]):
                    held[mention_id].append((f"split {i}", side))
    return held
