from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.frames import PAPERS, RECORDS, conform
from transforms.identity.keys import normalise_title
from transforms.papers import normalise
from transforms.text.language import detect_language


def papers(*records, **options):
    return normalise(conform(list(records), RECORDS), "hf_listing", **options)


def test_records_become_papers_with_raw_and_repaired_text():
    made = papers(
        {"entry_index": 1, "title_raw": r"V\&L Models", "abstract_raw": "saves sim30% of it"},
        listed_on=date(2026, 3, 2),
    )
    assert made.schema == pl.Schema(PAPERS)
    row = made.row(0, named=True)
    assert (row["title"], row["title_raw"], row["abstract"]) == ("V&L Models", r"V\&L Models", "saves ~30% of it")
    assert (row["listed_on"], row["is_withdrawn"], row["source_record_id"]) == (date(2026, 3, 2), None, row["own_id"])


def test_a_record_keeps_its_own_day_of_listing():
    made = papers({"title_raw": "T", "listed_on": date(2026, 1, 1)}, {"title_raw": "U"}, listed_on=date(2026, 3, 2))
    assert made["listed_on"].to_list() == [date(2026, 1, 1), date(2026, 3, 2)]


@pytest.mark.parametrize(
    ("record", "own_id"),
    [
        ({"arxiv_id": "2401.00001", "doi": "10.1/x", "acl_id": "p19-1001"}, "2401.00001"),
        ({"doi": "10.1/abc", "acl_id": "p19-1001"}, "10.1/abc"),
        ({"acl_id": "p19-1001", "openreview_id": "Ab"}, "acl:p19-1001"),
        ({"openreview_id": "Ab"}, "openreview:Ab"),
    ],
)
def test_a_record_names_its_paper_by_its_best_id(record, own_id):
    assert papers({"title_raw": "T"} | record)["own_id"].item() == own_id


def test_titles_that_differ_in_case_and_punctuation_give_one_id():
    made = papers(
        {"title_raw": "RoAST: Robustifying  Language-Models"},
        {"title_raw": "Roast robustifying language models."},
        {"title_raw": "Other"},
    )
    assert made["own_id"].n_unique() == 2
    assert made["own_id"][0].startswith("title:")


def test_identity_is_the_same_in_every_release():
    assert papers({"title_raw": "Attention Is All You Need"})["own_id"].item() == "title:33a1e3a52be691f6"


def test_the_first_author_is_part_of_the_id_where_known():
    made = papers(
        {"title_raw": "T"},
        {"title_raw": "T", "authors": ["Ann Stone", "B"]},
        {"title_raw": "t.", "authors": ["Stone, A."]},
    )
    assert made["own_id"][0] != made["own_id"][1] == made["own_id"][2]


@pytest.mark.parametrize(
    ("record", "year"),
    [
        ({"arxiv_id": "2401.00001"}, 2024),
        ({"arxiv_id": "hep-th/9901001"}, 1999),
        ({"arxiv_id": "hep-th/9107001"}, 1991),
        ({"arxiv_id": "hep-th/0001001"}, 2000),
        ({"arxiv_id": "0704.0001"}, 2007),
        ({"arxiv_id": "2401.00001", "published_on": date(2023, 12, 31)}, 2023),
        ({"published_on": date(2020, 5, 1)}, 2020),
        ({"year": 2018}, 2018),
        ({}, None),
    ],
)
def test_the_year_follows_from_what_is_known(record, year):
    assert papers({"title_raw": "T"} | record)["year"].item() == year


def test_equal_texts_have_equal_text_ids_whatever_their_source():
    one, two, three = papers(*[{"title_raw": "T", "abstract_raw": text} for text in ("a b", "a  b", None)])["text_id"]
    assert one == two != three


@given(st.text())
def test_normalised_title_is_idempotent(title):
    assert normalise_title(normalise_title(title)) == normalise_title(title)


def test_language():
    frame = pl.DataFrame(
        {
            "text": [
                "We show that the method is better than all of the others on this task.",
                "Les réseaux de neurones profonds apprennent des représentations utiles des images et du texte.",
                "BLOOM",
                None,
            ]
        }
    )
    assert frame.select(detect_language(pl.col("text"))).to_series().to_list() == ["en", "fr", None, None]


def test_conform_refuses_columns_that_the_schema_lacks():
    with pytest.raises(ValueError, match="colour"):
        conform([{"colour": "red"}], RECORDS)


def test_conform_of_nothing_is_an_empty_frame():
    assert conform([], RECORDS).schema == pl.Schema(RECORDS)
