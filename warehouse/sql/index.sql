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

create temp table numbered as
select row_number() over (order by terms.term)::integer as termid, terms.term
from (select distinct term from stemmed) as terms;

create temp table postings as
select numbered.termid, counted.docid, sum(counted.tf)::integer as tf
from counted
inner join stemmed using (word)
inner join numbered using (term)
group by numbered.termid, counted.docid;

create or replace table $index.docs as
select docs.docid, docs.name, coalesce(lengths.len, 0) as len
from $index.docs as docs
left join (select docid, sum(tf) as len from postings group by docid) as lengths using (docid)
order by docs.docid;

create table $index.stats as
select count(*) as num_docs, avg(len) as avgdl from $index.docs;

create table $index.dict as
select numbered.termid, numbered.term, count(*) as df from numbered inner join postings using (termid) group by numbered.termid, numbered.term;

-- In the order of words, so that a search reads the blocks of its own words alone. weight: BM25's share of the posting, k1 = 1.2, b = 0.75.
create table $index.terms as
select
    postings.termid, postings.docid,
    round(postings.tf * 2.2 / (postings.tf + 1.2 * (0.25 + 0.75 * docs.len / stats.avgdl)), 2)::real as weight
from postings inner join $index.docs as docs using (docid), $index.stats as stats
order by postings.termid, postings.docid;

drop table postings;
drop table numbered;
drop table counted;
drop table stemmed;
