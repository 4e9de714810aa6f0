-- The words of a table's texts, for bm25.sql: each distinct word is stemmed once, then counted in each text.

create schema $index;

create table $index.docs as
select row_number() over (order by $key)::integer as docid, $key as name, concat_ws(' ', $columns) as text
from marts.$table;

create temp table counted as
select found.docid, found.word, count(*) as tf
from (
    select docid, unnest(string_split_regex(lower(strip_accents(text)), '[^a-z0-9]+')) as word from $index.docs
) as found
where found.word <> ''
group by found.docid, found.word;

create temp table stemmed as
select words.word, stem(words.word, 'porter') as term from (select distinct word from counted) as words;

create table $index.dict as
select row_number() over (order by terms.term)::integer as termid, terms.term, 0::bigint as df
from (select distinct term from stemmed) as terms;

-- In the order of words, so that a search reads the blocks of its own words alone.
create table $index.terms as
select dict.termid, counted.docid, sum(counted.tf)::integer as tf
from counted
inner join stemmed using (word)
inner join $index.dict as dict using (term)
group by dict.termid, counted.docid
order by dict.termid, counted.docid;

create or replace table $index.dict as
select dict.termid, dict.term, count(*) as df from $index.dict as dict inner join $index.terms using (termid) group by dict.termid, dict.term;

create or replace table $index.docs as
select docs.docid, docs.name, coalesce(sum(terms.tf), 0) as len
from $index.docs as docs left join $index.terms as terms using (docid)
group by docs.docid, docs.name
order by docs.docid;

create table $index.stats as
select count(*) as num_docs, avg(len) as avgdl from $index.docs;

drop table counted;
drop table stemmed;
