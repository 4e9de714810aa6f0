"""From files to grids: what is included, expanded, found and seen."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.tables.bibliography import read_citations
from transforms.tables.document import blank_comments, find_main, read_document
from transforms.tables.environments import find_environments
from transforms.tables.macros import MAX_GROWTH, expand, find_macros
from transforms.tables.read import read_paper
from transforms.tables.render import render
from transforms.tables.values import parse_value

BEGIN, END = "\\documentclass{article}\\begin{document}", "\\end{document}"


def test_files_are_included_inside_of_the_archive_alone_and_once_around():
    files = {
        "main.tex": rf"{BEGIN} A \input{{parts/one}} \input{{../../etc/passwd}} B {END} \input{{parts/one}}",
        "parts/one.tex": "1 \\input two % \\input{three}\n \\import{deep/}{four} \\input{main}",
        "parts/two.tex": "2 \\input{parts/one.tex}",
        "parts/three.tex": "3",
        "parts/deep/four.tex": "4",
    }
    assert find_main(files) == "main.tex"
    document = read_document(files, "main.tex")
    assert re.sub(r"\\\w+|\{[^{}]*\}|\s", "", document.text.partition("{document}")[2]) == "A124B"
    assert document.missing == [r"\input{../../etc/passwd}"]


def test_a_place_of_the_document_is_a_place_in_a_file():
    files = {"main.tex": f"{BEGIN}\n% a comment\n\\input{{more}}\nend {END}", "more.tex": "one\ntwo"}
    document = read_document(files, "main.tex")
    two, end = (document.find_place(document.text.index(word)) for word in ("two", "\nend"))
    assert (two.file, two.line, two.char) == ("more.tex", 2, 4)
    assert (end.file, end.line) == ("main.tex", 3)


@given(st.text(alphabet=string.ascii_letters + "%\\\n {}", max_size=80))
def test_comments_leave_every_character_where_it_is(text):
    blanked = blank_comments(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, blanked, strict=True))


@pytest.mark.parametrize(
    ("definitions", "text", "expanded"),
    [
        (r"\newcommand{\ours}{StoneSort\xspace}", r"\ours is \ours{}", r"StoneSort\xspace is StoneSort\xspace"),
        (r"\newcommand\best[1]{\textbf{#1}}", r"\best{79.3} \best 8", r"\textbf{79.3} \textbf{8}"),
        (r"\newcommand{\pm2}[2][0]{#2 (#1)}\newcommand{\with}[2][0]{#2 (#1)}", r"\with[3]{9} \with{7}", "9 (3) 7 (0)"),
        (r"\def\acc#1#2{#1/#2}", r"\acc{1}{2}", "1/2"),
        (r"\let\b\textbf", r"\b{1}", r"\textbf {1}"),
        (r"\DeclareMathOperator{\map}{mAP}", r"$\map$", r"$\operatorname{mAP}$"),
        (r"\NewDocumentCommand{\two}{m m}{#2#1}", r"\two{a}{b}", "ba"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{1}", r"\a", "1"),
        (r"\newcommand{\a}{1}\renewcommand{\a}{2}", r"\a", "2"),
        (r"\renewcommand{\textbf}[1]{#1}", r"\textbf{1}", r"\textbf{1}"),  # how it looks is kept
        (r"\newcommand{\a}{\a\a}", r"\a", r"\a"),
        (r"\def\until#1.{#1}", r"\until 3.", r"\until 3."),
    ],
)
def test_macros_stand_for_what_they_are_defined_as(definitions, text, expanded):
    assert expand(text, find_macros(definitions)) == expanded


def test_macros_that_double_or_go_in_circles_are_bounded():
    doubling = "".join(rf"\newcommand{{\x{chr(97 + i)}}}{{\x{chr(98 + i)}\x{chr(98 + i)}}}" for i in range(24))
    assert len(expand(r"\xa", find_macros(doubling))) <= MAX_GROWTH + 10
    circle = find_macros(r"\newcommand{\a}{\b .}\newcommand{\b}{\a .}")
    assert len(expand(r"\a", circle)) <= MAX_GROWTH + 10


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\textbf{79.3}", "79.3"),
        (r"$76.4_{\pm 0.3}$", "76.4 ±0.3"),
        (r"$76.4 \pm 0.3$", "76.4 ±0.3"),
        (r"12{,}345", "12,345"),
        (r"F$_1$ (\%)", "F_1 (%)"),
        (r"81.2\textsuperscript{*}$^\dagger$", "81.2*"),
        (r"\num{1024} \SI{3}{ms}", "1024 3ms"),
        (r"\textcolor{red}{$\downarrow$1.2}", "↓1.2"),
        (r"\makecell[l]{Training \\ Language}", "Training Language"),
        (r"Caf\'e na\"ive \^{o}", "Café naïve ô"),
        (r"Zhang \emph{et al.}~\cite{a,b}", "Zhang et al."),
        (r"$-0.5$ -- 3", "−0.5 – 3"),
        (r"\rotatebox{90}{ImageNet} \cellcolor{gray!20}1", "ImageNet 1"),
        (r"10$^{th}$", "10th"),
        (r"\frac{1}{2} \ding{51}\ding{55}", "1/2 ✓✗"),
        (r"\begin{tabular}{c} a \\ b \end{tabular}", "a b"),
        (r"{\bf Method", "Method"),
    ],
)
def test_a_cell_is_seen_as_a_reader_sees_it(tex, text):
    assert render(tex).text == text


@pytest.mark.parametrize(
    ("tex", "styles"),
    [
        (r"\textbf{79.3}", (True, False, False)),
        (r"{\bfseries 79.3} $\pm$0.2", (True, False, False)),
        (r"\underline{\textbf{79.3}}", (True, True, False)),
        (r"79.3 \textbf{(best)}", (False, False, False)),
        (r"\sout{79.3}", (False, False, True)),
        (r"$\mathbf{79.3}$", (True, False, False)),
        ("79.3", (False, False, False)),
    ],
)
def test_the_style_is_that_of_the_number(tex, styles):
    seen = render(tex)
    assert (seen.bold, seen.underlined, seen.struck) == styles


def test_what_is_cited_by_authors_and_year_is_seen():
    citations = read_citations(
        {
            "refs.bib": "@article{jiang, author={Chi Jiang and Ann Stone and Ben Rock}, year = 2019}\n"
            '@misc{two, author = "Stone, Ann and Rock, Ben", date={2020-03-01}}',
            "main.bbl": r"\bibitem[{Cohen et~al.(2018)Cohen, Li}]{cohen} Cohen.",
        }
    )
    assert citations == {
        "jiang": "Jiang et al. (2019)",
        "two": "Stone and Rock (2020)",
        "cohen": "Cohen et al. (2018)",
    }
    seen = render(r"\citet{jiang} (rerun) \citep{cohen}", citations=citations)
    assert (seen.text, seen.cites) == ("Jiang et al. (2019) (rerun)", ["jiang", "cohen"])


@pytest.mark.parametrize(
    ("text", "value", "spread", "unit"),
    [
        ("76.4", 76.4, None, None),
        ("76.4 ± 0.3", 76.4, 0.3, None),
        ("76.4 ±0.3", 76.4, 0.3, None),
        ("79.3%", 79.3, None, "%"),
        ("−0.5", -0.5, None, None),
        ("↑1.22", 1.22, None, None),
        ("12,345", 12345.0, None, None),
        ("1.5×10^3", 1500.0, None, None),
        ("1500x", 1500.0, None, "x"),
        ("48.2 hr", 48.2, None, "hr"),
        ("25.6M", 25.6, None, "M"),
        (".91", 0.91, None, None),
        ("74.5/40.32", 74.5, None, None),
    ],
)
def test_a_cell_holds_a_number(text, value, spread, unit):
    found = parse_value(text)
    assert found
    assert (found.value, found.spread, found.unit) == (pytest.approx(value), spread, unit)


@pytest.mark.parametrize(
    "text", ["", "–", "ResNet-50", "3D CNN layers of a kind", "(1, 2)", "n/a", "BERT", "2-layer LSTM"]
)
def test_a_name_or_nothing_is_no_number(text):
    assert parse_value(text) is None


def test_environments_have_number_caption_label_and_section():
    text = r"""
\section{Results} \begin{table}[t]\caption[Short]{First.}\label{tab:a}
\begin{tabular*}{\textwidth}{l@{\extracolsep{\fill}}r} a & 1 \end{tabular*}\end{table}
\begin{figure}\caption{No table.}\end{figure}
\begin{table*}\caption{Outer.}
\begin{subtable}{1\textwidth}\caption{Left.}
\begin{tabular}{lr} a & 1 \\ \begin{tabular}{l} b \end{tabular} & 2 \end{tabular}\end{subtable}
\begin{subtable}{1\textwidth}\caption{Right.}\begin{tabularx}{5cm}{lX} a & 1 \end{tabularx}\end{subtable}
\end{table*}
\begin{align}\begin{array}{l} x \\ \hline y \end{array}\end{align}
\subsection*{More} \begin{tabular}{ll} a & 2
"""
    found, unended = find_environments(text)
    assert [(each.name, each.number, each.part, each.caption, each.section) for each in found] == [
        ("tabular*", 1, 0, "First.", "Results"),
        ("tabular", 2, 0, "Left.", "Results"),
        ("tabularx", 2, 1, "Right.", "Results"),
    ]
    assert found[0].label == "tab:a"
    assert [text[at:].split("}")[0] for at in unended] == [r"\begin{tabular"]


PIECES = st.sampled_from(
    [
        *(
            r"\begin{tabular}{lcc}",
            r"\end{tabular}",
            r"\begin{table}",
            r"\end{table}",
            r"\caption{",
            r"\multirow{2}{*}{",
            "}",
        ),
        *(
            "{",
            " & ",
            r" \\ ",
            r"\hline",
            r"\multicolumn{3}{c}{",
            "12.5",
            r"$\pm$",
            r"\textbf{",
            "$",
            "%",
            "\n",
            r"\x",
            r"\cite{a}",
        ),
        *(
            r"\newcommand{\x}[1]{#1 & #1}",
            r"\def\x{\x\x}",
            r"\cmidrule(lr){2-3}",
            r"\multirow{-9999}{*}{",
            r"\multicolumn{99999}{c}{",
        ),
        *(
            r"\input{main}",
            r"\makecell[",
            "]",
            "Ours",
            r"\begin{",
            r"\end{",
            "\\",
            "_",
            "^",
            "#1",
            r"\diagbox{a}",
            r"\ding{5",
        ),
    ]
)


@given(st.lists(PIECES, max_size=40))
def test_no_document_raises_and_all_that_is_read_has_a_place(pieces):
    text = BEGIN + "".join(pieces)
    paper = read_paper({"main.tex": text})
    assert paper
    for table in paper.tables:
        assert 1 <= table.place.line <= table.end.line <= text.count("\n") + 1
        for cell in table.cells:
            start, end = paper.find_cell(table, cell)
            assert 0 <= start.char <= end.char <= len(text)


DOUBLING = "".join(rf"\def\x{chr(97 + i)}{{\x{chr(98 + i)}\x{chr(98 + i)}}}" for i in range(24))


@pytest.mark.parametrize(
    "body",
    [
        "{" * 50_000,
        r"\newcommand{\a}{" * 3_000,
        r"\begin{table}" + r"\caption{" * 5_000 + r"\begin{tabular}{l}1\end{tabular}\end{table}",
        r"\section{" * 5_000 + r"\begin{tabular}{l}1\end{tabular}",
        r"\begin{abstract}" * 5_000,
        r"\bibitem[" * 5_000,
        DOUBLING + r"\begin{tabular}{l}" + r"\xa & \xa \\ " * 2_000 + r"\end{tabular}",
        r"\begin{tabular}{l}" + "x^{" * 10_000 + r"\end{tabular}",
        r"\begin{tabular}{l}" + r"\multirow{200}{*}{\multicolumn{200}{c}{1}}&" * 2_000 + r"\end{tabular}",
    ],
    ids=["braces", "definitions", "captions", "sections", "abstracts", "citations", "doubling", "scripts", "spans"],
)
def test_a_hostile_document_is_read_to_an_end(body):
    """Each took hours before it was bounded, at a megabyte."""
    assert read_paper({"main.tex": BEGIN + body}) is not None
