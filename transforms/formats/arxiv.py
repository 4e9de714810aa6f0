"""What arXiv's API, its OAI-PMH interface and its snapshot have in common."""

import re
from collections.abc import Iterable

from transforms.config import Section, SourceConfig

_AFFILIATION = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_SEPARATOR = re.compile(r"\s*,\s*and\s+|\s+and\s+|\s*,\s*|\s*;\s*")


class Lookups(Section):
    withdrawn: list[str]  # patterns of an authors' comment


class Config(SourceConfig):
    """Of the sources whose papers are withdrawn by a comment alone."""

    lookups: Lookups


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
