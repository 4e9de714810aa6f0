"""Bibliographies: BibTeX, RIS and DBLP's XML."""

import io
from datetime import date

import pytest

from tests.fuzzing.seeds import SEEDS
from transforms.frames import combine
from transforms.papers import normalise
from warehouse.upstream.sources import read_source

BIBTEX, RIS, DBLP = map(read_source, ("bibtex", "ris", "dblp"))


def facts(parsed, *names, row=0):
    return tuple(parsed.records.row(row, named=True)[name] for name in names)


def test_bibtex():
    for content in SEEDS["bibtex"]():
        found = BIBTEX.parse(content)
        names = ("title_raw", "authors", "openreview_id", "keywords", "venue", "venue_year")
        assert facts(found, *names) == (
            'Gneiss: Sorting Stones na{\\"i}vely', ["Ann Stone", "Jörg Müller", "The Quarry"], "B1gTShAct7",
            ["sorting", "stones"], "International Conference on Sorting", 2024,
        )  # fmt: skip
        names = ("arxiv_id", "published_on", "venue", "comments")
        assert facts(found, *names, row=1) == ("2401.00001", date(2024, 1, 3), None, "10 pages")
        assert found.rejects["reason"].to_list() == ["no_title", "no_entry"]
        assert normalise(found.records, "bibtex")["title"][0] == "Gneiss: Sorting Stones naïvely"


def test_a_key_names_no_paper_beyond_its_file():
    """Two people's `smith2020` are two papers."""
    assert BIBTEX.parse(SEEDS["bibtex"]()[0]).records["source_record_id"].null_count() == 2


@pytest.mark.parametrize(
    ("entry", "name", "value"),
    [
        ("@article{a, title={T}, eprint={1706.03762}, archiveprefix={arXiv}}", "arxiv_id", "1706.03762"),
        ("@article{a, title={T}, eprint={1706.03762}, eprinttype={pubmed}}", "arxiv_id", None),
        ("@article{a, title={T}, journal={CoRR, abs/1}, doi={10.48550/arXiv.1706.03762}}", "arxiv_id", "1706.03762"),
        ("@article{a, title={T}, doi={https://doi.org/10.1145/X.1}}", "doi", "10.1145/x.1"),
        ("@article{a, title={T}, title={U}}", "title_raw", "T"),
        ("@ARTICLE(a, TITLE = {T})", "title_raw", "T"),
        ("@article{a, title={T}, month=jun, year=2020}", "year", 2020),
        ("@article{a, title={T}, year={to appear}}", "year", None),
        ("@article{a, title={T}, url={https://aclanthology.org/P19-1001}}", "acl_id", "p19-1001"),
        ("@article{a, title={T}, author={van den Berg, Jr., Jan}}", "authors", ["Jan van den Berg Jr."]),
        ("@article{a, title={T}, author={Ann Stone and others}}", "authors", ["Ann Stone"]),
    ],
)
def test_entries_of_several_sources(entry, name, value):
    assert facts(BIBTEX.parse(entry.encode()), name) == (value,)


def test_ris():
    for content in SEEDS["ris"]():
        found = RIS.parse(content)
        names = ("title_raw", "authors", "doi", "published_on", "keywords", "venue", "venue_year")
        assert facts(found, *names) == (
            "Sorting Stones", ["Ann Stone", "Ben Rock Jr."], "10.1234/stones", date(2024, 5, 1), ["sorting", "stones"],
            "International Conference on Sorting", 2024,
        )  # fmt: skip
        assert facts(found, "arxiv_id", "year", "venue", row=1) == ("2401.00001", 2023, "Journal of Pebbles")
        assert found.rejects["reason"].to_list() == ["no_title"]
        assert found.listed_links["url_text"].to_list() == ["https://github.com/stones/sort"]


def test_a_reference_without_an_end_is_read():
    found = RIS.parse(b"TY  - JOUR\nTI  - Stones\nTY  - JOUR\nTI  - Pebbles\n")
    assert found.records["title_raw"].to_list() == ["Stones", "Pebbles"]


def test_dblp():
    for content in SEEDS["dblp"]():
        found = DBLP.parse(content)
        assert facts(found, "title_raw", "authors", "author_ids", "arxiv_id", "venue") == (
            "Sorting H2O & Stones", ["Jörg Müller", "Ann Stone"], ["0000-0001-2345-6789", "0000-0001-2345-6780"],
            "2401.00001", None,
        )  # fmt: skip
        assert facts(found, "title_raw", "doi", "venue", row=1) == ("Gneiss", "10.1234/gneiss", "SORT")
        assert found.rejects["reason"].to_list() == ["no_title"]
        assert found.listed_links["url_text"].to_list() == ["https://stones.example.org/gneiss"]


def test_a_document_that_declares_entities_is_refused():
    declared = b'<!DOCTYPE dblp [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
    bomb = declared + b'<dblp><article key="k"><title>&b;</title></article></dblp>'
    assert "declares entities" in DBLP.parse(bomb).rejects["message"][0]


@pytest.mark.parametrize("facts_of", [BIBTEX, RIS])
def test_a_file_without_an_entry_is_broken(facts_of):
    assert facts_of.parse(b"nothing of the kind\n").rejects["reason"].to_list() == ["broken_file"]


def test_many_entries_are_read_in_time_and_pieces():
    entry = "@article{k%d, title={Stones %d}, author={Stone, Ann and Rock, Ben}, abstract={%s}, year=2020}\n"
    content = "".join(entry % (n, n, "We sort. " * 100) for n in range(21_000)).encode()
    pieces = list(BIBTEX.pieces(io.BytesIO(content)))
    assert [len(piece.records) for piece in pieces] == [20_000, 1_000]
    assert combine(pieces).entry_count == 21_000
