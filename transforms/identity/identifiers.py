"""The ids by which sources name a paper, normalised from every form in which they are written."""

import re
from collections.abc import Callable, Iterable

# New style YYMM.NNNN(N), since April 2007, and old style archive(.CLASS)/YYMMNNN; https://info.arxiv.org/help/arxiv_identifier.html
_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD = r"[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_VERSION = r"(?:v(?P<version>\d+))?"
_ARXIV = re.compile(
    rf"^(?:arxiv:\s*|(?:https?://)?(?:www\.|export\.)?(?:arxiv\.org|ar5iv\.org|ar5iv\.labs\.arxiv\.org|alphaxiv\.org|huggingface\.co|hf\.co)"
    rf"/(?:abs|pdf|html|papers|format|ps|e-print)/|(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.|oai:arxiv\.org:)?"
    rf"(?P<id>{_NEW}|{_OLD}){_VERSION}(?:\.pdf)?(?:[?#].*)?/?$",
    re.I,
)
_DOI = re.compile(r"^(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S{1,290}?)[.,;]?$", re.I)
_ACL_DOI = re.compile(r"^10\.18653/v1/(?P<id>[\w.-]+)$", re.I)
_ACL = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:aclanthology\.org|aclweb\.org/anthology|aclanthology\.info/papers)/(?P<id>[\w.-]+?)(?:v\d+)?(?:\.pdf|\.bib)?/?$",
    re.I,
)
_ACL_FORM = re.compile(r"^(?:[A-Z]\d{2}-\d{4,5}|\d{4}\.[a-z\d_]{1,60}-[a-z\d_]{1,60}\.\d{1,9})$", re.I)
_OPENREVIEW = re.compile(
    r"^(?:https?://)?(?:www\.)?openreview\.net/(?:forum|pdf|attachment)\?(?:[^#]*&)?id=(?P<id>[\w-]{1,100})(?![\w-])",
    re.I,
)


def arxiv_id(text: str | None) -> str | None:
    """The arXiv id without version and subject class, or None.

    >>> [arxiv_id(each) for each in ("arXiv:2101.00001v2", "https://arxiv.org/pdf/2101.00001v1.pdf")]
    ['2101.00001', '2101.00001']
    >>> arxiv_id("10.48550/arXiv.2101.00001"), arxiv_id("2101.1")
    ('2101.00001', None)
    >>> arxiv_id("http://arxiv.org/abs/math.GT/0309136v1")
    'math/0309136'
    """
    match = _ARXIV.match(text.strip()) if text else None
    return re.sub(r"\.[a-z]{2}/", "/", match["id"].lower()) if match else None


def arxiv_version(text: str | None) -> int | None:
    """The version that an arXiv id or URL names, or None.

    >>> arxiv_version("quant-ph/0201082v1")
    1
    """
    match = _ARXIV.match(text.strip()) if text else None
    return int(match["version"]) if match and match["version"] else None


def doi(text: str | None) -> str | None:
    """The DOI in lower case, or None; arXiv's own DOIs are no DOIs here, but arXiv ids. Characters that do not print
    are in none: https://www.doi.org/doi-handbook/HTML/doi-name-syntax.html

    >>> doi("https://doi.org/10.1145/3292500.3330701"), doi("10.48550/arXiv.2101.00001")
    ('10.1145/3292500.3330701', None)
    """
    match = _DOI.match(text.strip()) if text else None
    if not match or arxiv_id(match[1]) or not match[1].isprintable() or "\ufffd" in match[1]:
        return None
    return match[1].lower()


def acl_id(text: str | None) -> str | None:
    """The id in the ACL Anthology, of a URL, a DOI or the id itself, or None.

    >>> [acl_id(each) for each in ("https://aclanthology.org/2021.acl-long.404.pdf", "10.18653/v1/P19-1001")]
    ['2021.acl-long.404', 'p19-1001']
    >>> acl_id("2022.naacl-main.314")
    '2022.naacl-main.314'
    """
    if not text:
        return None
    bare = doi(text)
    match = _ACL_DOI.match(bare) if bare else _ACL.match(text.strip())
    found = match["id"] if match else text.strip()
    return found.lower() if _ACL_FORM.match(found) else None


def openreview_id(text: str | None) -> str | None:
    """The forum's id of an OpenReview URL, or None.

    >>> openreview_id("https://openreview.net/forum?id=B1gTShAct7")
    'B1gTShAct7'
    """
    match = _OPENREVIEW.match(text.strip()) if text else None
    return match["id"] if match else None


def first_id(find: Callable[[str], str | None], texts: Iterable[str]) -> str | None:
    """The id that `find`, one of the functions above, sees first in the texts.

    >>> first_id(arxiv_id, ["https://example.org", "https://arxiv.org/abs/2101.00001"])
    '2101.00001'
    """
    return next((found for text in texts if (found := find(text))), None)


def paper_ids(texts: Iterable[str]) -> dict[str, object]:
    """arxiv_id, doi, acl_id and openreview_id, as records have them: each the first that the texts name, or None.

    >>> {name: found for name, found in paper_ids(["https://arxiv.org/abs/2101.00001", "10.1/x"]).items() if found}
    {'arxiv_id': '2101.00001'}
    """
    named = list(texts)
    finders = {"arxiv_id": arxiv_id, "doi": doi, "acl_id": acl_id, "openreview_id": openreview_id}
    return {name: first_id(find, named) for name, find in finders.items()}


def names_paper(text: str) -> bool:
    """Whether the text is an id of a paper, or a URL with one."""
    return any(paper_ids([text]).values())
