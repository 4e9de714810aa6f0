"""Sentences of a title or abstract, as places in it: one rule, for a text in Python and for a frame of texts in
polars."""

import re
from collections.abc import Callable

import polars as pl

_KEPT, _CUT = "\x01", "\x02"  # stand for white space within and between sentences; no cleaned text holds them

# A full stop after one of these, or after a single capital, ends no sentence.
_ABBREVIATION = (
    r"(\b(?:e\.g|i\.e|et al|cf|v\.?s|w\.r\.t|a\.k\.a|resp|approx|Fig|Figs|Eq|Eqs|Sec|Tab|No|Dr|St|[A-Z])\.)\s",
    _KEPT,
)
# A full stop, question or exclamation mark, with closing quotes or brackets, before white space and a sentence's first
# character.
_BREAK = (r"([.!?][\"')\]]*)\s+([\"'(\[]*[A-Z0-9])", _CUT)


def find_sentence_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) of each sentence, white space between them left out.

    >>> [text[a:b] for text in ["It works, e.g. here. By 3.5%!"] for a, b in find_sentence_spans(text)]
    ['It works, e.g. here.', 'By 3.5%!']
    """
    kept = re.sub(_ABBREVIATION[0], rf"\1{_KEPT}", text)
    cuts = [(match.end(1), match.start(2)) for match in re.finditer(_BREAK[0], kept)]
    starts, ends = [0, *(start for _, start in cuts)], [*(end for end, _ in cuts), len(text.rstrip())]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if text[start:end].strip()]


def drop_repeated_texts(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts with each text_id once. They are copied only where one is doubled."""
    return texts.unique("text_id", maintain_order=True) if texts["text_id"].is_duplicated().any() else texts


def split_sentences(
    texts: pl.DataFrame, containing: str, wanted: Callable[[pl.Expr], pl.Expr] | None = None
) -> pl.DataFrame:
    """texts (text_id, title, abstract; cleaned) → (text_id, section, text, sentence_index, char_start, sentence), in
    their order.

    Only the sentences of titles and abstracts that the regular expression matches and that are wanted, which is asked
    last, as it may cost more; char_start counts characters in the section.
    """
    numbered = drop_repeated_texts(texts).lazy().with_row_index("row")
    found = pl.concat([_sentences_of(numbered, section, containing, wanted) for section in ("title", "abstract")])
    return found.sort("row", maintain_order=True).drop("row").collect()


def _sentences_of(
    texts: pl.LazyFrame, section: str, containing: str, wanted: Callable[[pl.Expr], pl.Expr] | None
) -> pl.LazyFrame:
    kept = pl.col("text").str.replace_all(_ABBREVIATION[0], f"${{1}}{_KEPT}")
    length = pl.element().str.len_chars() + 1
    found = (
        texts.select("row", "text_id", section=pl.lit(section), text=section)
        .filter(pl.col("text").str.contains(containing))
        .with_columns(sentence=kept.str.replace_all(_BREAK[0], f"${{1}}{_CUT}${{2}}").str.split(_CUT))
        .with_columns(
            sentence_index=pl.int_ranges(pl.col("sentence").list.len()),
            char_start=pl.col("sentence").list.eval(length.cum_sum() - length),
        )
        .explode("sentence", "sentence_index", "char_start")
        .filter(pl.col("sentence").str.contains(containing))
        .with_columns(pl.col("sentence").str.replace_all(_KEPT, " ", literal=True))
        .select("row", "text_id", "section", "text", "sentence_index", "char_start", "sentence")
    )
    return found.filter(wanted(pl.col("sentence"))) if wanted else found
