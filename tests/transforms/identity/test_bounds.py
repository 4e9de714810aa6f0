"""The bounds of identity, each from both sides: what blocking compares, and what matching takes for one paper."""

from itertools import product

import polars as pl
import pytest

from tests.transforms.identity.test_resolution import CANNOT_LINK, STONES, WORDS, mentions
from transforms.identity.blocking import block_parts, blocking_keys, prefilter_pairs
from transforms.identity.clustering import cluster_mentions
from transforms.identity.matching import Evidence, match_pair, weigh_evidence
from transforms.identity.mentions import prepare

ANN = {"authors": ["Ann Stone", "Ben Rock"]}
HEAD = "abcdefghij" * 40


def hashes(keys):
    return set(pl.Series(keys, dtype=pl.String).hash(seed=7))


@pytest.mark.parametrize(
    ("title", "known", "keys"),
    [
        ("Stones", {}, "=stones|<stones|>stones|#stones"),
        ("Stones", ANN, "=stones|astone=stones|<stones|>stones|#stones"),
        (
            "Grey Stones",
            ANN,
            "=greystones|astone=greystones|<grey stones|>grey stones|#grey stones|@stone grey ston|@stone .grey ston",
        ),
        (
            "Grey Stones Fall",
            ANN,
            "=greystonesfall|-g stones fall|-s grey fall|-f grey stones|@stone grey ston|@stone .ston fall",
        ),
        ("a b c d e f g", {}, "=bcdefg|-b c d e f g|-c b d e f g|-d b c e f g|-e b c d f g|-f b c d e g|-g b c d e f"),
        (
            "b c d e f g h",
            {},
            (
                "=bcdefgh|-b c d e f g h|-c b d e f g h|-d b c e f g h|-e b c d f g h|-f b c d e g h|-g b c d e f h|"
                "-h b c d e f g"
            ),
        ),
        ("bb c dd e f ggg h i", {}, "=bbcddefggghi|<bb c dd e|>f ggg h i|#bb c dd ggg"),
        ("Abcdefghijk: Xy", {}, "=abcdefghijkxy|<abcdefghijk xy|>abcdefghijk xy|#abcdefghijk xy"),
        ("Abcdefghijkl: Xy", {}, "=abcdefghijklxy|=abcdefghijkl|<abcdefghijkl xy|>abcdefghijkl xy|#abcdefghijkl xy"),
        (
            "Abcdefghijkl: Xy",
            ANN,
            (
                "=abcdefghijklxy|=abcdefghijkl|astone=xy|<abcdefghijkl xy|>abcdefghijkl xy|#abcdefghijkl xy|"
                "@stone abcd xy|@stone .abcd xy"
            ),
        ),
        ("Stones", {"abstract_head": HEAD[:59]}, "=stones|<stones|>stones|#stones"),
        ("Stones", {"abstract_head": HEAD[:60]}, f"=stones|<stones|>stones|#stones|~{HEAD[:60]}"),
        ("Stones", {"abstract_head": HEAD}, f"=stones|<stones|>stones|#stones|~{HEAD[:60]}"),
    ],
)
def test_the_keys_of_a_title(title, known, keys):
    found = blocking_keys(mentions({"title": title} | known), WORDS)
    assert set(found["key"]) == hashes(keys.split("|"))
    assert found["is_text"].sum() == (len(known.get("abstract_head", "")) >= 60)


@pytest.mark.parametrize(
    ("known", "parts"),
    [
        ({}, []),
        ({"authors": ["Stone, Ann", "Ben Rock"]}, ["@stone"]),
        ({"authors": ["?"]}, []),
        ({"abstract_head": HEAD[:119]}, []),
        ({"abstract_head": HEAD[:120]}, [f"~{HEAD[:120]}"]),
        (ANN | {"abstract_head": HEAD}, ["@stone", f"~{HEAD[:120]}"]),
    ],
)
def test_the_parts_of_a_block(known, parts):
    assert set(block_parts(mentions({"title": "Stones"} | known))["part"]) == hashes(parts)


@pytest.mark.parametrize(
    ("one", "other", "is_compared"),
    [
        ("abcdefghij" * 5, "abcdefghij" * 4 + "klmnopqrst", True),  # 80 of 100 letters
        ("a" * 39 + "b" * 11, "a" * 39 + "c" * 11, True),  # 78
        ("a" * 77 + "b" * 23, "a" * 77 + "c" * 23, False),  # 77
        ("stones", "all that is known of the seven stones", True),  # one holds the other
        ("gneiss : on stones", "gneiss : painting every wall", True),  # one name
        ("gneiss : on stones", "painting : every wall of gneiss", False),
        ("gneiss", "gneiss : painting every wall of a town", True),
    ],
)
def test_which_pairs_are_scored(one, other, is_compared):
    for first, second in ((one, other), (other, one)):
        pairs = pl.DataFrame({"a": ["m0"], "b": ["m1"], "is_text": [False], "title_a": [first], "title_b": [second]})
        assert prefilter_pairs(pairs).height == is_compared
        assert prefilter_pairs(pairs.with_columns(is_text=True)).height == 1


PEOPLE, LIKENESSES, YEARS = (True, None, False), (None, 0.49, 0.5, 0.79, 0.8, 0.89, 0.9), (None, 0, 3, 4)


def test_what_speaks_for_one_paper_and_against_it():
    for same, abstract, apart in product(PEOPLE, LIKENESSES, YEARS):
        seen = Evidence(same, abstract, apart)
        other_text = abstract == 0.49
        assert seen.is_other_text == other_text
        assert seen.is_for == (abstract in (0.8, 0.89, 0.9) or (same is True and apart != 4 and not other_text)), seen
        against = same is False or (same is None and other_text) or (apart == 4 and same is not True)
        assert seen.is_against == (against and abstract != 0.9), seen


def pair(one, other, a=None, b=None):
    ready = prepare(mentions({"title": one} | (a or {}), {"title": other} | (b or {})), WORDS)
    return ready["m0"], ready["m1"]


@pytest.mark.parametrize(
    ("a", "b", "seen"),
    [
        ({}, {}, Evidence(None, None, None)),
        (ANN, {}, Evidence(None, None, None)),
        ({"authors": ["A X", "B Y"]}, {"authors": ["A X", "C Z", "D U"]}, Evidence(True, None, None)),
        ({"authors": ["A X", "B Y", "E V"]}, {"authors": ["A X", "C Z", "D U"]}, Evidence(False, None, None)),
        ({"abstract_head": HEAD}, {}, Evidence(None, None, None)),
        ({"abstract_head": HEAD[:59]}, {"abstract_head": HEAD}, Evidence(None, None, None)),
        ({"abstract_head": HEAD[:60]}, {"abstract_head": HEAD}, Evidence(None, 1.0, None)),
        ({"abstract_head": "a" * 60}, {"abstract_head": "a" * 30 + "b" * 30}, Evidence(None, 0.5, None)),
        ({"year": 2001}, {"year": 2004}, Evidence(None, None, 3)),
        ({"year": 2001}, {}, Evidence(None, None, None)),
    ],
)
def test_what_is_known_beside_the_titles(a, b, seen):
    assert weigh_evidence(*pair("Stones", "Stones", a, b)) == weigh_evidence(*pair("Stones", "Stones", b, a)) == seen


TEXT = {"abstract_head": STONES[:150]}
OTHER = {count: {"abstract_head": "x" * count + HEAD[count:200]} for count in (0, 30, 31)}  # so many letters differ
LONG = "Sorting Pebbles Cobbles Boulders Quickly"


@pytest.mark.parametrize(
    ("one", "other", "a", "b", "found"),
    [
        ("Grey Stones", "Grey stones", {}, {}, ("title", 0.95)),
        ("Grey Stones", "Grey stones", ANN, ANN, ("title", 1.0)),
        ("Grey Stones", "Grey Stones: Preprint", ANN, ANN, ("title_version", 1.0)),
        ("Stones", "Stones", {}, {}, None),
        ("Stones", "Stones", ANN, ANN, ("title", 1.0)),
        ("Grey Stones", "Grey Stones", ANN, {"authors": ["Cleo Wall"]}, (CANNOT_LINK, 0.0)),
        ("Grey Stones: Fall", "Grey Stones Fall", ANN, ANN, ("title", 1.0)),
        # a subtitle more
        (LONG, f"{LONG}: A Study", {}, {}, ("title_subtitle", 0.85)),
        (LONG, f"{LONG}: A Study", ANN, ANN, ("title_subtitle", 0.95)),
        (LONG, f"A Study: {LONG}", ANN, ANN, ("title_subtitle", 0.95)),
        ("Sorting Pebbles Cobbles Boulders", "Sorting Pebbles Cobbles Boulders: A Study", {}, {}, None),
        (LONG, f"{LONG}: Discussion of It", ANN, ANN, None),
        (LONG, f"{LONG}: Discussion of All the Stones", ANN, ANN, ("title_subtitle", 0.95)),
        (LONG, f"{LONG}: Discussion of Some Stones", ANN, ANN, None),
        (LONG, f"{LONG}: Many Stones of Some Walls, Part II", ANN, ANN, None),
        # typos
        ("Sorting Grey Stones", "Sorting Grye Stones", {}, {}, None),  # a short word
        ("Sorting Heavy Stones", "Sorting Heavy Stnoes", {}, {}, ("title_fuzzy", 0.9025)),
        ("Sorting Heavy Stones", "Sorting Heavy Stnoes", ANN, ANN, ("title_fuzzy", 0.95)),
        ("Sorting Pebbles", "Sorting Pebblse", {}, {}, None),  # two words are too few, unless more is known
        ("Sorting Pebbles", "Sorting Pebblse", ANN, ANN, ("title_fuzzy", 0.9333)),
        ("Sorting Heavy Pebbles", "Sorting Heavy Pobblos", {}, {}, None),  # two slips
        ("Sorting Heavy Pebbles", "Sorting Heavy Pobblos", ANN, ANN, ("title_fuzzy", 0.9048)),
        ("Sorting Heavy Pebbles", "Sortign Heavy Pebblse", ANN, ANN, None),  # in two words of three
        (
            "Sorting Heavy Pebbles Under Heavy Winter Rain Showers",
            "Sortign Heavy Pebblse Under Heavy Winter Rain Showers",
            ANN,
            ANN,
            ("title_fuzzy", 0.9623),
        ),
        ("Sorting Heavy Pebbles in Winter 2001", "Sorting Heavy Pebblse in Winter 2002", ANN, ANN, None),
        ("Sorting Heavy Stones of 20011", "Sorting Heavy Stones of 20012", ANN, ANN, (CANNOT_LINK, 0.0)),
        ("Sorting Heavy Pebbles", "Sorting Heavy Pobblxz", ANN, ANN, None),  # three slips in a word
        ("Sorting Heavy Rocks", "Sorting Heavy Rokcs", {}, {}, ("title_fuzzy", 0.9)),  # five letters
        ("Sorting Heavy Pebbles", "Sorting Heavy Bebbles", ANN, ANN, None),  # in the first letter
        ("Heavy Stones Walls", "Heavy Stones in the and of the for and the Walls", ANN, ANN, None),
        ("Sorting Heavy Stones Quickly", "Sorting the Heavy Stones Quickly", ANN, ANN, ("title_fuzzy", 0.9333)),
        ("Sorting Da Tasets of Pebbles", "Sorting Data Sets of Pebblse", ANN, ANN, ("title_fuzzy", 0.9286)),
        (f"Da Tasets {LONG} over Walls", f"Data Sets {LONG} over Rocks", ANN, ANN, None),
        (
            "Sorting Heavy Pebbles Under Winter Rain Showers",
            "Sortign Heavy Pebblse Under Winter Rain Showers",
            ANN,
            ANN,
            None,  # two of seven words
        ),
        # one text
        ("Towards Heavy Stones", "Heavy Stones with Scales", TEXT, TEXT, ("text", 0.8182)),
        ("Towards Heavy Stones", "Heavy Stones with Scales", {"abstract_head": STONES[:149]}, TEXT, None),
        ("Painting Walls", "Heavy Stones with Scales", TEXT, TEXT, None),
        ("Painting Walls", "Heavy Stones with Scales", ANN | TEXT, ANN | TEXT, ("text", 0.6316)),
        ("Towards Heavy Stones", "Heavy Stones with Scales", ANN | TEXT, {"authors": ["Cleo Wall"]} | TEXT, None),
        ("abcdefghij", "abcdefwxyz", TEXT, TEXT, ("text", 0.8)),
        ("abcdefghijk", "abcdefwxyz", TEXT, TEXT, None),
        ("Painting Walls", "Heavy Stones", ANN | OTHER[0], ANN | OTHER[30], ("text", 0.5788)),
        ("Painting Walls", "Heavy Stones", ANN | OTHER[0], ANN | OTHER[31], None),
        # of one name, or but for a mark
        ("Gneiss: Heavy Stones", "Gneiss: Painted Walls", {}, {}, (CANNOT_LINK, 0.0)),
        ("Gneiss", "Gneiss: Painted Walls", {}, {}, None),
        ("Heavy Stones of Winter", "Heavy Stones of Winter 2", {}, {}, (CANNOT_LINK, 0.0)),
    ],
)
def test_what_a_pair_is(one, other, a, b, found):
    assert match_pair(*pair(one, other, a, b)) == match_pair(*pair(other, one, b, a)) == found


def memberships(edges, ids=None):
    frame = cluster_mentions(edges, ids or {})
    return {mention: tuple(rest) for mention, *rest in frame.iter_rows()}


def test_a_component_holds_what_any_edge_joins():
    edges = [("a", "b", "title", 1.0), ("b", "c", CANNOT_LINK, 0.0), ("c", "d", "title_fuzzy", 0.9)]
    assert memberships(edges) == {
        "a": ("a", "a", "title", 1.0),
        "b": ("a", "a", "title", 1.0),
        "c": ("c", "a", "title_fuzzy", 0.9),
        "d": ("c", "a", "title_fuzzy", 0.9),
    }
    ids = {"a": [("arxiv_id", "1")], "b": [("arxiv_id", "2")]}
    assert memberships(edges[:1], ids) == {"a": ("a", "a", None, None), "b": ("b", "a", None, None)}


def test_a_mention_came_by_its_strongest_edge():
    edges = [("a", "b", "title", 0.95), ("a", "b", "doi", 1.0), ("b", "c", "title", 1.0), ("a", "c", "text", 1.0)]
    assert memberships([("a", "b", "title", 0.95), ("b", "c", "title", 1.0)])["b"][2:] == ("title", 1.0)
    assert memberships(edges) == {
        "a": ("a", "a", "doi", 1.0),
        "b": ("a", "a", "doi", 1.0),
        "c": ("a", "a", "title", 1.0),
    }


def test_what_is_unsure_is_joined_last_and_to_the_most_records():
    ids = {"a": [("arxiv_id", "1")], "b": [("arxiv_id", "2")]}
    unsure = [("a", "x", "title", 0.95), ("b", "x", "title", 0.95)]
    assert memberships([*unsure, ("b", "y", "text", 1.0)], ids)["x"][0] == "b"
    assert memberships([*unsure, ("a", "y", "text", 1.0)], ids)["x"][0] == "a"
    assert memberships(unsure, ids)["x"][0] == "a"
    assert memberships([*unsure, ("b", "x", "text", 1.0)], ids)["x"][0] == "b"
    assert memberships([("a", "x", "text", 0.7), ("b", "x", "text", 0.9)], ids)["x"][0] == "b"
