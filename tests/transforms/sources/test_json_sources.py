"""The parsers of JSON sources: every entry becomes a record or a reject, and what nobody took is counted."""

import gzip
import json
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing.seeds import SEEDS
from tests.upstream import daily
from transforms.config import Limits
from warehouse.upstream.sources import read_source

HF_DAILY, CONFERENCE, CURATED, PWC, PWC_API, SNAPSHOT = (
    read_source(name) for name in ("hf_daily", "conference", "curated_list", "pwc", "pwc_api", "arxiv_snapshot")
)


def dumped(value):
    return json.dumps(value).encode()


def test_a_day_of_the_api():
    parsed = HF_DAILY.parse(daily(range(2), upvotes=42))
    row = parsed.records.row(0, named=True)
    assert (row["arxiv_id"], row["rank"], row["upvotes"], row["github_stars"]) == ("2603.00000", 1, 42, 7)
    assert (row["submitter"], row["organization"], row["authors"], row["keywords"]) == (
        "Dee Curator",
        "Quarry U.",
        ["Ann Stone"],
        ["stones"],
    )
    assert row["listed_on"] is None, "the API does not say of which day its answer is"
    assert parsed.listed_links["url_text"].to_list() == [
        "https://github.com/stones/2603.00000",
        "https://github.com/stones/2603.00001",
    ]
    assert (parsed.format, parsed.entry_count, parsed.unread_fields) == (
        "api",
        2,
        {"title": 2, "publishedAt": 2, "numComments": 2},
    )
    assert parsed.upstream_fields["paper.upvotes"] == {"number": 2}


def test_a_day_that_a_third_party_saved():
    paper = {
        "id": "2603.00001",
        "title": "Stones",
        "authors": ["Ann Stone,", "Ben Rock"],
        "abstract": "We sort.",
        "upvotes": 3,
        "tags": [],
    }
    parsed = HF_DAILY.parse(dumped({"date": "2026-03-05", "papers": [paper, {"id": "2603.00002"}, "no object"]}))
    row = parsed.records.row(0, named=True)
    assert (row["listed_on"], row["authors"], parsed.format) == (
        date(2026, 3, 5),
        ["Ann Stone", "Ben Rock"],
        "saved_day",
    )
    assert parsed.rejects.select("entry_index", "reason").rows() == [(2, "no_title"), (3, "not_an_object")]


def test_real_days(shared):
    files = sorted((shared / "data" / "hf_daily").glob("*.json"))
    records = pl.concat([HF_DAILY.parse(file.read_bytes()).records for file in files])
    assert (records.height, records["arxiv_id"].n_unique()) == (309, 238)
    assert records["listed_on"].null_count() == 0


def test_a_conference():
    entries = [
        {
            "id": "2021.acl-long.1",
            "title": "Stones",
            "author": "Ann Stone; Ben Rock",
            "site": "https://aclanthology.org/2021.acl-long.1/",
            "bibtex": '@x{a, doi = "10.18653/v1/2021.acl-long.1", year = "2021"}',
            "github": "https://github.com/a/b; https://github.com/c/d",
            "aff": "Quarry U.",
            "track": "main",
            "authorids": "/a/ann-stone/; /b/ben-rock/",
        },
        {"id": "9"},
    ]
    parsed = CONFERENCE.parse(dumped(entries))
    row = parsed.records.row(0, named=True)
    assert (row["acl_id"], row["doi"], row["year"], row["authors"]) == (
        "2021.acl-long.1",
        "10.18653/v1/2021.acl-long.1",
        2021,
        ["Ann Stone", "Ben Rock"],
    )
    assert (row["track"], row["author_ids"]) == ("main", ["/a/ann-stone/", "/b/ben-rock/"])
    assert parsed.listed_links["url_text"].to_list() == ["https://github.com/a/b", "https://github.com/c/d"]
    assert (parsed.rejects["reason"].to_list(), parsed.unread_fields) == (["no_title"], {"aff": 1})


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("acl2021.json", ("ACL", 2021)), ("acmmm2024.json", ("ACM MM", 2024)), ("CoRL_2023.json", ("CoRL", 2023)),
        ("papers.json", (None, None)), ("icml20190.json", (None, None)),
    ],
)  # fmt: skip
def test_the_name_of_a_list_says_its_venue(name, found):
    assert CONFERENCE.config.venue_of(name) == found


def test_real_conferences(shared):
    files = [file.read_bytes() for file in sorted((shared / "data" / "paperlists").glob("*.json"))]
    parsed = [CONFERENCE.parse(content) for content in files]
    assert [each.records.height for each in parsed] == [len(json.loads(content)) for content in files]
    assert sum(each.rejects.height for each in parsed) == 0
    assert parsed[0].records["acl_id"].null_count() == 0


def test_a_curated_list():
    rows = {
        "2110.00001": "|**2021-10-01**|**Stones**|Ann Stone et.al.|[2110.00001](http://arxiv.org/abs/2110.00001)|**[link](https://github.com/a/b)**|\n",
        "2110.00002": "|**2021-10-02**|**A|B: Stones**|Ben Rock et.al.|[2110.00002](http://arxiv.org/abs/2110.00002)|null|\n",
        "bad": "no row",
    }
    parsed = CURATED.parse(dumped({"Sorting": rows, "Odd": []}))
    assert parsed.records.select("arxiv_id", "title_raw", "authors", "updated_on").rows() == [
        ("2110.00001", "Stones", ["Ann Stone"], date(2021, 10, 1)),
        ("2110.00002", "A|B: Stones", ["Ben Rock"], date(2021, 10, 2)),
    ]
    assert parsed.listed_links.select("entry_index", "url_text").rows() == [(1, "https://github.com/a/b")]
    assert parsed.rejects["reason"].to_list() == ["not_a_row", "not_an_object"]


def test_the_real_curated_list(shared):
    parsed = CURATED.parse((shared / "data" / "cv_arxiv_daily.json").read_bytes())
    assert (parsed.records["arxiv_id"].n_unique(), parsed.rejects.height) == (8563, 0)


PAPER = {
    "paper_url": "https://paperswithcode.com/paper/stones",
    "arxiv_id": "2401.00001",
    "title": "Stones",
    "abstract": "We sort.",
    "date": "2024-01-02",
    "tasks": ["Sorting"],
    "proceeding": "ACL 2021 5",
}
LINK = {
    "paper_url": "https://paperswithcode.com/paper/stones", "paper_title": "Stones",
    "paper_arxiv_id": "2401.00001", "repo_url": "https://github.com/a/b",
    "is_official": True, "mentioned_in_paper": True, "mentioned_in_github": False, "framework": "pytorch",
}  # fmt: skip
ROW = {
    "model_name": "Gneiss",
    "metrics": {"Accuracy": "91.5%", "F1": "n/a"},
    "paper_title": "Stones",
    "paper_url": "https://arxiv.org/abs/2401.00001v2",
    "paper_date": "2024-01-02",
}
NAMELESS = {"dataset": "Pebbles", "sota": {"metrics": [], "rows": [ROW | {"paper_title": "", "paper_url": ""}]}}
TASK = {
    "task": "Sorting",
    "categories": [],
    "subtasks": [{"task": "Fine Sorting", "datasets": [NAMELESS], "subtasks": []}],
    "datasets": [
        {"dataset": "Rocks", "sota": {"metrics": ["Accuracy"], "rows": [ROW, {"model_name": "x"}]}, "subdatasets": []}
    ],
}


def test_papers_with_code_papers_and_links():
    papers, links = PWC.parse(gzip.compress(dumped([PAPER]))), PWC.parse(dumped([LINK, LINK | {"repo_url": ""}]))
    assert papers.records.select("source_record_id", "arxiv_id", "published_on").row(0) == (
        PAPER["paper_url"],
        "2401.00001",
        date(2024, 1, 2),
    )
    assert papers.records.select("venue", "venue_year").row(0) == ("ACL", 2021)
    assert links.listed_links.select("url_text", "is_official", "mentioned_in_paper", "framework").rows() == [
        ("https://github.com/a/b", True, True, "pytorch")
    ]
    assert (papers.format, links.format, links.rejects["reason"].to_list()) == ("papers", "links", ["no_url"])
    assert links.unread_fields == {"mentioned_in_github": 2}


def test_papers_with_code_evaluation_tables():
    parsed = PWC.parse(dumped([TASK]))
    assert parsed.results.select("entry_index", "task", "dataset", "metric", "value_text", "value").rows() == [
        (1, "Sorting", "Rocks", "Accuracy", "91.5%", 91.5),
        (1, "Sorting", "Rocks", "F1", "n/a", None),
        (3, "Fine Sorting", "Pebbles", "Accuracy", "91.5%", 91.5),
        (3, "Fine Sorting", "Pebbles", "F1", "n/a", None),
    ]
    assert parsed.records.select("entry_index", "arxiv_id").rows() == [(1, "2401.00001")]
    assert parsed.rejects.select("entry_index", "reason").rows() == [(2, "no_metrics")]
    assert parsed.entry_count == 3


def test_a_subtask_names_its_task_and_is_of_its_areas():
    parsed = PWC.parse(dumped([TASK | {"categories": ["Geology"]}]))
    assert parsed.results.select("task", "parent_task", "areas").unique(maintain_order=True).rows() == [
        ("Sorting", None, ["Geology"]),
        ("Fine Sorting", "Sorting", ["Geology"]),
    ]


def test_a_result_without_a_title_belongs_to_the_paper_that_its_url_names():
    urls = (
        "https://arxiv.org/pdf/2401.00001.pdf", "https://aclanthology.org/P18-1158",
        "https://openreview.net/forum?id=B1gTShAct7", "https://doi.org/10.1145/1.2", "https://stones.example", "",
    )  # fmt: skip
    rows = [ROW | {"paper_title": "", "paper_url": url} for url in urls]
    named_by_url = [ROW | {"paper_title": url, "paper_url": ""} for url in urls[:1] + urls[4:5]]
    table = {"dataset": "Rocks", "sota": {"rows": [*rows, *named_by_url]}}
    parsed = PWC.parse(dumped([TASK | {"datasets": [table], "subtasks": []}]))
    ids = ("entry_index", "title_raw", "arxiv_id", "acl_id", "openreview_id", "doi")
    assert parsed.records.select(ids).rows() == [
        (1, "", "2401.00001", None, None, None),
        (2, "", None, "p18-1158", None, None),
        (3, "", None, None, "B1gTShAct7", None),
        (4, "", None, None, None, "10.1145/1.2"),
        (7, "", "2401.00001", None, None, None),
    ]
    of_a_site = parsed.results.filter(entry_index=8).row(0, named=True)
    assert (of_a_site["paper_title"], of_a_site["paper_url"]) == (None, "https://stones.example")
    assert parsed.rejects.is_empty()


def test_a_value_that_is_no_number_says_why():
    texts = ["24M", "1,234", "87.3 ± 0.4", "92.4%", "−3.5", "220k", "68.8/67.1", "-", "", "Please tell us"]
    table = {"dataset": "Rocks", "sota": {"rows": [ROW | {"metrics": dict(zip("abcdefghij", texts, strict=True))}]}}
    parsed = PWC.parse(dumped([TASK | {"datasets": [table], "subtasks": []}]))
    assert parsed.results["value"].to_list() == [24e6, 1234, 87.3, 92.4, -3.5, 220e3, None, None, None, None]
    assert parsed.results["value_problem"].to_list()[6:] == ["several_numbers", "empty", "empty", "no_number"]
    assert parsed.results["value_problem"].null_count() == 6


def test_papers_with_code_methods_and_datasets():
    method = {
        "name": "Gneiss Sort",
        "full_name": "",
        "introduced_year": 2019,
        "source_title": "Stones",
        "source_url": "https://arxiv.org/abs/1901.00001v1",
        "collections": [{"collection": "Sorting"}],
        "paper": None,
    }
    dataset = {
        "name": "Rocks",
        "homepage": "https://example.org/rocks",
        "introduced_date": "2020-02-03",
        "paper": {"title": "Stones", "url": "https://paperswithcode.com/paper/stones"},
        "tasks": [{"task": "Sorting"}],
    }
    methods, datasets = (
        PWC.parse(dumped([method])).terms.row(0, named=True),
        PWC.parse(dumped([dataset])).terms.row(0, named=True),
    )
    assert (methods["name"], methods["introduced_on"], methods["paper_title"], methods["areas"]) == (
        "Gneiss Sort",
        date(2019, 1, 1),
        "Stones",
        ["Sorting"],
    )
    assert (datasets["name"], datasets["url"], datasets["introduced_on"]) == (
        "Rocks",
        "https://example.org/rocks",
        date(2020, 2, 3),
    )


@pytest.mark.parametrize(
    ("config", "content"),
    [
        (config, content)
        for config in (HF_DAILY, CONFERENCE, CURATED, PWC)
        for content in (
            b'[{"title": "cut',
            b"{",
            b"\xff\xfe\x00",
            b"[" * 100_000,
            b'"a text"',
            gzip.compress(dumped([PAPER]))[:-12],
        )
    ],
)
def test_broken_files_say_so(config, content):
    parsed = config.parse(content)
    assert parsed.rejects.height >= 1
    assert (
        parsed.rejects["reason"].str.starts_with("broken").any()
        or parsed.rejects["reason"].is_in(["not_an_object", "unknown_dump"]).all()
    )


def test_a_dump_that_unpacks_to_too_much_is_broken(monkeypatch):
    config = PWC.config.model_copy(update={"limits": Limits(unpacked_max_bytes=1000)})
    parsed = replace(PWC, config=config).parse(gzip.compress(dumped([PAPER] * 1000)))
    assert "more than 1,000 bytes when unpacked" in parsed.rejects["message"][-1]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "id",
        "title",
        "paper",
        "authors",
        "abstract",
        "upvotes",
        "repo_url",
        "paper_title",
        "task",
        "datasets",
        "sota",
        "rows",
        "metrics",
        "name",
        "introduced_year",
        "date",
        "site",
        "bibtex",
    ]
)


@given(
    st.lists(st.dictionaries(KEYS, ANY, max_size=6) | ANY, max_size=4),
    st.sampled_from([HF_DAILY, CONFERENCE, CURATED, PWC]),
)
def test_any_json_is_accounted_for(value, config):
    parsed = config.parse(dumped(value))
    kept = pl.concat(
        [
            parsed.records["entry_index"],
            parsed.rejects["entry_index"],
            parsed.results["entry_index"],
            parsed.terms["entry_index"],
        ]
    )
    assert kept.n_unique() == parsed.entry_count


VERSIONS = [
    {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
    {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
]
LINE = {
    "submitter": "Ann Stone",
    "authors": "Ann Stone and Ben Rock",
    "title": "Sorting\n  Stones",
    "comments": None,
    "doi": None,
    "abstract": "  We sort.\n",
    "versions": VERSIONS,
    "update_date": "2008-11-26",
    "authors_parsed": [["Stone", "Ann", ""], ["Rock", "Ben", ""]],
    "categories": "cs.LG",
}


def line(number, **changes):
    return {"id": f"0704.{number:04d}"} | LINE | changes


def lines(*values):
    return b"".join(dumped(value) + b"\n" for value in values)


SNAPSHOTS = {"plain": lambda content: content, "gzip": gzip.compress}


def zipped(content):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("arxiv.json", content)
    return file.getvalue()


@pytest.mark.parametrize("pack", [*SNAPSHOTS.values(), zipped], ids=[*SNAPSHOTS, "zip"])
def test_a_snapshot(pack):
    parsed = SNAPSHOT.parse(
        pack(
            lines(
                line(1),
                line(2, comments="This paper has been withdrawn by the authors", doi="https://doi.org/10.1234/X"),
                line(3, id="math/0309136v3"),
            )
        )
    )
    row = parsed.records.row(0, named=True)
    assert (row["arxiv_id"], row["authors"], row["version"], row["version_days"]) == (
        "0704.0001",
        ["Ann Stone", "Ben Rock"],
        2,
        [date(2007, 4, 2), date(2007, 7, 24)],
    )
    assert (row["published_on"], row["updated_on"]) == (date(2007, 4, 2), date(2007, 7, 24))
    assert parsed.records.select("is_withdrawn", "doi", "arxiv_id").rows()[1:] == [
        (True, "10.1234/x", "0704.0002"),
        (False, None, "math/0309136"),
    ]
    assert parsed.unread_fields == {}


def test_a_snapshot_has_the_facts_that_users_filter_by():
    facts = {
        "categories": "cs.LG cs.CL",
        "journal-ref": "J. Stones 3",
        "license": "https://example.org/by",
        "comments": "9 p.",
    }
    parsed = SNAPSHOT.parse(lines(line(1, **facts), line(2, categories=None)))
    assert parsed.records.select("categories", "journal_ref", "licence", "comments").rows() == [
        (["cs.LG", "cs.CL"], "J. Stones 3", "https://example.org/by", "9 p."),
        (None, None, None, None),
    ]


def test_bad_lines_of_a_snapshot_reject_themselves_alone():
    content = (
        lines(line(1))
        + b"{not json\n\n"
        + lines(line(2, title=""), line(3, id="x"), line(4, versions="?"), [1])
        + b'{"id": "0704.0009"'
    )
    parsed = SNAPSHOT.parse(content)
    assert parsed.records["arxiv_id"].to_list() == ["0704.0001", "0704.0004"]
    assert parsed.rejects.select("line_first", "reason").rows() == [
        (2, "not_json"),
        (4, "no_title"),
        (5, "no_arxiv_id"),
        (7, "not_json"),
        (8, "not_json"),
    ]
    assert (
        parsed.records["line_count"].sum() + parsed.rejects["line_count"].sum() + parsed.ignored_line_count
        == parsed.line_count
        == 8
    )


def test_a_snapshot_comes_in_pieces(monkeypatch):
    monkeypatch.setattr(SNAPSHOT.module, "CHUNK_ENTRIES", 2)
    pieces = list(SNAPSHOT.pieces(BytesIO(lines(*(line(i) for i in range(1, 6))))))
    assert [piece.records["entry_index"].to_list() for piece in pieces] == [[1, 2], [3, 4], [5]]


def test_a_snapshot_that_breaks_off_says_so():
    packed = gzip.compress(lines(*(line(i) for i in range(1, 400))))
    parsed = SNAPSHOT.parse(packed[: len(packed) // 2])
    assert parsed.rejects["reason"].to_list()[-1] == "broken_file"


def test_papers_of_the_api_that_is_online_again():
    parsed = PWC_API.parse(SEEDS["pwc_api"]()[0])
    row = parsed.records.row(0, named=True)
    assert (row["arxiv_id"], row["title_raw"], row["keywords"]) == ("2401.00001", "Stones", ["Sorting"])
    assert row["published_on"] == date(2024, 1, 2)
    assert parsed.listed_links.select("field", "url_text", "is_official").rows() == [
        ("repositories", "https://github.com/a/b", True),
        ("hf_models", "https://huggingface.co/quarry/gneiss", None),
    ]


def test_evaluations_of_the_api_that_is_online_again():
    parsed = PWC_API.parse(SEEDS["pwc_api"]()[1])
    assert parsed.results.select("metric", "value", "dataset", "model", "condition").rows() == [
        ("Accuracy", 91.5, "ImageNet", "Gneiss", "test"),
        ("Error", 8.5, "ImageNet", "Gneiss", "test"),
    ]
    assert parsed.records["arxiv_id"].to_list() == ["2401.00001"]
    broken = PWC_API.parse(b'{"detail": "Not found"}')
    assert broken.rejects["reason"].to_list() == ["broken_file"]
