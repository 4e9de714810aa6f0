"""A text with the numbers that it claims and its links marked, as parts for a page or a terminal."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TextPart:
    """A part of a text; claims and link are what stands there."""

    text: str
    claims: list[dict[str, Any]] = field(default_factory=list)
    link: dict[str, Any] | None = None


def mark_places(text: str, claims: list[dict[str, Any]], links: list[dict[str, Any]]) -> list[TextPart]:
    """The text in parts, in order; claims of one place share a part, and what overlaps an earlier part is left out.

    >>> [part.text for part in mark_places("It gains 3% here.", [{"char_start": 9, "char_end": 11}], [])]
    ['It gains ', '3%', ' here.']
    """
    of_place: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for claim in claims:
        of_place[claim["char_start"], claim["char_end"]].append(claim)
    of_link = {(link["char_start"], link["char_end"]): link for link in links}
    parts, at = [], 0
    for start, end in sorted({*of_place, *of_link}):
        if start < at:
            continue
        parts += [TextPart(text[at:start])] if start > at else []
        parts.append(TextPart(text[start:end], of_place[start, end], of_link.get((start, end))))
        at = end
    return [*parts, TextPart(text[at:])] if at < len(text) else parts


def mark_section(paper: dict[str, Any], section: str) -> list[TextPart]:
    """The paper's title or abstract with its claims and links marked."""
    claims, links = (
        [each for each in paper[kind] if each["section"] == section and each["char_start"] is not None]
        for kind in ("claims", "links")
    )
    return mark_places(paper[section] or "", claims, links)


def mark_paper(paper: dict[str, Any]) -> dict[str, list[TextPart]]:
    """title_parts and abstract_parts: the texts of a paper with its claims and links marked."""
    return {f"{section}_parts": mark_section(paper, section) for section in ("title", "abstract")}
