import gzip
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing.seeds import SEEDS
from transforms.tables.archive import read_sources
from transforms.tables.html import is_page, read_page
from transforms.tables.read import read_paper

PAGE = SEEDS["arxiv_html"]()[0].decode()


def read_cells(paper):
    return [
        (cell.row, cell.column, cell.value.text, cell.cell.seen.bold) for table in paper.tables for cell in table.cells
    ]


def test_a_page_gives_what_its_latex_gives():
    page = read_page("page.html", PAGE)
    paper = read_paper(read_sources(SEEDS["arxiv_source"]()[0]).files)
    assert read_cells(page) == read_cells(paper)
    assert (page.title, page.abstract) == (paper.title, paper.abstract)
    for ours, theirs in zip(page.tables, paper.tables, strict=True):
        assert (ours.number, ours.caption, ours.section) == (theirs.number, theirs.caption, "1 Results")
    assert page.tables[0].cells[0].row_cites == ("bib.bib1",)


def test_a_table_of_spans_is_a_table():
    assert read_cells(read_page("page.html", SEEDS["arxiv_html"]()[2].decode())) == read_cells(read_page("p", PAGE))


def test_a_cell_stands_where_its_element_does():
    page = read_page("page.html", PAGE)
    (table,) = page.tables
    start, end = page.find_cell(table, table.cells[2])
    assert "79.3" in PAGE[start.char : end.char]
    assert PAGE.splitlines()[start.line - 1].count("79.3") == 1


def test_a_page_that_breaks_off_gives_what_it_has():
    cut = read_page("page.html", PAGE[: PAGE.index("79.3")])
    assert read_cells(cut) == read_cells(read_page("page.html", PAGE))[:2]
    assert len(cut.unended) == 1


@given(
    st.lists(
        st.sampled_from(
            [PAGE[i : i + 37] for i in range(0, len(PAGE), 37)]
            + ["</table>", "<td class=ltx_td colspan=999>", "<math alttext='{'>"]
        )
    )
)
def test_no_page_raises(pieces):
    text = "".join(pieces)
    for cell in [cell for table in read_page("page.html", text).tables for cell in table.cells]:
        assert 0 <= cell.cell.start <= cell.cell.end <= len(text)


@pytest.mark.parametrize("name", ["depthpre", "highres", "yolo"])
def test_real_pages_give_what_their_latex_gives(shared, name):
    text = gzip.decompress((shared / "data" / "latexml_html" / f"{name}.html.gz").read_bytes()).decode()
    assert is_page(text)
    paper = read_paper(read_sources((shared / "data" / "eprints" / f"{name}.tar.gz").read_bytes()).files)
    assert read_cells(read_page("page.html", text)) == read_cells(paper)


@pytest.mark.parametrize("name", ["sans", "seps", "styletransfer"])
def test_real_pages_whose_citations_latexml_did_not_know_give_the_same_numbers(shared, name):
    text = gzip.decompress((shared / "data" / "latexml_html" / f"{name}.html.gz").read_bytes()).decode()
    paper = read_paper(read_sources((shared / "data" / "eprints" / f"{name}.tar.gz").read_bytes()).files)
    page = read_page("page.html", text)
    numbers, theirs = (Counter(text.replace(" ", "") for _, _, text, _ in read_cells(each)) for each in (page, paper))
    assert numbers.total() > 100
    assert numbers <= theirs
