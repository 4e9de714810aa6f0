"""Blocking: which mentions are compared at all."""

from collections.abc import Iterator

import polars as pl
from rapidfuzz import fuzz, process

from transforms.frames import Schema
from transforms.identity.keys import surname
from transforms.identity.mentions import TitleWords

# Is_text: the key is of the abstract.
KEYS: Schema = {
    "mention_id": pl.String(),
    "key": pl.UInt64(),
    "is_text": pl.Boolean(),
}
PARTS: Schema = {"mention_id": pl.String(), "part": pl.UInt64()}
BLOCK_TOKENS = 4
SHORT_TITLE = 7  # words that count
NAME_CHARACTERS = 12  # a shorter part of a title names nothing by itself
HEAD_CHARACTERS = 60  # of an abstract, that a key is made of
PART_CHARACTERS = 120  # of an abstract, that a part is made of


def blocking_keys(mentions: pl.DataFrame, words: TitleWords) -> pl.DataFrame:
    """MENTIONS → KEYS: mentions that share a key are compared. A key is a hash of a few words of the title, or of how
    the abstract begins."""
    rows = [
        (mention_id, key)
        for mention_id, title, authors, head in mentions.select(
            "mention_id", "title_key", "authors", "abstract_head"
        ).iter_rows()
        for key in set(_keys(words.core(title), surname(authors[0]) if authors else None, head, words))
    ]
    keys = pl.DataFrame(rows, schema={"mention_id": pl.String, "key": pl.String}, orient="row")
    return keys.with_columns(pl.col("key").hash(seed=7), is_text=pl.col("key").str.starts_with("~"))


def block_parts(mentions: pl.DataFrame) -> pl.DataFrame:
    """MENTIONS → PARTS: of a block that is too big, those mentions are compared that share a part. A part is a hash of
    the first author's surname, or of a longer beginning of the abstract than a key has."""
    name = pl.col("authors").list.first().map_elements(surname, return_dtype=pl.String)
    author = pl.when(name != "").then(name)
    head = pl.col("abstract_head").str.head(PART_CHARACTERS)
    parts = pl.concat(
        [
            mentions.select("mention_id", part="@" + author),
            mentions.select("mention_id", part=pl.when(head.str.len_chars() == PART_CHARACTERS).then("~" + head)),
        ]
    )
    return parts.drop_nulls("part").with_columns(pl.col("part").hash(seed=7))


def _keys(core: str, author: str | None, head: str | None, words: TitleWords) -> Iterator[str]:
    if head and len(head) >= HEAD_CHARACTERS:
        yield "~" + head[:HEAD_CHARACTERS]
    if not core:
        return
    parts = [[word for word in part.split() if word not in words.stop] for part in core.split(" : ")]
    content = [word for part in parts for word in part]
    for part in [content, *(parts if len(parts) > 1 else [])]:
        joined = "".join(part)
        if part is content or len(joined) >= NAME_CHARACTERS:
            yield "=" + joined
        if author and len(joined) < NAME_CHARACTERS:  # a name by itself, that many papers may have
            yield f"a{author}={joined}"
    if 3 <= len(content) <= SHORT_TITLE:  # a typo is in one word, not in its first letter: each word is left out once
        for i in range(len(content)):
            yield f"-{content[i][0]} " + " ".join(content[:i] + content[i + 1 :])
    elif content:
        yield "<" + " ".join(content[:BLOCK_TOKENS])
        yield ">" + " ".join(content[-BLOCK_TOKENS:])
        yield "#" + " ".join(sorted(sorted(set(content), key=lambda word: (-len(word), word))[:BLOCK_TOKENS]))
    if author and len(content) >= 2:
        yield f"@{author} " + " ".join(word[:4] for word in content[:2])
        yield f"@{author} ." + " ".join(word[:4] for word in content[-2:])


def prefilter_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs (a, b, is_text, title_a, title_b) that are worth scoring: with one abstract, like titles, or titles
    of one name."""
    alike = process.cpdist(
        pairs["title_a"].to_list(), pairs["title_b"].to_list(), scorer=fuzz.ratio, score_cutoff=78, workers=-1
    )
    first, other = pl.col("title_a"), pl.col("title_b")
    one_holds_the_other = first.str.contains(other, literal=True) | other.str.contains(first, literal=True)
    namesakes = first.str.contains(" : ", literal=True) & (
        first.str.split(" : ").list.first() == other.str.split(" : ").list.first()
    )
    return pairs.filter(pl.col("is_text") | pl.Series(alike > 0) | one_holds_the_other | namesakes)
