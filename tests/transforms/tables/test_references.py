"""The works that rows of tables cite, of each way in which bibliographies are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.tables.references import Reference, read_page_references, read_references

NEWBLOCK = r"""\begin{thebibliography}{9}
\bibitem[Stone et~al.(2019)Stone, Rock]{stone} A.~Stone and B.~Rock.
\newblock {Sorting} stones with {\em BERT}-like nets.
\newblock In \emph{Quarries}, 2019. doi:10.1234/AbC.5.
\bibitem{other} C. Pebble. \newblock A title. \newblock 2018.
\end{thebibliography} arXiv:2001.00001"""
BIB = """@inproceedings{stone,
  author = {Stone, Ann and Rock, Ben}, booktitle={Quarries of Title},
  title = {{Sorting} stones with {BERT}-like nets},
  eprint = {1903.00012},
  doi = "10.1234/abc.5"
}
@article{other, title="A title", journal={arXiv preprint arXiv:1801.00002v3}}
"""
BIBLATEX = r"""\entry{stone}{inproceedings}{}
  \field{title}{Sorting stones with {BERT}-like nets}
  \field{eprint}{1903.00012}
\endentry
\entry{other}{article}{}\field{title}{A title}\endentry"""
ACM = r"""\bibitem[Stone(2019)]%
        {stone}
\bibfield{author}{\bibinfo{person}{Ann Stone}.} \bibinfo{year}{2019}\natexlab{}.
\newblock \showarticletitle{Sorting stones}. \bibinfo{title}{Sorting stones with BERT-like nets}.
\newblock \bibinfo{journal}{arXiv} \href{https://arxiv.org/abs/1903.00012v2}{link}"""
IEEE = r"""\bibitem{stone} A.~Stone, ``Sorting stones with BERT-like nets,'' in \emph{Quarries}, 2019."""
TITLE = "Sorting stones with BERT-like nets"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("main.bbl", NEWBLOCK, Reference("stone", TITLE, None, "10.1234/abc.5")),
        ("refs.bib", BIB, Reference("stone", TITLE, "1903.00012", "10.1234/abc.5")),
        ("main.bbl", BIBLATEX, Reference("stone", TITLE, "1903.00012", None)),
        ("main.bbl", ACM, Reference("stone", TITLE, "1903.00012", None)),
        ("main.tex", IEEE, Reference("stone", TITLE, None, None)),
    ],
    ids=["newblock", "bib", "biblatex", "acm", "ieee"],
)
def test_a_work_is_read_from_each_kind_of_bibliography(name, text, expected):
    assert read_references({name: text}, {"stone", "unknown"}) == [expected]


def test_a_bbl_goes_before_a_bib_and_only_wanted_keys_are_read():
    files = {"refs.bib": BIB, "main.bbl": NEWBLOCK}
    assert [(each.key, each.title) for each in read_references(files, {"stone", "other"})] == [
        ("other", "A title"), ("stone", TITLE),
    ]  # fmt: skip
    assert read_references(files, set()) == []


def test_an_arxiv_id_is_that_of_the_entry_and_not_of_the_next():
    text = r"\bibitem{stone} A. \bibitem{next} arXiv:1903.00012"
    assert read_references({"main.tex": text}, {"stone"}) == [Reference("stone", None, None, None)]


def test_pages_mark_their_titles_or_have_them_second():
    page = """<li id="bib.bib1" class="ltx_bibitem ltx_bib_article">
      <span class="ltx_bibblock">Ann Stone</span>
      <span class="ltx_bibblock"><span class="ltx_text ltx_bib_title">Sorting
      stones &amp; sand</span>. </span> <span class="ltx_bibblock">arXiv preprint arXiv:1903.00012.</span></li>
      <li id="bib.bib2" class="ltx_bibitem"><span class="ltx_bibblock">Ben Rock.</span>
      <span class="ltx_bibblock">On <em>pebbles</em>.</span> <span class="ltx_bibblock">2019.</span></li>"""
    assert read_page_references(page, {"bib.bib1", "bib.bib2"}) == [
        Reference("bib.bib1", "Sorting stones & sand", "1903.00012", None),
        Reference("bib.bib2", "On pebbles", None, None),
    ]


@given(st.text(alphabet="\\{}[]\"'`=,@ abctile\n%<>", max_size=200))
def test_nothing_raises(text):
    for start in (
        r"\bibitem{k} ",
        r"\bibitem[",
        "@a{k, ",
        r"\entry{k}",
        r"\bibitem{k}\newblock a \newblock ",
        "@a{k, title=",
    ):
        read_references({"a.bbl": start + text, "a.bib": start + text}, {"k"})
    read_page_references('<li id="bib.k" class="ltx_bibitem">' + text, {"bib.k"})
