"""What changed from one publication to another, as rows: papers, heads of leaderboards, and single numbers."""

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from transforms.identity.keys import stable_hash
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.connection import ended_after, limit, quoted, rows
from warehouse.storage.publication import list_kept_versions, list_versions, publication_file

# The order in which they are told, and how each kind is called where it is counted.
KINDS = {
    "head": ("head of a leaderboard", "heads of leaderboards"),
    "withdrawn paper": ("paper withdrawn", "papers withdrawn"),
    "gone paper": ("paper gone", "papers gone"),
    "corrected paper": ("paper with another text", "papers with another text"),
    "renamed paper": ("paper with another id", "papers with another id"),
    "claim": ("claimed number read differently", "claimed numbers read differently"),
    "result": ("reported number changed", "reported numbers changed"),
    "new paper": ("new paper", "new papers"),
}
_QUERY = Path(__file__).with_suffix(".sql")


def read_changes(
    settings: Settings, old: int | None = None, new: int | None = None, most_seconds: float | None = None
) -> dict[str, Any]:
    """old and new (versions; by default the last two that are kept), counts by kind, and the changes: kind, paper_id,
    title, dataset, metric, before, after and why of each, in the order of KINDS.

    Raises UsageError where a version is not kept, or the two cannot be compared; TimeoutError where it takes longer
    than most_seconds.
    """
    old, new = _choose(settings, old, new)
    with duckdb.connect() as connection, ended_after(connection, most_seconds):
        connection.execute(limit(settings))
        for name, version in (("old", old), ("new", new)):
            connection.execute(f"attach {quoted(str(_file(settings, version)))} as {name} (read_only)")
        connection.execute("set enable_external_access = false")
        try:
            connection.execute(_QUERY.read_text("utf-8"))
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise UsageError(
                f"publications {old} and {new} cannot be compared: their columns differ ({str(error)[:200]})",
                "Compare publications that the same version of paperhouse made.",
            ) from error
        changes = rows(
            connection,
            """
            select kind, changes.paper_id, papers.title, dataset, metric, before, after, why
            from changes left join new.marts.fct_papers as papers on changes.paper_id = papers.paper_id
            order by list_position($kinds, kind), dataset, metric, changes.paper_id, before, after
            """,
            {"kinds": list(KINDS)},
        )
    counts = Counter(change["kind"] for change in changes)
    return {
        "old": old, "new": new, "counts": {kind: counts[kind] for kind in KINDS if counts[kind]}, "changes": changes
    }  # fmt: skip


def is_told(change: dict[str, Any]) -> bool:
    """Whether it is news of what was published before: a head that no new paper replaced, a paper that is withdrawn or
    gone, or a reported number."""
    return change["kind"] in ("head", "withdrawn paper", "gone paper", "result") and change["why"] != "new paper"


def hash_change(change: dict[str, Any]) -> str:
    """The same for the same change, whichever publications are compared."""
    told = [str(change[name]) for name in ("kind", "paper_id", "dataset", "metric", "before", "after")]
    return stable_hash("|".join(told))


def _choose(settings: Settings, old: int | None, new: int | None) -> tuple[int, int]:
    new = int(publication_file(settings).parent.name) if new is None else new
    if old is None:
        old = max((version for version in list_kept_versions(settings) if version < new), default=None)
    if old is None:
        raise UsageError(f"no publication before {new} is kept", "Publish again, then compare.")
    if old >= new:
        raise UsageError(f"publication {old} is not before {new}", "Name the earlier one first.")
    return old, new


def _file(settings: Settings, version: int) -> Path:
    file = list_versions(settings) / str(version) / "paperhouse.duckdb"
    if not file.exists():
        kept = ", ".join(map(str, list_kept_versions(settings)))
        raise UsageError(f"publication {version} is not kept", f"Kept are {kept} (PAPERHOUSE_PUBLICATIONS_KEPT).")
    return file
