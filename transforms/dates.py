"""Days that cannot be: a record that is dated in the future was misread or misnamed, or a clock is wrong."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from transforms.formats.entries import EXCERPT_CHARACTERS
from transforms.frames import REJECTS, Parsed, conform

VERSION = "2"
REASON = "date_in_the_future"
_TOLERANCE = timedelta(days=1)  # a list of tomorrow lands today where the time zones of host and reader differ


def reject_future_dates(parsed: Parsed, listed_on: date | None, today: date) -> Parsed:
    """The piece with every record that has a day after today + 1 among its rejects instead, and without the links
    listed for it.

    listed_on: the day of the file as a whole, which holds for the records without one of their own. Lines and entries
    stay accounted for.
    """
    days = pl.concat_list(
        pl.coalesce("listed_on", pl.lit(listed_on, pl.Date)),
        "published_on",
        "updated_on",
        pl.col("version_days").fill_null([]),
    )
    dated = parsed.records.with_columns(latest=days.list.max())
    is_future = pl.col("latest") > today + _TOLERANCE
    future = dated.filter(is_future)
    if future.is_empty():
        return parsed
    rejects = future.select(
        "entry_index",
        "line_first",
        "line_last",
        "line_count",
        reason=pl.lit(REASON),
        message=pl.format("dated {}, after today, {}", "latest", pl.lit(today)),
        excerpt=pl.col("title_raw").str.slice(0, EXCERPT_CHARACTERS),
    )
    return replace(
        parsed,
        records=dated.filter(~is_future.fill_null(value=False)).drop("latest"),
        rejects=pl.concat([parsed.rejects, conform(rejects, REJECTS)]).sort("entry_index", maintain_order=True),
        listed_links=parsed.listed_links.join(future, on="entry_index", how="anti", maintain_order="left"),
    )
