"""Citations, linked data and badges: read back by the libraries of their formats, and by our own sources."""

import json
import re

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from lxml import etree
from pylatexenc.latex2text import LatexNodes2Text

from warehouse.publishing.citations import write_bibtex, write_csl, write_ris
from warehouse.upstream.sources import read_source

PAPER = {
    "paper_id": "2101.00001", "title": "On {Stones} & 5% of_them: a\nSurvey", "abstract": "Stones.\nMore stones.",
    "authors": ["Ann Müller", "Bo Li"], "arxiv_id": "2101.00001", "doi": "10.1234/stones.5", "published_on": None,
    "published_precision": None, "venue": "ICLR", "venue_year": 2021, "journal_ref": None,
}  # fmt: skip
BARE = PAPER | {"authors": None, "title": "数", "venue": None, "venue_year": None, "arxiv_id": None, "doi": None}


@pytest.mark.parametrize(("write", "source"), [(write_bibtex, "bibtex"), (write_ris, "ris")])
def test_what_is_written_is_read_back_by_our_own_sources(write, source):
    paper = PAPER | {"title": "On Stones: a\nSurvey"}
    record = read_source(source).parse(write([paper]).encode()).records.row(0, named=True)
    assert record["title_raw"] == "On Stones: a Survey"
    assert record["authors"] == ["Ann Müller", "Bo Li"]
    assert record["doi"] == "10.1234/stones.5"
    assert record["venue_year"] == 2021 or record["published_on"].year == 2021


def test_what_means_something_to_latex_is_written_for_it():
    (title,) = re.findall(r"\ttitle = \{(.*)\}", write_bibtex([PAPER]))
    assert LatexNodes2Text().latex_to_text(title) == "On Stones & 5% of_them: a Survey"


def test_addresses_stay_as_they_are_and_no_title_swallows_what_follows():
    broken = PAPER | {"title": "Cost is $5 per $\\alpha_{x$ thing]{", "doi": "10.1007/978_3-030#a%b"}
    library = parse_string(write_bibtex([broken, PAPER]))
    assert (len(library.entries), library.failed_blocks) == (2, [])
    assert library.entries[0].fields_dict["doi"].value == "10.1007/978_3-030#a%b"
    assert library.entries[0].fields_dict["url"].value.startswith("https://arxiv.org/abs/")


def test_keys_differ_and_bare_papers_are_cited_too():
    keys = re.findall(r"@\w+\{(.+),", write_bibtex([PAPER, PAPER, BARE]))
    assert keys[0] == "muller2021stones" or keys[0].endswith("2021stones")
    assert len(set(keys)) == 3
    assert len(rispy.loads(write_ris([PAPER, BARE]))) == 2
    assert [each["title"] for each in json.loads(write_csl([PAPER, BARE]))] == [PAPER["title"], "数"]


def test_papers_searches_and_leaderboards_are_cited(site):
    paper_id = site.get("/api/papers?limit=1").json()["items"][0]["paper_id"]
    one = site.get("/cite/ris", params={"paper": paper_id})
    assert one.headers["content-type"].startswith("application/x-research-info-systems")
    assert len(rispy.loads(one.text)) == 1
    found = json.loads(site.get("/cite/csl", params={"q": "attention"}).text)
    assert len(found) > 1
    filtered = {"q": "attention", "year": "2022"}
    shown = site.get("/search.json", params=filtered).json()["found"]
    assert len(json.loads(site.get("/cite/csl", params=filtered).text)) == len(shown) < len(found)
    board = site.get("/cite/bib", params={"dataset": "ImageNet", "metric": "accuracy"})
    assert board.text.count("@") > 3
    assert "attachment" in board.headers["content-disposition"]
    assert site.get("/cite/bib").status_code == 404
    assert site.get("/cite/bib", params={"paper": "none"}).status_code == 404
    assert site.get("/cite/txt", params={"paper": paper_id}).status_code in (404, 422)


def test_pages_hold_linked_data(site):
    claim = site.get("/api/claims?dataset=ImageNet&limit=1").json()["items"][0]
    page = etree.HTML(site.get(f"/papers/{claim['paper_id']}").text)
    (article,) = [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]
    assert article["@type"] == "ScholarlyArticle"
    mentioned = {each["identifier"]: each for each in article["mentions"]}
    assert mentioned[claim["claim_id"]]["description"] == claim["evidence"]
    page = etree.HTML(site.get("/datasets/ImageNet").text)
    (dataset,) = [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]
    assert (dataset["@type"], dataset["name"]) == ("Dataset", "ImageNet")


def test_badges_say_where_a_paper_and_a_leaderboard_stand(site):
    head = site.get("/datasets/ImageNet.json?metric=accuracy").json()["entries"][0]
    badge = site.get(f"/badges/papers/{head['paper_id']}.svg")
    assert badge.headers["content-type"] == "image/svg+xml"
    tree = etree.fromstring(badge.content)
    assert re.match(r"paperhouse: rank 1 of \d+ on \S", tree.get("aria-label"))
    board = etree.fromstring(site.get("/badges/board.svg?dataset=ImageNet&metric=accuracy").content)
    assert head["value_text"] in board.get("aria-label")
    assert site.get("/badges/papers/none.svg").status_code == 404
    assert site.get("/badges/board.svg?dataset=ImageNet&metric=none").status_code == 404
