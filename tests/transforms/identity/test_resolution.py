"""Identity in pairs and clusters: what is one paper, what is not, and that no order of the records matters."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.identity.blocking import blocking_keys, prefilter_pairs
from transforms.identity.clustering import cluster_mentions
from transforms.identity.keys import title_key
from transforms.identity.matching import CANNOT_LINK, score_pairs
from transforms.identity.mentions import MENTIONS, TitleWords
from warehouse.vocabularies import read_vocabulary

WORDS = TitleWords(read_vocabulary().rows("title_words"))
STONES, ROCKS = (
    "We sort stones by weight and find that it is quick. " * 6,
    "Rocks are painted in this work, and people like the colours. " * 6,
)


def mentions(*records):
    rows = [
        {"mention_id": f"m{i}", **record, "title_key": title_key(record["title"])} for i, record in enumerate(records)
    ]
    rows = [{name: row.get(name) for name in MENTIONS} for row in rows]
    return pl.DataFrame(rows, schema=MENTIONS)


def share_text(frame):
    keys = blocking_keys(frame, WORDS).filter(pl.col("is_text"))
    return pl.lit(keys.height == 2 and keys["key"].n_unique() == 1)


def rule(one, other, a=None, b=None):
    """The rule by which two titles, with what else is known, are judged to be one paper."""
    frame = mentions({"title": one} | (a or {}), {"title": other} | (b or {}))
    pairs = pl.DataFrame(
        {"a": ["m0"], "b": ["m1"], "title_a": frame["title_key"][:1], "title_b": frame["title_key"][1:]}
    ).with_columns(is_text=share_text(frame))
    found = score_pairs((prefilter_pairs(pairs), frame), WORDS)
    return found["matched_by"].item() if found.height else None


def share_a_key(one, other, a=None, b=None):
    keys = blocking_keys(mentions({"title": one} | (a or {}), {"title": other} | (b or {})), WORDS)
    return keys.group_by("key").len().filter(pl.col("len") > 1).height > 0


ONE_PAPER = [
    ("Sorting Stones by Weight in Linear Time", "SORTING STONES BY WEIGHT IN LINEAR TIME", "title"),
    ("Sorting Stones: by Weight, in Linear-Time", "Sorting stones - by weight in linear time.", "title"),
    (r"Sorting $\alpha$-Stones by \emph{Weight}", "Sorting -Stones by Weight", "title"),
    ("Sörting Stones & Rocks", "Sorting Stones and Rocks", "title"),
    ("Sorting Stones by Weight", "Sorting Stones by Weight (Extended Version)", "title_version"),
    ("Sorting Stones by Weight", "Sorting Stones by Weight [Preprint]", "title_version"),
    ("Sorting Stones by Weight: Technical Report", "Sorting Stones by Weight", "title_version"),
    ("Sorting Stones by Weight in Linear Time", "Sorting Stoens by Weight in Linear Time", "title_fuzzy"),
    ("Sorting Coloured Stones by Weight", "Sorting Colored Stones by Weight", "title_fuzzy"),
    (
        "Sorting Pebbles, Cobbles and Boulders by Weight: A Linear Method",
        "Sorting Pebbles, Cobbles and Boulders by Weight",
        "title_subtitle",
    ),
]


@pytest.mark.parametrize(("one", "other", "by"), ONE_PAPER)
def test_one_paper(one, other, by):
    assert rule(one, other) == rule(other, one) == by
    assert share_a_key(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sorting Stones by Weight, Part I", "Sorting Stones by Weight, Part II"),
        ("Sorting Stones by Weight", "Sorting Stones by Weight v2.0"),
        ("Sorting Stones by Weight", "Erratum: Sorting Stones by Weight"),
        ("Sorting Stones by Weight", "Sorting Stones by Weight II"),
        ("StoneNet 3: Sorting by Weight", "StoneNet 4: Sorting by Weight"),
        ("StoneNet: Sorting Stones by Weight", "StoneNet: Sorting Walls by Weight"),
        ("Reply to Sorting Stones by Weight", "Sorting Stones by Weight"),
    ],
)
def test_siblings_are_held_apart(one, other):
    assert rule(one, other) == rule(other, one) == CANNOT_LINK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sorting Stones by Weight in Linear Time", "Sorting Walls by Weight in Linear Time"),
        ("Supervised Sorting of Stones by Weight", "Unsupervised Sorting of Stones by Weight"),
        ("Symmetric Sorting of Stones by Weight", "Asymmetric Sorting of Stones by Weight"),
        ("Introduction", "Introduction"),
        ("Stones", "Stones: A Very Long History"),
    ],
)
def test_other_papers(one, other):
    assert rule(one, other) in (None, CANNOT_LINK)


ANN, BEN = {"authors": ["Ann Stone", "Cleo Pebble"]}, {"authors": ["Ben Rock"]}


@pytest.mark.parametrize(
    ("a", "b", "by"),
    [
        (ANN, {"authors": ["Stone, A."]}, "title"),
        (ANN, BEN, CANNOT_LINK),
        ({"abstract_head": STONES}, {"abstract_head": ROCKS}, CANNOT_LINK),
        ({"abstract_head": STONES}, {"abstract_head": STONES[:120]}, "title"),
        (ANN | {"year": 2001}, ANN | {"year": 2003}, "title"),
        ({"year": 2001}, {"year": 2020}, CANNOT_LINK),
        (ANN | {"abstract_head": STONES}, BEN | {"abstract_head": STONES}, "title"),
    ],
)
def test_what_else_is_known_decides_between_equal_titles(a, b, by):
    assert rule("Sorting Stones by Weight", "Sorting stones by weight", a, b) == by


def test_a_dropped_subtitle_needs_evidence():
    long, short = "Gneiss: Sorting Stones by Weight in Linear Time", "Gneiss"
    assert rule(long, short) is None
    assert rule(long, short, ANN, ANN) == "title_subtitle"
    assert rule(long, short, {"abstract_head": STONES}, {"abstract_head": STONES[:200]}) == "title_subtitle"
    assert share_a_key(long, short, ANN, ANN)
    assert share_a_key(long, short, {"abstract_head": STONES}, {"abstract_head": STONES[:200]})


def test_a_preprint_and_what_became_of_it_share_their_abstract():
    titles = "Towards Sorting Many Stones by Weight", "Sorting Many Stones by Weight with Scales"
    assert rule(*titles, {"abstract_head": STONES}, {"abstract_head": STONES}) == "text"
    assert rule(*titles) is None


def clusters(edges, ids=None):
    frame = cluster_mentions(edges, ids or {})
    return sorted(sorted(group["mention_id"].to_list()) for _, group in frame.group_by("cluster"))


def test_clusters_grow_by_the_strongest_edges_and_ids_never_meet():
    edges = [("a", "x", "title", 1.0), ("b", "x", "title_fuzzy", 0.9), ("b", "c", "doi", 1.0)]
    assert clusters(edges) == [["a", "b", "c", "x"]]
    assert clusters(edges, {"a": [("arxiv_id", "1")], "c": [("arxiv_id", "2")]}) == [["a", "x"], ["b", "c"]]


def test_what_is_apart_is_not_joined_by_a_third():
    edges = [
        ("a", "x", "title", 0.95),
        ("b", "x", "title", 0.95),
        ("a", "y", "title", 1.0),
        ("a", "b", CANNOT_LINK, 0.0),
    ]
    # The bare title goes where there is more.
    assert clusters(edges) == [["a", "x", "y"], ["b"]]


def test_forced_merges_and_splits_win():
    edges = [("a", "b", "override", 1.0), ("c", "d", "arxiv_id", 1.0)]
    ids = {"a": [("arxiv_id", "1")], "b": [("arxiv_id", "2")], "c": [("split 0", "id_a")], "d": [("split 0", "id_b")]}
    assert clusters(edges, ids) == [["a", "b"], ["c"], ["d"]]


edge = st.tuples(
    st.sampled_from("abcdef"),
    st.sampled_from("abcdef"),
    st.sampled_from(["title", "doi", "title_fuzzy", CANNOT_LINK]),
    st.sampled_from([1.0, 0.95]),
)


@given(st.lists(edge.filter(lambda each: each[0] < each[1])), st.randoms())
def test_no_order_of_edges_matters(edges, chance):
    ids = {"a": [("arxiv_id", "1")], "f": [("arxiv_id", "2")]}
    shuffled = edges[:]
    chance.shuffle(shuffled)
    assert cluster_mentions(edges, ids).equals(cluster_mentions(shuffled, ids))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_titles_are_judged(one, other):
    assert rule(one, other) == rule(other, one)
    assert title_key(title_key(one)) == title_key(one) or ":" in one


def test_made_variants_meet_their_paper():
    chance = random.Random(3)
    words = "granite basalt marble gneiss schist slate chalk flint quartz pumice".split()
    for _ in range(50):
        title = " ".join(chance.sample(words, 6))
        swapped = title.replace("granite", "grantie")
        assert share_a_key(title, swapped)
        assert rule(title, swapped) in ("title", "title_fuzzy")
