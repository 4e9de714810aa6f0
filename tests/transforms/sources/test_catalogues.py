"""Catalogues: OpenReview, Semantic Scholar, OpenAlex and the ACL Anthology, in the shapes that they have."""

import json
from datetime import date

import pytest

from tests.fuzzing.seeds import SEEDS
from warehouse.upstream.sources import read_source

NAMES = ("acl_anthology", "openalex", "openreview", "semantic_scholar")
ACL, OPENALEX, OPENREVIEW, SCHOLAR = map(read_source, NAMES)


def facts(parsed, *names, row=0):
    return tuple(parsed.records.row(row, named=True)[name] for name in names)


def test_a_submission():
    answer, saved = (OPENREVIEW.parse(content) for content in SEEDS["openreview"]())
    names = ("openreview_id", "title_raw", "authors", "author_ids", "keywords", "venue", "venue_year", "track")
    assert facts(answer, *names) == (
        "B1gTShAct7", "Stones", ["Ann Stone", "Ben Rock"], ["~Ann_Stone1", "~Ben_Rock1"], ["sorting"], "ICLR", 2024,
        "poster",
    )  # fmt: skip
    assert facts(answer, "published_on", "licence", "is_withdrawn") == (date(2023, 11, 14), "CC BY 4.0", False)
    assert saved.rejects.select("entry_index", "reason").rows() == [(2, "no_submission")]


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("Submitted to ICLR 2024", (None, None, False)),
        ("ICLR 2024 Conference Withdrawn Submission", (None, None, True)),
        ("NeurIPS 2023 oral", ("NeurIPS", 2023, False)),
        ("TMLR", (None, None, False)),
    ],
)
def test_a_submission_that_was_not_accepted_has_no_venue(place, found):
    note = {"id": "x", "content": {"title": {"value": "Stones"}, "venue": {"value": place}}}
    parsed = OPENREVIEW.parse(json.dumps([note]).encode())
    assert facts(parsed, "venue", "venue_year", "is_withdrawn") == found


def test_authors_may_be_objects_and_a_public_article_has_no_venue():
    people = [{"fullname": "Ann Stone", "username": "~Ann_Stone1"}, {"fullname": "Ben Rock", "username": "~Ben_Rock1"}]
    content = {"title": "Stones", "authors": people, "venue": "WWW 2026", "venueid": "OpenReview.net/Public_Article"}
    note = {"id": "x", "content": {name: {"value": value} for name, value in content.items()}}
    parsed = OPENREVIEW.parse(json.dumps([note]).encode())
    assert facts(parsed, "authors", "author_ids", "venue") == (
        ["Ann Stone", "Ben Rock"], ["~Ann_Stone1", "~Ben_Rock1"], None
    )  # fmt: skip


def test_papers_and_abstracts_of_semantic_scholar_meet_by_their_ids():
    parsed, packed = (SCHOLAR.parse(content) for content in SEEDS["semantic_scholar"]())
    assert facts(parsed, "arxiv_id", "doi", "title_raw", "author_ids") == ("2401.00001", "10.1234/x", "Stones", ["17"])
    assert facts(parsed, "arxiv_id", "title_raw", "licence", row=1) == ("2401.00001", "", "CCBY")
    assert parsed.records["abstract_raw"][1].startswith("We sort stones.")
    assert packed.records.height == 1
    lost = SCHOLAR.parse(json.dumps({"corpusid": 9, "abstract": "We sort."}).encode())
    assert lost.rejects["reason"].to_list() == ["no_title"]


def test_a_work_of_openalex():
    parsed, packed = (OPENALEX.parse(content) for content in SEEDS["openalex"]())
    assert parsed.records.height == 2
    names = ("doi", "arxiv_id", "authors", "venue", "licence", "published_on", "is_withdrawn")
    assert facts(packed, *names) == (
        "10.1234/x", "2401.00001", ["A. Stone"], "Journal of Stones", "cc-by", date(2024, 1, 2), False
    )  # fmt: skip
    assert facts(packed, "abstract_raw")[0].startswith("We sort stones. It gains 3.1% accuracy")


def test_a_collection_of_the_anthology():
    (content,) = SEEDS["acl_anthology"]()
    parsed = ACL.parse(content)
    names = ("acl_id", "doi", "title_raw", "authors", "venue", "venue_year", "track")
    assert facts(parsed, *names) == (
        "2021.acl-long.1", "10.18653/v1/2021.acl-long.1", "Sorting Stones", ["Ann Stone"], "ACL", 2021, "long"
    )  # fmt: skip
    assert parsed.listed_links["url_text"].to_list() == ["https://github.com/a/b"]
    assert parsed.rejects.select("entry_index", "reason").rows() == [(2, "no_title")]
    assert (parsed.entry_count, parsed.format) == (2, "collection")


@pytest.mark.parametrize("config", [ACL, OPENALEX, OPENREVIEW, SCHOLAR], ids=NAMES)
@pytest.mark.parametrize(
    "content", [b"no such thing", b"\x1f\x8bcut", b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", b"[1]"]
)
def test_a_file_of_another_kind_gives_rejects(config, content):
    parsed = config.parse(content)
    assert parsed.records.is_empty()
    assert parsed.rejects.height == parsed.entry_count == 1
