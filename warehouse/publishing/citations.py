"""Papers as other programs take them: BibTeX, RIS, CSL-JSON, and schema.org."""

import json
import re
from collections import Counter
from typing import Any

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from pylatexenc.latexencode import UnicodeToLatexEncoder  # type: ignore[attr-defined]

from warehouse.publishing.papers import build_page_url

Facts = dict[str, Any]  # a row of fct_papers
_LATEX = UnicodeToLatexEncoder(unknown_char_policy="keep", unknown_char_warning=False)  # type: ignore[no-untyped-call]
_LINES = re.compile(r"\s+")


def write_bibtex(papers: list[Facts]) -> str:
    """Each paper as @inproceedings where its venue is known, else as @article or @misc; keys are author, year and word
    of the title."""
    library, seen = Library(), Counter[str]()
    for paper in papers:
        key = _key(paper)
        seen[key] += 1
        fields = {
            "title": _latex(paper["title"]),
            "author": " and ".join(map(_latex, paper["authors"] or [])),
            "year": _year(paper),
            "booktitle" if paper["venue"] else "journal": _latex(paper["venue"] or paper["journal_ref"]),
            "doi": paper["doi"],
            "eprint": paper["arxiv_id"],
            "archiveprefix": "arXiv" if paper["arxiv_id"] else None,
            "url": build_page_url(paper),
        }
        kind = "inproceedings" if paper["venue"] else "article" if paper["journal_ref"] else "misc"
        named = key + ("" if seen[key] == 1 else f"-{seen[key]}")
        library.add(Entry(kind, named, [Field(name, value) for name, value in _filled(fields).items()]))
    return write_string(library)


def write_ris(papers: list[Facts]) -> str:
    """Source of the format: https://en.wikipedia.org/wiki/RIS_(file_format)"""
    return rispy.dumps(
        [
            _filled(
                {
                    "type_of_reference": "CPAPER" if paper["venue"] else "JOUR" if paper["journal_ref"] else "UNPB",
                    "title": _one_line(paper["title"]),
                    "authors": list(map(_one_line, paper["authors"] or [])),
                    "year": _year(paper),
                    "secondary_title": _one_line(paper["venue"] or paper["journal_ref"]),
                    "abstract": _one_line(paper["abstract"]),
                    "doi": paper["doi"],
                    "urls": [build_page_url(paper)],
                }
            )
            for paper in papers
        ]
    )


def write_csl(papers: list[Facts]) -> str:
    """Source of the format: https://github.com/citation-style-language/schema, csl-data.json"""
    items = [
        _filled(
            {
                "id": paper["paper_id"],
                "type": "paper-conference" if paper["venue"] else "article",
                "title": paper["title"],
                "author": [{"literal": name} for name in paper["authors"] or []],
                "issued": {"date-parts": [_date_parts(paper)]} if _date_parts(paper) else None,
                "container-title": paper["venue"] or paper["journal_ref"],
                "abstract": paper["abstract"],
                "DOI": paper["doi"],
                "URL": build_page_url(paper),
            }
        )
        for paper in papers
    ]
    return json.dumps(items, indent=1, ensure_ascii=False)


# By the name of the format: how it is written, and its media type.
FORMATS = {
    "bib": (write_bibtex, "application/x-bibtex"),
    "ris": (write_ris, "application/x-research-info-systems"),
    "csl": (write_csl, "application/vnd.citationstyles.csl+json"),
}


def describe_article(paper: Facts, claims: list[Facts]) -> Facts:
    """The paper as a ScholarlyArticle (https://schema.org/ScholarlyArticle) that mentions each claim as a
    PropertyValue."""
    article: Facts = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": paper["title"],
        "author": [{"@type": "Person", "name": name} for name in paper["authors"] or []],
        "datePublished": "-".join(f"{part:02}" for part in _date_parts(paper)),
        "abstract": paper["abstract"],
        "identifier": [paper["paper_id"], *filter(None, [paper["doi"]])],
        "url": build_page_url(paper),
        "isPartOf": {"@type": "PublicationVolume", "name": paper["venue"]} if paper["venue"] else None,
        "mentions": [
            {
                "@type": "PropertyValue",
                "identifier": claim["claim_id"],
                "name": _name_claim(claim),
                "value": claim["value"],
                "unitText": claim["unit"],
                "description": claim["evidence"],
            }
            for claim in claims
            if claim["verdict"] != "wrong"
        ],
    }
    return _filled(article)


def describe_dataset(dataset: Facts) -> Facts:
    """A row of dim_datasets as a Dataset (https://schema.org/Dataset)."""
    facts = {
        "@context": "https://schema.org", "@type": "Dataset", "name": dataset["dataset"],
        "alternateName": dataset.get("full_name"), "description": dataset.get("description"), "url": dataset.get("url"),
    }  # fmt: skip
    return _filled(facts)


def _name_claim(claim: Facts) -> str:
    named = " on ".join(filter(None, [claim["metric"], ", ".join(claim["datasets"] or [])])) or "number"
    return f"change of {named}" if claim["kind"] == "change" else named


def _key(paper: Facts) -> str:
    last = (paper["authors"] or ["anon"])[0].split()[-1]
    word = next((word for word in (paper["title"] or "").split() if len(word) > 3), "paper")
    return re.sub(r"[^a-z0-9]", "", f"{last}{_year(paper) or ''}{word}".lower()) or "paper"


def _year(paper: Facts) -> str | None:
    year = paper["venue_year"] or (paper["published_on"] and paper["published_on"].year)
    return str(year) if year else None


def _date_parts(paper: Facts) -> list[int]:
    day = paper["published_on"]
    if not day:
        return [paper["venue_year"]] if paper["venue_year"] else []
    return [day.year, day.month] if paper["published_precision"] == "month" else [day.year, day.month, day.day]


def _filled(facts: Facts) -> Facts:
    """Those of the facts that say something."""
    return {name: value for name, value in facts.items() if value}


def _latex(text: str | None) -> str:
    """The text for BibTeX, without braces of its own: one that is not closed would swallow what follows."""
    bare = _one_line(text).replace("{", "").replace("}", "")
    encoded: str = _LATEX.unicode_to_latex(bare)  # type: ignore[no-untyped-call]
    return encoded


def _one_line(text: str | None) -> str:
    return _LINES.sub(" ", text or "").strip()
