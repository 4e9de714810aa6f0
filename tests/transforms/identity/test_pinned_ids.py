"""Ids are for ever: those of a dozen texts. Where one changes, every paper and claim of every warehouse is renamed."""

import duckdb
import pytest

from transforms.frames import RECORDS, conform
from transforms.papers import normalise
from warehouse.settings import PROJECT

RECORDS_AND_IDS = [
    (
        {"title_raw": "Sorting Stones by Weight"},
        ("title:71704bfb068f2711", "c697eda93d73f5e56a4c", "e74697dc37509cb9a5e8cc0a", "sorting stones by weight"),
    ),
    (
        {"title_raw": "sorting  STONES, by weight!"},
        ("title:71704bfb068f2711", "c697eda93d73f5e56a4c", "f4f08001d297dce23e262a52", "sorting stones by weight"),
    ),
    (
        {"title_raw": "Sorting Stones by Weight", "authors": ["Ann Stone", "Ben Rock"]},
        ("title:5e14fae865aaa668", "7073b19d9186d5e652bb", "e74697dc37509cb9a5e8cc0a", "sorting stones by weight"),
    ),
    (
        {"title_raw": "Sorting Stones by Weight", "abstract_raw": "We sort stones by weight."},
        ("title:71704bfb068f2711", "c697eda93d73f5e56a4c", "a0f10e59b4461e5fe1276131", "sorting stones by weight"),
    ),
    (
        {"title_raw": "Sörting Stones & Rocks", "authors": ["Müller, A. B."]},
        ("title:a2d9f4cf6a1380bb", "c148d5b6b4a2ab6875ef", "86abfb1ee29eb7cde3e3e3af", "sorting stones and rocks"),
    ),
    (
        {"title_raw": "Sorting $\\alpha$-Stones by \\emph{Weight}"},
        ("title:d7ddb8c42fafb147", "1f7f2fc62a4a954a40e8", "0c91b46a37a1068bf11ec56c", "sorting α stones by weight"),
    ),
    (
        {"title_raw": "Gneiss: Sorting Stones", "arxiv_id": "2401.00001"},
        ("2401.00001", "34379b4dd8026e9f45fa", "805f881cbc3d6d8f4533ecfe", "gneiss : sorting stones"),
    ),
    (
        {"title_raw": "Gneiss: Sorting Stones", "doi": "10.1234/abc"},
        ("10.1234/abc", "9c25ae508f559c12f6b2", "805f881cbc3d6d8f4533ecfe", "gneiss : sorting stones"),
    ),
    (
        {"title_raw": "Gneiss: Sorting Stones", "acl_id": "2021.acl-long.404"},
        ("acl:2021.acl-long.404", "087c7690ea1405ae55e0", "805f881cbc3d6d8f4533ecfe", "gneiss : sorting stones"),
    ),
    (
        {"title_raw": "Gneiss: Sorting Stones", "openreview_id": "B1gTShAct7"},
        ("openreview:B1gTShAct7", "23d6cf327537e65b2986", "805f881cbc3d6d8f4533ecfe", "gneiss : sorting stones"),
    ),
    (
        {"title_raw": "Gneiss: Sorting Stones", "arxiv_id": "math/0309136", "source_record_id": "r1"},
        ("math/0309136", "cadb42ac59b4f1050785", "805f881cbc3d6d8f4533ecfe", "gneiss : sorting stones"),
    ),
    (
        {"title_raw": "", "arxiv_id": "2401.00002"},
        ("2401.00002", "76f15b9df3ac4ba8e220", "0c01646a3a6f3d1b49d7196f", ""),
    ),
]
COLUMNS = ("own_id", "mention_id", "text_id", "title_key")


def ids(record):
    papers = normalise(conform([{"entry_index": 1, **record}], RECORDS), "hf_listing")
    return tuple(papers[name].item() for name in COLUMNS)


@pytest.mark.parametrize(("record", "expected"), RECORDS_AND_IDS)
def test_ids_are_what_they_were(record, expected):
    assert ids(record) == expected


def test_keys_of_marts_are_what_they_were():
    """The macro stable_key: claim_id is that of paper, section, place and number."""
    macro = (PROJECT / "dbt_project" / "macros" / "keys.sql").read_text("utf-8")
    assert "substring(md5(concat_ws('|'" in macro
    key = "substring(md5(concat_ws('|', '2401.00001', 'abstract', '120', '91.5%')), 1, 16)"
    assert duckdb.sql(f"select {key}").fetchone() == ("a1ac2307b854dd73",)
