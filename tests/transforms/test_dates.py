"""No record is dated after the day on which its file landed, but for the tolerance of a day."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates import REASON, reject_future_dates
from transforms.frames import LISTED_LINKS, RECORDS, REJECTS, Parsed, conform

LANDED = date(2026, 3, 1)
DAYS = ("listed_on", "published_on", "updated_on", "version_days")


def parsed(*records):
    rows = [
        {"entry_index": index, "line_count": 2, "title_raw": f"Title {index}", **record}
        for index, record in enumerate(records, start=1)
    ]
    links = [{"entry_index": row["entry_index"], "url": "https://github.com/a/b"} for row in rows]
    return Parsed(
        conform(rows, RECORDS),
        conform([], REJECTS),
        len(rows),
        2 * len(rows),
        listed_links=conform(links, LISTED_LINKS),
    )


def of(name, day):
    return {name: [date(2020, 1, 1), day] if name == "version_days" else day}


@pytest.mark.parametrize("name", DAYS)
def test_a_day_after_tomorrow_is_a_reject(name):
    result = reject_future_dates(
        parsed(of(name, date(2062, 3, 2)), of(name, LANDED + timedelta(days=1)), {}), None, LANDED
    )
    assert result.records["entry_index"].to_list() == [2, 3]
    assert result.listed_links["entry_index"].to_list() == [2, 3]
    (reject,) = result.rejects.to_dicts()
    assert (reject["entry_index"], reject["line_count"], reject["reason"], reject["excerpt"]) == (
        1,
        2,
        REASON,
        "Title 1",
    )
    assert "2062-03-02" in reject["message"]


def test_tomorrow_is_the_last_day_that_can_be():
    result = reject_future_dates(parsed({"listed_on": LANDED + timedelta(days=2)}, {"listed_on": LANDED}), None, LANDED)
    assert result.records["entry_index"].to_list() == [2]


def test_the_day_of_the_file_holds_for_records_without_one():
    result = reject_future_dates(parsed({}, {"listed_on": LANDED}), date(2062, 3, 2), LANDED)
    assert result.records["entry_index"].to_list() == [2]


@given(st.lists(st.dictionaries(st.sampled_from(DAYS[:3]), st.dates()), max_size=6), st.none() | st.dates())
def test_every_entry_and_line_stays_accounted_for(records, listed_on):
    before = parsed(*records)
    after = reject_future_dates(before, listed_on, LANDED)
    kept = pl.concat([after.records["entry_index"], after.rejects["entry_index"]])
    assert sorted(kept) == list(range(1, len(records) + 1))
    assert after.records["line_count"].sum() + after.rejects["line_count"].sum() == before.line_count
