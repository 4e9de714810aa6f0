"""The linker that the project ships, on papers of our own."""

import gzip
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzzing.seeds import SEEDS
from transforms.results.attributes import find_condition, is_own_result, name_model
from transforms.results.explain import explain_cell
from transforms.results.linker import MOST_LINKED, load_linker
from transforms.results.rows import describe_link, describe_results
from transforms.tables.read import read_paper

TEX = gzip.decompress(SEEDS["arxiv_source"]()[0]).decode()


def link(tex):
    return load_linker().link(read_paper({"main.tex": tex}))


def test_the_own_best_number_is_taken_with_its_model():
    linked = link(TEX)
    rows = describe_results(linked)
    assert {row["value_text"] for row in rows if row["dataset"].startswith("ImageNet")} == {"79.3"}
    assert {(row["model"], row["is_own"]) for row in rows if row["value_text"] == "79.3"} == {("StoneSort", True)}
    assert all(0 < row["row_confidence"] < 1 for row in rows if "value" in row)


def test_the_same_paper_gives_the_same():
    first, again = link(TEX), link(TEX)
    assert describe_results(first) == describe_results(again)


def test_a_fraction_is_a_percent_where_leaderboards_have_percent():
    linked = link(TEX.replace("76.1", "0.761").replace("79.3", "0.793").replace("92.0", "0.920"))
    taken = [result for result in linked.results if result.cell and result.triple.dataset.startswith("ImageNet")]
    assert {(result.cell.value, result.factor) for result in taken} == {(0.793, 100.0)}


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{document}\end{document}",
        r"\begin{document}We prove a theorem.\end{document}",
        r"\begin{document}We train on ImageNet and COCO.\end{document}",
        r"\begin{document}\begin{tabular}{ll} a & b \\ c & 1e400 \\ d & 9e299 \end{tabular}\end{document}",
        r"\begin{document}ImageNet\begin{tabular}{ll} ImageNet & Acc \\ Ours & 99e99 \\ \end{tabular}\end{document}",
    ],
)
def test_what_holds_little_is_linked_to_little(tex):
    linked = link(tex)
    assert len(linked.links) == len(linked.draft.cells)
    for located, each in zip(linked.draft.cells, linked.links, strict=True):
        row = describe_link(linked, located, each)
        assert row["link_confidence"] is None or 0 <= row["link_confidence"] <= 1


PIECES = [TEX[start : start + 40] for start in range(0, len(TEX), 40)]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from([*PIECES, " & ", r"\\", "ImageNet", "1.5", r"\begin{tabular}{lll}", r"\end{tabular}"]),
        max_size=30,
    )
)
def test_no_document_raises(pieces):
    linked = link("\\begin{document}" + "".join(pieces))
    assert all(0 <= result.confidence <= 1 for result in linked.results)


@pytest.mark.parametrize(
    ("head", "condition"),
    [
        ("5-shot", "5-shot"),
        ("zero-shot", "0-shot"),
        ("test-dev", "test-dev"),
        ("En-De", "en-de"),
        ("val", "val"),
        ("Accuracy", None),
        ("valid moves", None),
        ("interval", None),
    ],
)
def test_conditions_are_named_by_heads(head, condition):
    linked = link(TEX.replace("Top-1", head))
    assert find_condition(linked.draft.cells[0]) == condition


@pytest.mark.parametrize(
    ("head", "caption", "condition"),
    [
        ("val", "Weakly supervised segmentation, test set", "val, weakly supervised"),
        ("Accuracy", "1-shot accuracy", "1-shot"),
        ("Accuracy", "1-shot and 5-shot accuracy", None),  # which one, the caption does not say
        ("5-shot", "1-shot and 5-shot accuracy on the val set", "5-shot, val"),
        ("Accuracy", "Mean and std. dev. of five runs", None),
    ],
)
def test_a_caption_adds_what_the_heads_leave_open(head, caption, condition):
    linked = link(TEX.replace("Top-1", head))
    cell = linked.draft.cells[0]
    assert find_condition(replace(cell, table=replace(cell.table, caption=caption))) == condition


def test_a_rival_is_cited_and_the_own_method_is_what_a_macro_calls_ours():
    linked = link(TEX)
    rival, _, own = linked.draft.cells
    reading = linked.draft.reading
    assert [is_own_result(reading, each) for each in (rival, own)] == [False, True]
    assert name_model(reading, own, True) == "StoneSort"


def test_ours_is_named_by_the_title():
    linked = link(TEX.replace("Sorting Stones by Weight", "StoneSort: Sorting by Weight").replace(r"\ours &", "Ours &"))
    own = linked.draft.cells[-1]
    assert name_model(linked.draft.reading, own, is_own_result(linked.draft.reading, own)) == "StoneSort"


def test_a_cell_is_explained_and_one_that_is_not_there_is_not():
    linked = link(TEX)
    cell = linked.draft.cells[-1].cell.cell
    facts = explain_cell(load_linker(), linked, 0, cell.row, cell.column)
    assert facts["proposals"][0]["about"] >= facts["proposals"][-1]["about"]
    assert explain_cell(load_linker(), linked, 9, 9, 9) is None


def test_of_a_paper_of_very_many_numbers_the_likeliest_are_linked():
    rows = r" \\ ".join(" & ".join([f"row{row}", *("1.5" for _ in range(60))]) for row in range(90))
    linked = link(rf"\begin{{document}}ImageNet \begin{{tabular}}{{{'l' * 61}}} {rows} \end{{tabular}}\end{{document}}")
    assert len(linked.links) > MOST_LINKED
    assert sum(each is not None for each in linked.links) == MOST_LINKED
