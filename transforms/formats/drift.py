"""Schema drift: what changed in the fields of an upstream since its last loads."""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, Mapping[str, int]]  # field → JSON type → how often, as frames.Parsed has them


def compare_schemas(earlier: Sequence[Fields], now: Fields) -> dict[str, list[str]]:
    """new: fields that no earlier load had; gone: fields that the last one had; retyped: types that a field never had
    before.

    earlier: the fields of earlier loads of the same format, the last one first; without any, nothing has changed.

    >>> compare_schemas([{"id": {"string": 9}, "votes": {"number": 9}}], {"id": {"number": 9}, "title": {"string": 9}})
    {'new': ['title'], 'gone': ['votes'], 'retyped': ['id: number']}
    """
    if not earlier:
        return {}
    known: dict[str, set[str]] = {}
    for fields in earlier:
        for name, types in fields.items():
            known.setdefault(name, set()).update(types)
    changes = {
        "new": sorted(set(now) - set(known)),
        "gone": sorted(set(earlier[0]) - set(now)),
        "retyped": sorted(
            f"{name}: {kind}"
            for name in set(now) & set(known)
            for kind in set(now[name]) - known[name] - {"null"}
            if known[name] != {"null"}
        ),
    }
    return {kind: names for kind, names in changes.items() if names}
