"""The index of a table's words, for sql/bm25.sql: which word stands how often in which text, and how long texts are.

What BM25 weighs by, document frequencies and the mean length, is computed when a search asks, so no posting changes
when others come: new texts add postings behind the others, texts that are gone are in `gone`, no longer in `docs`.
Postings are in the order of words, so that a search reads the blocks of its own words alone; once those that were added
are a quarter of the sorted ones, all are sorted anew and those of gone texts dropped.

Texts are read some at a time, as the words of a million of them would not stay in memory. They are split at spaces
alone, by polars; each distinct piece is split into words, and those stemmed, once.
"""

import duckdb
import polars as pl

from warehouse.storage.connection import insert_frame, scalar

_ROW_CHUNK_SIZE = 2 * 122_880  # row groups of DuckDB, which its threads share
_TEXTS_AT_ONCE = 60_000
_HALF = 2**32  # of an integer of 64 bits
_MOST_OFTEN = 65_535
_MOST_ADDED = 0.25  # of the sorted postings

# next_docid: numbers of texts are given once, as postings of gone ones stay for a while.
_CREATE = """
create schema {index};
create table {index}.docs (docid integer not null, name varchar not null, len integer not null);
create table {index}.gone (docid integer not null);
create table {index}.dict (termid integer not null, term varchar not null);
create table {index}.postings (termid integer not null, docid integer not null, tf usmallint not null);
create table {index}.stats as
select 0::bigint as num_docs, 0::double as avgdl, 1::integer as next_docid, 0::bigint as sorted_postings;
"""

_BEGIN = """
create temp table added (termid integer, docid integer, tf usmallint);
create temp table texts as
select
    rowid as row, {key} as name,
    (row_number() over (order by {key}) - 1 + (select next_docid from {index}.stats))::integer as docid
from marts.{table} where {condition};
"""

_READ = """
select texts.docid, found.text
from (
    select rowid as row, concat_ws(' ', {columns}) as text from marts.{table}
    where rowid >= {first} and rowid < {first} + {rows}
) as found
inner join texts using (row)
"""

# The words of pieces, and their numbers.
_LEARN = """
create or replace temp table words as
select piece, word, stem(word, 'porter') as term
from (select piece, unnest(string_split_regex(lower(strip_accents(piece)), '[^a-z0-9]+')) as word from pieces)
where word <> '';

insert into {index}.dict
select (select coalesce(max(termid), 0) from {index}.dict) + row_number() over (order by found.term), found.term
from (select distinct term from words) as found anti join {index}.dict using (term);

select words.piece, dict.termid from words inner join {index}.dict as dict using (term)
"""

_END = """
insert into {index}.docs
select texts.docid, texts.name, coalesce(lengths.len, 0)
from texts left join (select docid, sum(tf) as len from added group by docid) as lengths using (docid)
order by texts.docid;

insert into {index}.postings select termid, docid, tf from added order by termid, docid;

update {index}.stats
set
    num_docs = (select count(*) from {index}.docs),
    avgdl = (select coalesce(avg(len), 0) from {index}.docs),
    next_docid = next_docid + (select count(*) from texts);

drop table added; drop table texts; drop table if exists pieces; drop table if exists words;
"""

_COUNT = """
update {index}.stats set sorted_postings = (select count(*) from {index}.postings);
"""

_SORT = """
create table {index}.sorted as
select termid, docid, tf from {index}.postings anti join {index}.gone using (docid) order by termid, docid;
drop table {index}.postings;
truncate {index}.gone;
alter table {index}.sorted rename to postings;
"""


def index_schema(table: str) -> str:
    return f"search_{table}"


def create_index(connection: duckdb.DuckDBPyConnection, table: str, key: str, columns: str) -> None:
    """Makes the index of the words in the columns of a table of the marts, as schema search_TABLE. Needs DuckDB's
    extension fts, for its stemmer."""
    names = {"table": table, "key": key, "columns": columns, "index": index_schema(table)}
    connection.execute(_CREATE.format(**names))
    _add(connection, names, "true")
    connection.execute(_COUNT.format(**names))


def remove_changed_texts(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    """Takes the texts of `changed` papers out of the index, as long as the table still has them."""
    index = index_schema(table)
    of_changed = f"select {key} from marts.{table} where paper_id in (from changed)"
    connection.execute(f"insert into {index}.gone select docid from {index}.docs where name in ({of_changed})")
    connection.execute(f"delete from {index}.docs where docid in (from {index}.gone)")


def add_changed_texts(connection: duckdb.DuckDBPyConnection, table: str, key: str, columns: str) -> None:
    """Adds the texts of `changed` papers."""
    names = {"table": table, "key": key, "columns": columns, "index": index_schema(table)}
    _add(connection, names, "paper_id in (from changed)")
    (sorted_count,) = connection.execute("select sorted_postings from {index}.stats".format(**names)).fetchone() or (0,)
    if scalar(connection, "select count(*) from {index}.postings".format(**names)) > (1 + _MOST_ADDED) * sorted_count:
        connection.execute((_SORT + _COUNT).format(**names))


def _add(connection: duckdb.DuckDBPyConnection, names: dict[str, str], condition: str) -> None:
    connection.execute(_BEGIN.format(**names, condition=condition))
    first, last = connection.execute("select min(row), max(row) from texts").fetchone() or (None, None)
    if first is not None:
        known = pl.DataFrame(schema={"piece": pl.Categorical(pl.Categories.random()), "termid": pl.Int32})
        for start in range(first, last + 1, _ROW_CHUNK_SIZE):
            texts = pl.DataFrame(connection.sql(_READ.format(**names, first=start, rows=_ROW_CHUNK_SIZE)))
            for some in texts.iter_slices(_TEXTS_AT_ONCE):
                pieces = _split(some, known.schema["piece"])
                known = _learn(connection, names, pieces["piece"], known)
                insert_frame(connection, "added", _count(pieces, known))
    connection.execute(_END.format(**names))


def _split(texts: pl.DataFrame, piece: pl.DataType) -> pl.DataFrame:
    """docid, text → docid, piece: each that stands between spaces."""
    split = pl.col("text").str.split(" ").cast(pl.List(piece)).alias("piece")
    return texts.lazy().select("docid", split).explode("piece").collect()


def _learn(
    connection: duckdb.DuckDBPyConnection, names: dict[str, str], pieces: pl.Series, known: pl.DataFrame
) -> pl.DataFrame:
    """known (piece, termid: a row for each word of the piece) and the pieces that it has not."""
    fresh = pieces.unique().to_frame().join(known, on="piece", how="anti")
    connection.execute("create or replace temp table pieces (piece varchar)")
    insert_frame(connection, "pieces", fresh.cast(pl.String))
    words = pl.DataFrame(connection.sql(_LEARN.format(**names)))
    return known.extend(words.cast(pl.Schema(known.schema)))


def _count(pieces: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """docid, piece → termid, docid, tf. As one integer, both are sorted in a third of the time of a group by."""
    both = pl.col("termid").cast(pl.Int64) * _HALF + pl.col("docid")
    found = pieces.lazy().join(known.lazy(), on="piece").select(both.sort().rle()).unnest("termid").collect()
    return found.select(
        termid=(pl.col("value") // _HALF).cast(pl.Int32),
        docid=(pl.col("value") % _HALF).cast(pl.Int32),
        tf=pl.col("len").clip(upper_bound=_MOST_OFTEN).cast(pl.UInt16),
    )
