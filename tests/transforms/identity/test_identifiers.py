"""Ids, names and URLs at the bounds of what they are."""

import polars as pl
import pytest

from transforms.identity.identifiers import acl_id, arxiv_id, arxiv_version, doi, openreview_id
from transforms.identity.keys import abstract_head, surname
from transforms.identity.urls import canonicalize


@pytest.mark.parametrize(
    ("text", "found", "version"),
    [
        ("2101.00001", "2101.00001", None),
        ("arXiv:2101.00001v12", "2101.00001", 12),
        ("0704.0001", "0704.0001", None),
        ("2112.00001", "2112.00001", None),
        ("2113.00001", None, None),
        ("2100.00001", None, None),
        ("2101.001", None, None),
        ("2101.000001", None, None),
        ("https://arxiv.org/abs/hep-th/9901001v3?context=math", "hep-th/9901001", 3),
        ("oai:arXiv.org:math.GT/0309136", "math/0309136", None),
        ("https://doi.org/10.48550/arXiv.2101.00001", "2101.00001", None),
        ("https://example.org/abs/2101.00001", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_arxiv_ids(text, found, version):
    assert (arxiv_id(text), arxiv_version(text)) == (found, version)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("doi:10.1234/ABC.", "10.1234/abc"),
        ("https://dx.doi.org/10.1234/a,b", "10.1234/a,b"),
        ("10.123/a", None),
        ("10.1234567890/a", None),
        ("10.1234/" + "a" * 290, "10.1234/" + "a" * 290),
        ("10.1234/" + "a" * 291, None),
        ("10.1234/a b", None),
        ("10.1234/a\x07b", None),
        ("10.1234/a\ufffdb", None),
        ("https://doi.org/10.48550/arXiv.2101.00001", None),
        (None, None),
    ],
)
def test_dois(text, found):
    assert doi(text) == found


def test_ids_of_acl_and_openreview():
    assert acl_id("https://www.aclweb.org/anthology/P19-1001v2.pdf") == acl_id("10.18653/v1/P19-1001") == "p19-1001"
    assert acl_id("10.1234/P19-1001") is acl_id("P19-101") is acl_id("") is None
    assert openreview_id("https://openreview.net/pdf?noteId=x&id=B1gTShAct7") == "B1gTShAct7"
    assert openreview_id(f"https://openreview.net/forum?id={'a' * 101}") is openreview_id(None) is None


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ann Stone", "stone"),
        ("Stone, Ann", "stone"),
        ("van der Stone, Ann", "stone"),
        ("A.B.Stone", "stone"),
        ("Ann Stone III", "stone"),
        ("Ann Stone Jr. II", "stone"),
        ("Stone Jr.", "stone"),
        ("Jr.", "jr"),
        ("O'Stone-Müller", "ostonemuller"),
        ("- -", ""),
        ("", ""),
    ],
)
def test_surnames(author, name):
    assert surname(author) == name


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("A, b_c!", "abc"),
        ("ab" * 300, "ab" * 200),
        ("a " * 300, "a" * 300),
        ("a " * 500, "a" * 400),
        ("a  " * 500, "a" * 267),  # 800 characters are looked at
    ],
)
def test_the_head_of_an_abstract(text, head):
    assert pl.select(abstract_head(pl.lit(text))).item() == head


@pytest.mark.parametrize(
    ("url", "spelling"),
    [
        ("HTTP://Example.org:8080/a/?b=c", "https://example.org:8080/a?b=c"),
        ("example.org:1/a", "https://example.org:1/a"),
        ("ftp://example.org/a", "ftp://example.org/a"),
        ("https://www.example.org", "https://www.example.org"),
        ("https://github.com/a/b/tree/main/c", "https://github.com/a/b"),
        ("https://example.org/a/b/tree/main", "https://example.org/a/b/tree/main"),
        ("https://MÜLLER.example/a", "https://müller.example/a"),
        (f"https://{'a' * 63}.example", f"https://{'a' * 63}.example"),
        (f"https://{'.'.join(['a' * 49] * 5)}.org", f"https://{'.'.join(['a' * 49] * 5)}.org"),  # 253 characters
    ],
)
def test_one_spelling_of_a_url(url, spelling):
    assert canonicalize(url) == spelling


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/a",
        "https:///a",
        "https://example.org:0/a",
        "https://example.org:65536/a",
        "https://a..b/c",
        "https://-a.example",
        "https://a-.example",
        f"https://{'a' * 64}.example",
        f"https://{'.'.join(['a' * 49] * 5)}.orgs",
        f"https://{'.'.join(['a' * 49] * 6)}.org",
        "https://\u00ad.example",
        "https://[::1",
    ],
)
def test_what_has_no_place_is_no_url(url):
    with pytest.raises(ValueError, match=r".+"):
        canonicalize(url)
