"""Small files of our own in the shape of each source, from which fuzzing starts."""

import gzip
import html
import io
import json
import tarfile
from collections.abc import Callable

from tests.upstream import atom, daily, oai, oai_record, paper
from warehouse.settings import PROJECT

_ABSTRACT = (
    "We sort stones. It gains 3.1% accuracy on ImageNet, 2.5x faster than the best. Code: https://github.com/a/b"
)
_STONES = {"title": paper(1)["title"], "abstract": _ABSTRACT}


def _dumped(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _listing() -> list[bytes]:
    props = html.escape(json.dumps({"dailyPapers": json.loads(daily(range(2))), "dateString": "2026-03-05"}))
    page = f'<!doctype html><html><body><div data-target="DailyPapers" data-props="{props}"></div></body></html>'
    cards = (
        '<!doctype html><html><body><article><h3><a href="/papers/2603.00001">Stones</a></h3><p>We '
        "sort.</p></article></body></html>"
    )
    samples = [file.read_bytes()[:4000] for file in sorted((PROJECT / "sample" / "hf_listing").glob("*.txt"))]
    return [page.encode(), cards.encode(), *samples]


def _daily() -> list[bytes]:
    saved = {"date": "2026-03-05", "papers": [_STONES | {"id": "2603.00001", "authors": ["Ann Stone,"], "upvotes": 3}]}
    return [daily(range(2)), *_dumped(saved)]


def _snapshot() -> list[bytes]:
    versions = [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]
    line = _STONES | {
        "id": "0704.0001",
        "authors_parsed": [["Stone", "Ann", ""]],
        "versions": versions,
        "update_date": "2008-11-26",
        "doi": "10.1/x",
    }
    (content,) = _dumped(line)
    return [content + b"\n" + content, gzip.compress(content)]


def _pwc() -> list[bytes]:
    url = {"paper_url": "https://paperswithcode.com/paper/stones"}
    row = {
        "model_name": "Gneiss",
        "metrics": {"Accuracy": "91.5%"},
        "paper_title": "Stones",
        "paper_url": "https://arxiv.org/abs/2401.00001v2",
    }
    table = {
        "task": "Sorting",
        "subtasks": [],
        "datasets": [{"dataset": "Rocks", "sota": {"rows": [row | {"paper_date": "2024-01-02"}]}}],
    }
    method = {
        "name": "Gneiss",
        "introduced_year": 2019,
        "source_url": "https://arxiv.org/abs/1901.00001",
        "collections": [{"collection": "Sorting"}],
    }
    dataset = {"name": "Rocks", "introduced_date": "2020-02-03", "paper": url, "tasks": [{"task": "Sorting"}]}
    link = url | {
        "paper_title": "Stones",
        "repo_url": "https://github.com/a/b",
        "is_official": True,
        "framework": "jax",
    }
    return _dumped(
        [url | _STONES | {"arxiv_id": "2401.00001", "date": "2024-01-02", "tasks": ["Sorting"]}],
        [link],
        [table],
        [method],
        [dataset],
    )


def _every_eval_ever() -> list[bytes]:
    result = {
        "evaluation_name": "ImageNet",
        "source_data": {"dataset_name": "ImageNet", "source_type": "url", "url": ["https://example.org"]},
        "metric_config": {
            "metric_name": "accuracy",
            "lower_is_better": False,
            "additional_details": {"condition": "x"},
        },
        "score_details": {"score": 91.5, "details": {"paper_url": "https://arxiv.org/abs/2401.00001"}},
    }
    record = {
        "schema_version": "0.3.0",
        "evaluation_timestamp": "2024-01-02",
        "source_metadata": {"source_type": "documentation", "evaluator_relationship": "first_party"},
        "model_info": {"id": "quarry/gneiss", "name": "Gneiss"},
        "evaluation_results": [result],
    }
    half = record | {"evaluation_results": [result, result | {"score_details": {"score": None}}]}
    return _dumped(record, half, {"model_info": {"id": "a/b"}, "evaluation_results": []})


def _hf_eval_results() -> list[bytes]:
    result = {
        "dataset": {"id": "Idavidrein/gpqa", "task_id": "gpqa_diamond"},
        "value": 0.412,
        "date": "2026-01-15",
        "source": {"url": "https://arxiv.org/abs/2401.00001"},
        "notes": "no-tools",
    }
    row = {"rank": 1, "modelId": "quarry/gneiss", "value": 44.1, "verified": True, "pullRequest": 3}
    model = {"id": "quarry/gneiss", "evalResults": [{"verified": False, "data": result}]}
    return _dumped(model, [row], [result])


def _pwc_api() -> list[bytes]:
    paper = {
        "id": "755",
        "title": "Stones",
        "arxiv_id": "2401.00001v2",
        "published": "2024-01-02",
        "url_abs": "https://arxiv.org/abs/2401.00001",
        "tasks": [{"id": "1", "name": "Sorting"}],
        "repositories": [{"url": "https://github.com/a/b", "is_official": True}],
        "hf_models": ["https://huggingface.co/quarry/gneiss"],
    }
    evaluation = {
        "id": "1",
        "model_name": "Gneiss",
        "dataset_name": "ImageNet",
        "metrics": {"Accuracy": 91.5, "Error": "8.5%"},
        "paper_arxiv_id": "2401.00001",
        "paper_title": "Stones",
        "split": "test",
    }
    return _dumped({"results": [paper], "next_page": None}, {"count": 1, "results": [evaluation]}, [])


def _conference() -> list[bytes]:
    places = {
        "site": "https://aclanthology.org/2021.acl-long.1/",
        "github": "https://github.com/a/b; https://github.com/c/d",
    }
    return _dumped(
        [
            _STONES
            | places
            | {"id": "1", "author": "Ann Stone; Ben Rock", "bibtex": '@x{a, doi = "10.1/x", year = "2021"}'}
        ]
    )


def _curated() -> list[bytes]:
    link = "**[link](https://github.com/a/b)**"
    row = f"|**2021-10-01**|**Stones**|Ann Stone et.al.|[2110.00001](http://arxiv.org/abs/2110.00001)|{link}|\n"
    return _dumped({"Sorting": {"2110.00001": row}})


def _openreview() -> list[bytes]:
    content = {
        "title": {"value": "Stones"},
        "abstract": {"value": _ABSTRACT},
        "authors": {"value": ["Ann Stone", "Ben Rock"]},
        "authorids": {"value": ["~Ann_Stone1", "~Ben_Rock1"]},
        "keywords": {"value": ["sorting"]},
        "venue": {"value": "ICLR 2024 poster"},
    }
    note = {
        "id": "B1gTShAct7",
        "forum": "B1gTShAct7",
        "cdate": 1700000000000,
        "license": "CC BY 4.0",
        "content": content,
    }
    return _dumped({"notes": [note], "count": 1}, [note, note | {"id": "x", "content": {"title": "Stones"}}])


def _semantic_scholar() -> list[bytes]:
    ids = {"ArXiv": "2401.00001", "DOI": "10.1234/x", "ACL": None}
    authors = [{"authorId": "17", "name": "Ann Stone"}]
    of_paper = {"corpusid": 5, "externalids": ids, "title": "Stones", "authors": authors, "venue": "ACL", "year": 2024}
    abstract = {"corpusid": 5, "openaccessinfo": {"externalids": ids, "license": "CCBY"}, "abstract": _ABSTRACT}
    lines = _dumped(of_paper, abstract)
    return [b"\n".join(lines), gzip.compress(lines[0])]


def _openalex() -> list[bytes]:
    work = {
        "id": "https://openalex.org/W1",
        "doi": "https://doi.org/10.1234/x",
        "title": "Stones",
        "publication_date": "2024-01-02",
        "abstract_inverted_index": {word: [i] for i, word in enumerate(_ABSTRACT.split())},
        "authorships": [{"author": {"id": "A1", "display_name": "Ann Stone"}, "raw_author_name": "A. Stone"}],
        "primary_location": {"license": "cc-by", "source": {"display_name": "Journal of Stones"}},
        "locations": [{"landing_page_url": "http://arxiv.org/abs/2401.00001"}],
        "is_retracted": False,
    }
    (line,) = _dumped(work)
    return [line + b"\n" + line, gzip.compress(line)]


def _anthology() -> list[bytes]:
    return [
        f"""<?xml version='1.0' encoding='UTF-8'?>
<collection id="2021.acl"><volume id="long" type="proceedings"><meta><booktitle>Stones</booktitle><year>2021</year>
<venue>acl</venue></meta><paper id="1"><title>Sorting <fixed-case>S</fixed-case>tones</title><author><first>Ann</first>
<last>Stone</last></author><abstract>{_ABSTRACT}</abstract><url hash="1">2021.acl-long.1</url>
<doi>10.18653/v1/2021.acl-long.1</doi><pwccode url="https://github.com/a/b" additional="false">a/b</pwccode></paper>
<paper id="2"><title/></paper></volume></collection>""".encode()
    ]


def _bibtex() -> list[bytes]:
    content = r"""@comment{of ours}
@string{iclr = "International Conference on Sorting"}
@inproceedings{stone2024,
  title = {{Gneiss}: Sorting {Stones} na{\"i}vely},
  author = {Stone, Ann and M{\"u}ller, J{\"o}rg and {The Quarry} and others},
  booktitle = iclr, year = 2024, keywords = {sorting, stones},
  url = {https://openreview.net/forum?id=B1gTShAct7},
  abstract = {We sort stones. It gains 3.1\% accuracy on ImageNet.},
}
@article{stone2024, title = "Sorting Pebbles", journal = {arXiv preprint arXiv:2401.00001}, year = "2024",
  date = {2024-01-03}, eprint = {2401.00001}, archivePrefix = {arXiv}, note = {10 pages}}
@misc{lost, year = 2020}
@misc{open, title = {never closed
"""
    return [content.encode(), content.encode("cp1252").replace(b"Pebbles", b"Pebbles \xe9")]


def _ris() -> list[bytes]:
    content = """1.
TY  - CONF
ID  - s1
TI  - Sorting Stones
AU  - Stone, Ann
AU  - Rock, Ben, Jr.
T2  - International Conference on Sorting
PY  - 2024/05/01/
AB  - We sort stones. It gains 3.1% accuracy on ImageNet.
KW  - sorting
KW  - stones
DO  - 10.1234/stones
UR  - https://github.com/stones/sort
ER  -

TY  - JOUR
T1  - Sorting Pebbles
A1  - Rock, Ben
JO  - Journal of Pebbles
Y1  - 2023
UR  - https://arxiv.org/abs/2401.00001
ER  -
TY  - GEN
ID  - s3
ER  -
"""
    return [content.encode(), content.replace("\n", "\r\n").encode("utf-8-sig")]


def _dblp() -> list[bytes]:
    content = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE dblp SYSTEM "dblp.dtd">
<dblp><article mdate="2024-02-01" key="journals/corr/abs-2401-00001" publtype="informal">
<author orcid="0000-0001-2345-6789">J&ouml;rg M&uuml;ller 0001</author>
<author orcid="0000-0001-2345-6780">Ann Stone</author><title>Sorting H<sub>2</sub>O &amp; Stones.</title>
<year>2024</year><volume>abs/2401.00001</volume><journal>CoRR</journal>
<ee type="oa">https://doi.org/10.48550/arXiv.2401.00001</ee>
<url>db/journals/corr/corr2401.html#abs-2401-00001</url></article>
<inproceedings key="conf/sort/Stone24"><author>Ann Stone</author><title>Gneiss.</title><booktitle>SORT</booktitle>
<year>2024</year><ee>https://doi.org/10.1234/gneiss</ee><ee>https://stones.example.org/gneiss</ee></inproceedings>
<www key="homepages/s/Stone"><author>Ann Stone</author><title>Home Page</title></www>
<article key="journals/x/y"><year>2020</year></article></dblp>"""
    return [content, gzip.compress(content)]


def _link_checks() -> list[bytes]:
    repository = {
        "html_url": "https://github.com/stones/new",
        "stargazers_count": 80,
        "forks_count": 9,
        "pushed_at": "2026-01-26T19:06:43Z",
        "license": {"spdx_id": "MIT"},
        "archived": False,
        "private": False,
    }
    line = {"url": "https://github.com/stones/old", "checked_at": "2026-03-05T08:00:00+00:00", "via": "github"}
    page = {"url": "https://stones.example.org", "checked_at": "2026-03-05T08:00:01+00:00", "via": "page"}
    lines = _dumped(
        line | {"http_status": 200, "etag": '"a1"', "repository": repository},
        page | {"http_status": 200, "etag": None, "location": "https://stones.example.org/users/sign_in"},
        page | {"checked_at": "2026-03-12T08:00:01+00:00", "problem": "stones.example.org has no address"},
    )
    return [b"\n".join(lines)]


def _arxiv_source() -> list[bytes]:
    document = r"""\documentclass{article}
\newcommand{\ours}{Stone\textbf{Sort}}
\title{Sorting Stones by Weight} % ours
\begin{document}
\begin{abstract}It gains 3.1\% accuracy on ImageNet.\end{abstract}
\section{Results}
\begin{table}\caption{Accuracy of \ours{}.}\label{tab:main}
\begin{tabular}{l|cc} \toprule
\multirow{2}{*}{Method} & \multicolumn{2}{c}{ImageNet} \\ \cmidrule(lr){2-3} & Top-1 & Top-5 \\ \midrule
Scales~\cite{scales} & 76.1 & 92.0 $\pm$ 0.1 \\ \ours & \textbf{79.3} & -- \\ \bottomrule
\end{tabular}\end{table}
\input{more}
\end{document}
"""
    more = r"""\begin{tabular}{lr} Stones & 1{,}024 \\ \hline"""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as file:
        for name, text in (("main.tex", document), ("more.tex", more)):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            file.addfile(member, io.BytesIO(text.encode()))
    return [gzip.compress(document.encode(), mtime=0), gzip.compress(archive.getvalue(), mtime=0), archive.getvalue()]


def _arxiv_html() -> list[bytes]:
    def cell(text: str, classes: str = "ltx_td", attributes: str = "") -> str:
        return f'<td class="{classes}" {attributes}>{text}</td>'

    head = cell("Method", "ltx_td ltx_border_t", 'rowspan="2"') + cell("ImageNet", "ltx_td ltx_border_t", 'colspan="2"')
    levels = cell("Top-1") + cell("Top-5")
    rival = cell('Scales <cite class="ltx_cite">[<a href="#bib.bib1">1</a>]</cite>', "ltx_td ltx_border_t")
    rival += cell("76.1", "ltx_td ltx_border_t")
    rival += cell('92.0 <math alttext="\\pm"><mo>x</mo></math> 0.1', "ltx_td ltx_border_t")
    own = cell("StoneSort") + cell('<span class="ltx_text ltx_font_bold">79.3</span>') + cell("–")
    rows = "".join(f'<tr class="ltx_tr">{row}</tr>\n' for row in (head, levels, rival, own))
    page = f"""<!DOCTYPE html><html><head><title>x</title></head><body><article class="ltx_document">
<h1 class="ltx_title ltx_title_document">Sorting Stones by Weight</h1>
<div class="ltx_abstract"><h6>Abstract</h6><p>It gains 3.1% accuracy on ImageNet.</p></div>
<section><h2 class="ltx_title ltx_title_section"><span class="ltx_tag">1 </span>Results</h2>
<figure class="ltx_table" id="S1.T1">
<figcaption class="ltx_caption"><span class="ltx_tag">Table 1: </span>Accuracy of StoneSort.</figcaption>
<table class="ltx_tabular">
{rows}</table></figure></section></article></body></html>"""
    return [page.encode(), gzip.compress(page.encode(), mtime=0), page.replace("table", "span").encode()]


def _corrections() -> list[bytes]:
    text = """
- paper: "2401.00001"
  claim: "3.1%"
  at: 23
  verdict: changed
  should_be: {metric: F1, dataset: MNIST, condition: 5-shot, value: "3.2", subject: baseline}
  author: Ann
  date: 2026-03-01
  reason: Read in the paper.
- same: {dataset: [ImageNet, ILSVRC]}
  author: Ann
  date: 2026-03-01
  reason: They are one.
- paper: Stones
  missing: {task: Sorting, dataset: MNIST, metric: accuracy, value: "99.1%", model: Gneiss}
  author: Ann
  date: 2026-03-01
  reason: It is in Table 1.
"""
    return [text.encode()]


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "acl_anthology": _anthology,
    "arxiv_api": lambda: [atom([0, 1], 2)],
    "arxiv_oai": lambda: [
        oai([oai_record(1, versions=2), oai_record(2, deleted=True)], token="next")
    ],  # pragma: allowlist secret
    "arxiv_snapshot": _snapshot,
    "arxiv_html": _arxiv_html,
    "arxiv_source": _arxiv_source,
    "bibtex": _bibtex,
    "conference": _conference,
    "corrections": _corrections,
    "curated_list": _curated,
    "dblp": _dblp,
    "every_eval_ever": _every_eval_ever,
    "hf_daily": _daily,
    "hf_eval_results": _hf_eval_results,
    "hf_listing": _listing,
    "link_checks": _link_checks,
    "openalex": _openalex,
    "openreview": _openreview,
    "pwc": _pwc,
    "pwc_api": _pwc_api,
    "ris": _ris,
    "semantic_scholar": _semantic_scholar,
    "texts": lambda: [
        f"Stones\n{_ABSTRACT}".encode(),
        *(line for page in _listing()[2:] for line in page.splitlines()[1:24:2]),
    ],
}
