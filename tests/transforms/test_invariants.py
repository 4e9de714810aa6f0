import json

import hypothesis
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from transforms.extraction import extract
from transforms.frames import CLAIMS, LINKS
from transforms.invariants import CLAIMS as CLAIM_INVARIANTS
from transforms.invariants import LINKS as LINK_INVARIANTS
from transforms.invariants import drop_invalid
from warehouse.settings import Settings
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.parse import parse
from warehouse.vocabularies import read_vocabulary

TEXT = "Accuracy rises by 3.2% to 81.7% on ImageNet. Code: https://github.com/a/b"
BAD_CLAIMS = {
    "claim_incomplete": {"unit": None},
    "claim_value_not_finite": {"value": float("inf")},
    "claim_range_reversed": {"value_high": 1.0},
    "claim_of_unknown_unit": {"unit": "furlongs"},
    "claim_of_unknown_kind": {"direction": None},
    "claim_of_unknown_bound": {"bound": "roughly"},
    "claim_of_unknown_subject": {"subject": "others"},
    "claim_confidence_out_of_range": {"confidence": 1.5},
    "claim_misplaced": {"char_start": 3},
}
BAD_LINKS = {
    "link_incomplete": {"kind": None},
    "link_not_canonical": {"url": "github.com/a/b"},
    "link_without_url": {"url": None},
    "link_of_unknown_availability": {"availability": "perhaps"},
    "link_misplaced": {"char_end": 9},
}


@pytest.fixture(scope="module")
def texts():
    return pl.DataFrame({"text_id": ["t"], "title": ["T"], "abstract": [TEXT]})


@pytest.fixture(scope="module")
def found(texts):
    claims, links, dropped = extract(texts, read_vocabulary())
    assert (claims.height, links.height, dropped.height) == (2, 1, 0)
    return claims, links


def changed(frame, columns, schema):
    """The frame with the first row changed."""
    rows = frame.to_dicts()
    rows[0] |= columns
    return pl.DataFrame(rows, schema=schema)


@pytest.mark.parametrize(("reason", "columns"), BAD_CLAIMS.items())
def test_a_bad_claim_is_dropped_with_its_reason_and_place(found, texts, reason, columns):
    claims = changed(found[0], columns, CLAIMS)
    kept, dropped = drop_invalid(claims, texts, CLAIM_INVARIANTS, "value_text")
    assert kept["value_text"].to_list() == ["81.7%"]
    assert dropped.select("reason", "section", "char_start", "excerpt").rows() == [
        (reason, "abstract", claims["char_start"][0], "3.2%")
    ]


@pytest.mark.parametrize(("reason", "columns"), BAD_LINKS.items())
def test_a_bad_link_is_dropped_with_its_reason(found, texts, reason, columns):
    kept, dropped = drop_invalid(changed(found[1], columns, LINKS), texts, LINK_INVARIANTS, "url_text")
    assert kept.is_empty()
    assert dropped["reason"].to_list() == [reason]


@pytest.mark.parametrize(
    ("place", "is_kept"),
    [
        ({}, True),
        ({"char_start": -1, "char_end": 1}, False),
        ({"char_start": -1, "char_end": 1, "value_text": "e"}, False),
        ({"char_end": 0}, False),
        ({"evidence": "It rises by 3x2%."}, False),
        ({"char_end": 1}, False),
        ({"char_end": 3}, False),
        ({"char_start": 1, "char_end": 3}, False),
        ({"section": "abstract"}, False),
        ({"value_text": "", "char_end": 0}, False),
        ({"confidence": 0.0}, True),
        ({"confidence": 1.0}, True),
        ({"confidence": -0.1}, False),
        ({"value_high": 3.2}, True),
        ({"value_high": 3.1}, False),
    ],
)
def test_the_bounds_of_a_claim(found, place, is_kept):
    texts = pl.DataFrame({"text_id": ["t"], "title": ["3.2% is the title"], "abstract": ["Other text."]})
    claim = {"section": "title", "char_start": 0, "char_end": 4, "value_text": "3.2%", "value": 3.2, **place}
    kept, _ = drop_invalid(changed(found[0], claim, CLAIMS)[:1], texts, CLAIM_INVARIANTS, "value_text")
    assert kept.height == is_kept


def test_of_two_claims_of_one_place_the_first_stays(found, texts):
    claims = pl.concat([found[0], found[0]])
    kept, dropped = drop_invalid(claims, texts, CLAIM_INVARIANTS, "value_text")
    assert kept.equals(found[0])
    assert set(dropped["reason"]) == {"claim_repeated"}


def test_every_invariant_has_a_row_that_breaks_it():
    assert CLAIM_INVARIANTS.keys() - BAD_CLAIMS.keys() == {"claim_repeated"}
    assert LINK_INVARIANTS.keys() - BAD_LINKS.keys() == {"link_repeated"}


PIECES = st.sampled_from(
    [
        *(
            "by 28.80% to 1.50%",
            "from 9% to 3%",
            "10-2x",
            "1e999",
            "9" * 400 + "%",
            "between 5 and 2 points",
            "±",
            "NaN",
        ),
        *(
            "improves accuracy",
            "reduces WER",
            "a drop of",
            "F1",
            "on ImageNet",
            "on",
            "and",
            ",",
            "(",
            ")",
            "respectively",
        ),
        *("http://", "https://github.com/a/b", "ftp://x", "http://[::1", "github.com/ a / b", "Code will be released"),
        *(
            "3.2%",
            "0.5",
            "2×",
            "×",
            "％",
            "٣٫٢%",
            "\u0661%",
            "\u200b",
            "𝟏%",
            "1,234.5 points",
            "~ 3 %",
            ".5.5",
            "--",
            "→",
        ),
    ]
)


@given(
    st.lists(st.lists(PIECES, min_size=1, max_size=12).map(" ".join) | st.text(max_size=60), min_size=60, max_size=60)
)
@hypothesis.settings(max_examples=2, suppress_health_check=list(HealthCheck))
def test_no_text_fails_the_check_of_a_batch(tmp_path_factory, abstracts):
    home = Settings(home=tmp_path_factory.mktemp("home"))
    papers = [
        {"id": f"2603.{i:05}", "title": f"Title {i}", "authors": ["Ann Stone"], "abstract": f"We test. {abstract}"}
        for i, abstract in enumerate(abstracts)
    ]
    file = home.home / "2026-03-02.json"
    file.write_text(json.dumps({"date": "2026-03-02", "papers": papers}))
    (batch_id,) = land(home, "hf_daily", [file])
    assert parse(home, batch_id).paper_count == len(papers)
    assert check(home, batch_id).is_passed
