"""Clusters of mentions that are one paper, grown by the strongest edges first; no cluster contradicts an id."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import polars as pl

from transforms.frames import Schema
from transforms.identity.matching import CANNOT_LINK, STRENGTH, Edge

MEMBERSHIPS: Schema = {
    "mention_id": pl.String(),
    "cluster": pl.String(),  # the least mention of those that are one paper
    "component": pl.String(),  # the least mention of those that any edges join, contradictions or not
    "matched_by": pl.String(),  # the strongest edge to another mention of the cluster; null where there is none
    "match_score": pl.Float64(),
}


def cluster_mentions(edges: Iterable[Edge], ids: Mapping[str, Iterable[tuple[str, str]]]) -> pl.DataFrame:
    """EDGES → MEMBERSHIPS, grown by the strongest edges first; an edge that would contradict ids, or join what is
    apart, is left out.

    ids: for each mention its (namespace, value) of namespaces that a paper has one value of: EXCLUSIVE_IDS, and one for
    each forced split. Where a bare title fits two papers, the one with more records has it.
    """
    found = sorted(edges)
    joining = [edge for edge in found if edge[2] != CANNOT_LINK]
    growth = _Growth(
        {mention for a, b, _, _ in joining for mention in (a, b)},
        ids,
        [(a, b) for a, b, rule, _ in found if rule == CANNOT_LINK],
    )
    joining.sort(key=lambda edge: (STRENGTH[edge[2]], -edge[3]))
    for a, b, rule, score in joining:
        if score >= 1:
            growth.join(a, b, is_forced=rule == "override")
    sizes = Counter(growth.sets.root(mention) for mention in growth.mentions)
    largest = {
        edge: max(sizes[growth.sets.root(edge[0])], sizes[growth.sets.root(edge[1])]) for edge in joining if edge[3] < 1
    }
    for edge in sorted(largest, key=lambda edge: (STRENGTH[edge[2]], -edge[3], -largest[edge])):
        growth.join(edge[0], edge[1])
    components, came_by = _Sets(growth.mentions), dict[str, tuple[str, float]]()
    for a, b, rule, score in joining:
        components.join(a, b)
        if growth.sets.root(a) == growth.sets.root(b):
            came_by.setdefault(a, (rule, score))
            came_by.setdefault(b, (rule, score))
    for a, b, rule, _ in found:
        if rule == CANNOT_LINK and a in growth.mentions and b in growth.mentions:
            components.join(a, b)
    rows = [
        (each, growth.sets.root(each), components.root(each), *came_by.get(each, (None, None)))
        for each in sorted(growth.mentions)
    ]
    return pl.DataFrame(rows, schema=MEMBERSHIPS, orient="row")


class _Growth:
    """Clusters as they grow, with the ids that each holds and the mentions that it must not be joined with."""

    def __init__(
        self, mentions: set[str], ids: Mapping[str, Iterable[tuple[str, str]]], apart: Iterable[tuple[str, str]]
    ) -> None:
        self.mentions = mentions
        self.sets = _Sets(mentions)
        self._ids = {mention: dict(ids.get(mention, ())) for mention in mentions}
        self._cannot_link: dict[str, set[str]] = defaultdict(set)
        for a, b in apart:
            if a in mentions and b in mentions:
                self._cannot_link[a].add(b)
                self._cannot_link[b].add(a)

    def join(self, a: str, b: str, is_forced: bool = False) -> None:
        """Makes one cluster of those of a and b, unless something contradicts."""
        one, other = self.sets.root(a), self.sets.root(b)
        if one == other or not (is_forced or self._may(one, other)):
            return
        ids, cannot_link = (
            self._ids.pop(one) | self._ids.pop(other),
            self._cannot_link.pop(one, set()) | self._cannot_link.pop(other, set()),
        )
        root = self.sets.join(one, other)
        self._ids[root] = ids
        if cannot_link:
            self._cannot_link[root] = cannot_link

    def _may(self, one: str, other: str) -> bool:
        if any(self._ids[one].get(space, value) != value for space, value in self._ids[other].items()):
            return False
        fewer, root = sorted((one, other), key=lambda each: len(self._cannot_link.get(each, ())))
        return not any(self.sets.root(other_root) == root for other_root in self._cannot_link.get(fewer, ()))


class _Sets:
    """Disjoint sets, each named by its least member."""

    def __init__(self, members: Iterable[str]) -> None:
        self._parent = {member: member for member in members}

    def root(self, member: str) -> str:
        parent = self._parent
        while (above := parent[member]) != member:
            parent[member] = member = parent[above]
        return member

    def join(self, one: str, other: str) -> str:
        least, greatest = sorted((self.root(one), self.root(other)))
        self._parent[greatest] = least
        return least
