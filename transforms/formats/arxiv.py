"""What arXiv's API, its OAI-PMH interface and its snapshot have in common."""

import re
from collections.abc import Iterable

from lxml import etree

from transforms.formats.files import BrokenFileError

_AFFILIATION = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_SEPARATOR = re.compile(r"\s*,\s*and\s+|\s+and\s+|\s*,\s*|\s*;\s*")


def xml_root(content: bytes) -> etree._Element:
    """The document's root. No source of ours has a document type, so one is refused: with it go entity bombs and
    external entities.

    Raises BrokenFileError.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenFileError(f"it is no XML: {error}") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise BrokenFileError("it declares a document type, which this source never does; entities are not expanded")
    return root


def split_authors(text: str | None) -> list[str] | None:
    """The authors of a line "A. One (Place), B. Two and C. Three".

    >>> split_authors("A. One (Univ. X, Y), B. Two and C. Three")
    ['A. One', 'B. Two', 'C. Three']
    """
    names = [name.strip() for name in _SEPARATOR.split(_AFFILIATION.sub("", text or ""))]
    return [name for name in names if name and name.lower() not in ("jr.", "sr.", "ii", "iii")] or None


def is_withdrawn_comment(comment: str | None, patterns: Iterable[str]) -> bool:
    """Whether the authors' comment says that the paper is withdrawn; patterns: the source's lookups."""
    return bool(comment) and any(re.search(pattern, comment or "", re.I) for pattern in patterns)
