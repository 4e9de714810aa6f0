"""What holds of every single claim and link. Extraction drops the rows that break it, with a reason each, so that one
of them never stops a batch; the suites of `expectations/` check the same again, as proof."""

import polars as pl

from transforms.frames import CLAIM_VALUES, LINK_VALUES

VERSION = "1"
_PLACE = ("text_id", "section", "char_start")

# What a row that was dropped leaves: one row for each.
DROPPED = {
    "text_id": pl.String(),
    "section": pl.String(),
    "char_start": pl.Int32(),
    "char_end": pl.Int32(),
    "reason": pl.String(),
    "excerpt": pl.String(),
}


def _is_misplaced(placed_text: str) -> pl.Expr:
    stands_there = pl.col("text").str.slice("char_start", (pl.col("char_end") - pl.col("char_start")).clip(0))
    return (
        (pl.col("char_start") < 0)
        | (pl.col("char_end") <= pl.col("char_start"))
        | (stands_there != pl.col(placed_text))
    )


def _is_repeated() -> pl.Expr:
    return ~pl.struct(_PLACE).is_first_distinct()


# reason → whether a row breaks the invariant; the first one that it breaks counts. Null: it does not.
CLAIMS = {
    "claim_incomplete": pl.any_horizontal(
        pl.col("evidence", "value_text", "value", "unit", "kind", "rule", "bound", "subject").is_null()
    ),
    "claim_value_not_finite": ~pl.col("value").is_finite() | ~pl.col("value_high").is_finite().fill_null(value=True),
    "claim_range_reversed": pl.col("value_high") < pl.col("value"),
    "claim_of_unknown_unit": ~pl.col("unit").is_in(CLAIM_VALUES["unit"]),
    "claim_of_unknown_kind": ~pl.col("kind").is_in(CLAIM_VALUES["kind"])
    | ((pl.col("kind") == "change") != pl.col("direction").is_not_null()),
    "claim_of_unknown_bound": ~pl.col("bound").is_in(CLAIM_VALUES["bound"]),
    "claim_of_unknown_subject": ~pl.col("subject").is_in(CLAIM_VALUES["subject"]),
    "claim_confidence_out_of_range": ~pl.col("confidence").is_between(0, 1),
    "claim_misplaced": _is_misplaced("value_text")
    | ~pl.col("evidence").str.contains(pl.col("value_text"), literal=True),
    "claim_repeated": _is_repeated(),
}
LINKS = {
    "link_incomplete": pl.any_horizontal(pl.col("url_text", "kind", "availability").is_null()),
    "link_not_canonical": ~pl.col("url").str.contains(r"^(?:https|ftp)://[^\s/]+"),
    "link_without_url": (pl.col("kind") == "announcement") != pl.col("url").is_null(),
    "link_of_unknown_availability": ~pl.col("availability").is_in(LINK_VALUES["availability"]),
    "link_misplaced": _is_misplaced("url_text"),
    "link_repeated": _is_repeated(),
}


def drop_invalid(
    rows: pl.DataFrame, texts: pl.DataFrame, invariants: dict[str, pl.Expr], placed_text: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CLAIMS or LINKS → the rows that keep all invariants, and DROPPED, both in their order.

    texts: text_id, title, abstract; placed_text: the column that holds what stands in the text.
    """
    reason = pl.coalesce(pl.when(broken).then(pl.lit(name)) for name, broken in invariants.items())
    text = pl.when(pl.col("section") == "title").then("title").when(pl.col("section") == "abstract").then("abstract")
    tested = (
        rows.join(texts.select("text_id", "title", "abstract"), on="text_id", how="left", maintain_order="left")
        .with_columns(text=text.fill_null(""))
        .with_columns(reason=reason)
    )
    dropped = tested.filter(pl.col("reason").is_not_null()).select(
        *_PLACE, "char_end", "reason", excerpt=pl.col(placed_text)
    )
    return rows.filter(tested["reason"].is_null()), dropped.cast(DROPPED)  # type: ignore[arg-type]
