import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.links import canonicalize, extract_links, trimmed

KINDS = {
    "Code: https://github.com/a/b.": ("https://github.com/a/b", "repository", "a", "b"),
    "Code (https://github.com/a/b.git).": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://github.com/a/b/tree/main, and": ("https://github.com/a/b", "repository", "a", "b"),
    "see github.com/a/b for code": ("https://github.com/a/b", "repository", "a", "b"),
    "see www.github.com/a/b/ for code": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://huggingface.co/org{URL}.": ("https://huggingface.co/org", "organization", "org", None),
    "at https://huggingface.co/org/model-7B.": ("https://huggingface.co/org/model-7B", "model", "org", "model-7B"),
    "at https://huggingface.co/datasets/org/set": ("https://huggingface.co/datasets/org/set", "dataset", "org", "set"),
    "at https://huggingface.co/spaces/org/app": ("https://huggingface.co/spaces/org/app", "space", "org", "app"),
    "at https://huggingface.co/collections/org/x-1": (
        "https://huggingface.co/collections/org/x-1",
        "collection",
        "org",
        "x-1",
    ),
    "at https://anonymous.4open.science/r/X-D761/ .": (
        "https://anonymous.4open.science/r/X-D761",
        "anonymous_repository",
        None,
        "X-D761",
    ),
    "at http://gitlab.com/a/b": ("https://gitlab.com/a/b", "repository", "a", "b"),
    "at https://a.github.io": ("https://a.github.io", "project_page", None, None),
    "at https: // github.com / a / b.": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://github.com/a/ b and": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://github.com/a/b.1": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://github.com/a/b².": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://github.com/a/b.We show": ("https://github.com/a/b", "repository", "a", "b"),
    "at https://github.com/a/wav2vec2.0.": ("https://github.com/a/wav2vec2.0", "repository", "a", "wav2vec2.0"),
    "at https://gitlab.com/a/b/-/tree/main": ("https://gitlab.com/a/b", "repository", "a", "b"),
    "at https://codeberg.org/a/b": ("https://codeberg.org/a/b", "repository", "a", "b"),
    "at https://bitbucket.org/a/b": ("https://bitbucket.org/a/b", "repository", "a", "b"),
    "at https://huggingface.co/papers/2401.00001": (
        "https://huggingface.co/papers/2401.00001",
        "paper",
        None,
        "2401.00001",
    ),
    "at https://zenodo.org/record/12": ("https://zenodo.org/record/12", "dataset", None, "12"),
    "at https://www.example.org/lab": ("https://www.example.org/lab", "project_page", None, None),
}


@pytest.mark.parametrize(("text", "expected"), KINDS.items())
def test_links_have_one_spelling_and_a_kind(text, expected, texts, vocabulary):
    assert extract_links(texts(text), vocabulary).select("url", "kind", "owner", "name").rows() == [expected]


def test_every_link_of_a_sentence_and_its_place(texts, vocabulary):
    frame = texts(
        "Code is at https://github.com/a/b and data at https://zenodo.org/records/12. Soon more: "
        "https://x.org/y will be public."
    )
    links = extract_links(frame, vocabulary)
    assert links["url"].to_list() == ["https://github.com/a/b", "https://zenodo.org/records/12", "https://x.org/y"]
    assert links["availability"].to_list() == ["available", "available", "promised"]
    abstract = frame["abstract"][0]
    assert [abstract[a:b] for a, b in links.select("char_start", "char_end").rows()] == links["url_text"].to_list()


@pytest.mark.parametrize(
    "text",
    [
        "Code will be released.",
        "We will release our models and data upon acceptance.",
        "The source code will be made publicly available.",
        "We plan to open-source the code.",
        "Code and data are to be open-sourced soon.",
    ],
)
def test_code_that_is_promised_without_a_url_is_an_announcement(text, texts, vocabulary):
    frame = texts(f"It works. {text}")
    (row,) = extract_links(frame, vocabulary).iter_rows(named=True)
    assert (row["kind"], row["url"], row["availability"], row["sentence_index"]) == (
        "announcement",
        None,
        "promised",
        1,
    )
    assert frame["abstract"][0][row["char_start"] : row["char_end"]] == row["url_text"]


@pytest.mark.parametrize(
    "text", ["Models will be deployed in data centres.", "The data will support future work.", "We released the code."]
)
def test_what_promises_no_code(text, texts, vocabulary):
    assert extract_links(texts(text), vocabulary).is_empty()


@pytest.mark.parametrize(
    "text", ["no link", "prepending wikipedia.org to it", "https:// alone", "http://[broken", "mail a@github.com/x", ""]
)
def test_what_is_no_link(text, texts, vocabulary):
    assert extract_links(texts(text), vocabulary).is_empty()


@given(st.text(alphabet="ab/.:()[]{}@#?&%_-'\" \\`https", max_size=60))
def test_no_text_breaks_the_extractor(text):
    from warehouse.vocabularies import read_vocabulary

    frame = pl.DataFrame({"text_id": ["t"], "title": ["T"], "abstract": ["https://" + text]})
    for row in extract_links(frame, read_vocabulary()).iter_rows(named=True):
        assert frame["abstract"][0][row["char_start"] : row["char_end"]] == row["url_text"]
        assert row["url"] is None or canonicalize(row["url"]) == row["url"]


def test_trimmed_keeps_balanced_brackets():
    assert trimmed("https://x.org/a_(b)).") == "https://x.org/a_(b)"


def test_all_links_of_the_real_listing(real_listing, vocabulary):
    from transforms.papers import normalise
    from warehouse.upstream.sources import read_source

    links = extract_links(
        normalise(read_source("hf_listing").parse(real_listing.read_bytes()).records, "hf_listing"), vocabulary
    )
    assert links["url"].drop_nulls().len() == 55
