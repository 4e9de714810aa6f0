"""The index of a table's words, for sql/bm25.sql: postings with their share of BM25's score, in the order of words.

Texts are split some at a time, as the words of a million of them would not stay in memory; each distinct word is
stemmed once.
"""

import duckdb

from warehouse.storage.connection import scalar

_ROW_CHUNK_SIZE = 2 * 122_880  # row groups of DuckDB, which its threads share

# docid is by the key, as it breaks ties: never by where the row lies.
_BEGIN = """
create schema {index};
create temp table numbered as
select (row_number() over (order by {key}))::integer as docid, rowid as row, {key} as name from marts.{table};
create temp table words (word varchar, termid integer);
create temp table terms (term varchar, termid integer);
create temp table postings (termid integer, docid integer, tf usmallint);
"""

_SPLIT = """
create or replace temp table tokens as
select numbered.docid, unnest(string_split_regex(lower(strip_accents(texts.text)), '[^a-z0-9]+')) as word
from (select rowid as row, concat_ws(' ', {columns}) as text from marts.{table} where rowid >= {first} and rowid <
    {first} + {rows}) as texts
inner join numbered using (row);

create or replace temp table fresh as
select found.word, stem(found.word, 'porter') as term
from (select distinct word from tokens where word <> '') as found anti join words using (word);

insert into terms
select found.term, (select count(*) from terms) + row_number() over (order by found.term)
from (select distinct term from fresh) as found anti join terms using (term);

insert into words select fresh.word, terms.termid from fresh inner join terms using (term);

insert into postings
select words.termid, tokens.docid, count(*) as tf from tokens inner join words using (word) group by words.termid,
tokens.docid;
"""

# In the order of words, so that a search reads the blocks of its own words alone. weight: BM25's share, k1 = 1.2, b =
# 0.75.
_END = """
create table {index}.docs as
select numbered.docid, numbered.name, coalesce(lengths.len, 0) as len
from numbered left join (select docid, sum(tf)::integer as len from postings group by docid) as lengths using (docid)
order by numbered.docid;

create table {index}.stats as select count(*) as num_docs, avg(len) as avgdl from {index}.docs;

create table {index}.dict as
select terms.termid, terms.term, counts.df
from terms inner join (select termid, count(*) as df from postings group by termid) as counts using (termid)
order by terms.termid;

create table {index}.terms as
select
    postings.termid, postings.docid,
    round(postings.tf * 2.2 / (postings.tf + 1.2 * (0.25 + 0.75 * docs.len / stats.avgdl)), 2)::real as weight
from postings inner join {index}.docs as docs using (docid), {index}.stats as stats
order by postings.termid, postings.docid;

drop table numbered; drop table words; drop table terms; drop table postings; drop table if exists tokens; drop table
    if exists fresh;
"""


def index_schema(table: str) -> str:
    return f"search_{table}"


def make_index(connection: duckdb.DuckDBPyConnection, table: str, key: str, columns: str) -> None:
    """Makes the index of the words in the columns of a table of the marts, as schema search_TABLE. Needs DuckDB's
    extension fts, for its stemmer."""
    names = {"table": table, "key": key, "columns": columns, "index": index_schema(table)}
    connection.execute(_BEGIN.format(**names))
    for first in range(0, scalar(connection, f"select count(*) from marts.{table}"), _ROW_CHUNK_SIZE):
        connection.execute(_SPLIT.format(**names, first=first, rows=_ROW_CHUNK_SIZE))
    connection.execute(_END.format(**names))
