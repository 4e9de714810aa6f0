"""Corrections by people: what is said of which number, and what is wrong with one that cannot be read."""

import io

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transforms.frames import combine
from warehouse.upstream.sources import read_source

SAID = {"author": "Ada", "date": "2026-03-01", "reason": "Read in the paper."}
CLAIM = {"paper": "2401.00001", "claim": "91.5%", **SAID}


def parse(*corrections):
    text = corrections[0] if isinstance(corrections[0], str) else yaml.safe_dump(list(corrections), sort_keys=False)
    source = read_source("corrections")
    return combine(
        piece() if callable(piece) else piece for piece in source.iter_pieces(io.BytesIO(text.encode()), "c.yml")
    )


def read(*corrections):
    parsed = parse(*corrections)
    assert parsed.rejects.to_dicts() == []
    return [{name: value for name, value in row.items() if value is not None} for row in parsed.corrections.to_dicts()]


def test_a_number_is_named_by_paper_place_and_value():
    changed = CLAIM | {"verdict": "changed", "at": 7, "should_be": {"metric": "F1", "value": "93"}}
    (row,) = read(changed)
    assert (row["target"], row["verdict"], row["value_text"], row["char_start"]) == ("claim", "changed", "91.5%", 7)
    assert (row["new_metric"], row["new_value"]) == ("F1", 93.0)
    (record,) = parse(changed).records.to_dicts()
    assert (record["arxiv_id"], record["title_raw"]) == ("2401.00001", "")
    (of_title,) = parse(CLAIM | {"paper": "On Sorting Stones", "verdict": "right"}).records.to_dicts()
    assert (of_title["arxiv_id"], of_title["title_raw"]) == (None, "On Sorting Stones")


def test_names_are_another_or_none():
    rows = read({"same": {"dataset": ["ImageNet", "ILSVRC", "IN"]}, **SAID}, {"no_name": {"dataset": "NLP"}, **SAID})
    assert [(row["target"], row["verdict"], row["name"], row.get("new_name")) for row in rows] == [
        ("dataset", "same", "ILSVRC", "ImageNet"),
        ("dataset", "same", "IN", "ImageNet"),
        ("dataset", "none", "NLP", None),
    ]


def test_keys_that_are_no_texts_are_unknown_fields():
    parsed = parse("- paper: '2401.00001'\n  should_be: {2026-01-01: x}\n  2026-01-02: y\n")
    assert "no 'author'" in parsed.rejects["message"][0]


def test_a_missing_result_is_a_reported_one():
    parsed = parse(
        {
            "paper": "2401.00001",
            "missing": {"task": "Digits", "dataset": "MNIST", "metric": "accuracy", "value": "99.1"},
            **SAID,
        }
    )
    (result,) = parsed.results.to_dicts()
    assert (result["dataset"], result["value"]) == ("MNIST", 99.1)
    assert parsed.corrections["verdict"].to_list() == ["missing"]


@pytest.mark.parametrize(
    ("correction", "problem"),
    [
        (CLAIM, "'verdict' is not there: it is one of right, wrong, changed, taken_back"),
        (CLAIM | {"verdict": "odd"}, "'verdict' is odd"),
        (CLAIM | {"verdict": "same"}, "'verdict' is same"),  # of names alone
        (CLAIM | {"verdict": "changed"}, "'changed' goes with 'should_be'"),
        (CLAIM | {"verdict": "right", "should_be": {"value": "1"}}, "'changed' goes with 'should_be'"),
        (CLAIM | {"verdict": "changed", "should_be": {"value": "many"}}, "is no number: many"),
        (CLAIM | {"verdict": "changed", "should_be": {"subject": "mine"}}, "the subject is"),
        (CLAIM | {"verdict": "right", "colour": "red"}, "unknown fields: colour"),
        (CLAIM | {"verdict": "right", "author": None}, "no 'author'"),
        (CLAIM | {"verdict": "right", "date": "soon"}, "no 'date'"),
        ({"claim": "91.5%", "verdict": "right", **SAID}, "names no 'paper'"),
        ({"paper": "2401.00001", "verdict": "right", **SAID}, "one of 'claim', 'table', 'reported'"),
        ({"paper": "2401.00001", "table": "9", "verdict": "right", **SAID}, "needs its 'dataset' and 'metric'"),
        ({"paper": "2401.00001", "missing": {"dataset": "MNIST"}, **SAID}, "a missing result needs"),
        ({"no_name": {"model": "Ours"}, **SAID}, "a model has no name that is none"),
        (CLAIM | {"paper": 2401.1, "verdict": "right"}, "put the paper into quotes: YAML reads 2401.1 as a number"),
        (CLAIM | {"claim": 91.5, "verdict": "right"}, "put the claim into quotes"),
        ("- !!timestamp x", "line 1: "),
        ("just text", "it is no list"),
        ("- a\n  b: [", "line 2: it is no YAML"),
        ("- nothing", "line 1: the correction is no mapping"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_else_is_touched(correction, problem):
    parsed = parse(correction)
    (reject,) = parsed.rejects.to_dicts()
    assert problem in reject["message"]
    assert parsed.corrections.is_empty()
    if isinstance(correction, dict):
        beside = parse(CLAIM | {"verdict": "right"}, correction)
        assert beside.rejects["message"].to_list() == [reject["message"].replace("line 1", "line 7")]
        assert beside.corrections["verdict"].to_list() == ["right"]


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.dates(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from([*CLAIM, "verdict", "should_be", "same", "missing"]), inner)
        ),
    )
)
def test_no_yaml_raises(document):
    parsed = parse(yaml.safe_dump(document))
    assert parsed.entry_count == parsed.rejects.height + parsed.corrections["entry_index"].n_unique()
