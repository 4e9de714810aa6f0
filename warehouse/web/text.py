"""A text with the numbers that it claims and its links marked, as pieces for a template."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Piece:
    """A part of a text; claims and link are what stands there."""

    text: str
    claims: list[dict[str, Any]] = field(default_factory=list)
    link: dict[str, Any] | None = None


def mark_places(text: str, claims: list[dict[str, Any]], links: list[dict[str, Any]]) -> list[Piece]:
    """The text in pieces, in order; claims of one place share a piece, and what overlaps an earlier piece is left out.

    >>> [piece.text for piece in mark_places("It gains 3% here.", [{"char_start": 9, "char_end": 11}], [])]
    ['It gains ', '3%', ' here.']
    """
    of_place: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for claim in claims:
        of_place[claim["char_start"], claim["char_end"]].append(claim)
    of_link = {(link["char_start"], link["char_end"]): link for link in links}
    pieces, at = [], 0
    for start, end in sorted({*of_place, *of_link}):
        if start < at:
            continue
        pieces += [Piece(text[at:start])] if start > at else []
        pieces.append(Piece(text[start:end], of_place[start, end], of_link.get((start, end))))
        at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def mark_paper(paper: dict[str, Any]) -> dict[str, list[Piece]]:
    """title_pieces and abstract_pieces: the texts of a paper with its claims and links marked."""
    pieces = {}
    for section in ("title", "abstract"):
        claims, links = (
            [each for each in paper[kind] if each["section"] == section and each["char_start"] is not None]
            for kind in ("claims", "links")
        )
        pieces[f"{section}_pieces"] = mark_places(paper[section] or "", claims, links)
    return pieces
