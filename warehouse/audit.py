"""Audit: Great Expectations judges the marts before they are published, with guardrails against the last publication."""

import shutil
from dataclasses import dataclass
from typing import Any

import duckdb

from expectations.validation import Database, validate
from warehouse.build import finished_build
from warehouse.clock import now, timed
from warehouse.database import limit, open_build_database, write_lock
from warehouse.errors import RejectedError, not_judged
from warehouse.lake import statements
from warehouse.log import logged
from warehouse.publication import manifest, row_counts
from warehouse.quarantine import keep_suspects
from warehouse.settings import Settings

_NO_GUARDRAILS: dict[str, Any] = {"min_papers": 1, "min_claims": 0, "min_links": 0, "min_abstract_share": 0.0, "sources": []}


@dataclass(frozen=True)
class Audit:
    build_number: int
    expectation_count: int
    page: str  # of the Data Docs, relative to PAPERHOUSE_HOME
    seconds: float


def audit(settings: Settings, because: str | None = None) -> Audit:
    """Judges the marts of the last build. Raises RejectedError where they fail: then the last publication stays.

    because: why the guardrails against the last publication do not count this time; it is recorded.
    """
    with logged(settings, "audit", because=because) as entry, write_lock(settings, "audit"):
        with open_build_database(settings) as connection:
            build = finished_build(connection)
            bounds = _NO_GUARDRAILS if because else _guardrails(settings, connection)
        site = settings.data_docs / "audits" / str(build["build_number"])
        shutil.rmtree(site, ignore_errors=True)
        with timed() as watch:
            validation = validate(_judged(settings), "marts", "marts", bounds, site)
        if validation.errors:
            raise not_judged("audit", validation.errors[0], validation.page)
        page = str(validation.page.relative_to(settings.home))
        entry.update(build_number=build["build_number"], is_passed=validation.is_passed, page=page)
        with open_build_database(settings) as connection:
            connection.execute(
                "update raw.builds set is_audit_passed = ?, audit_page = ?, audited_at = ?, because = ? where build_number = ?",
                [validation.is_passed, page, now(), because, build["build_number"]],
            )
            if not validation.is_passed:
                reasons = "; ".join(str(failure) for failure in validation.failures)
                ways_out = keep_suspects(settings, connection, reasons, page)
                raise RejectedError(
                    f"the audit failed, nothing is published and the last publication stays: {reasons}", f"Details: {validation.page}\n{ways_out}"
                )
    return Audit(build["build_number"], validation.expectation_count, page, watch.seconds)


def _judged(settings: Settings) -> Database:
    if settings.backend == "ducklake":
        return Database(None, tuple(statements(settings)))
    return Database(settings.build_database, (limit(settings),))


def _guardrails(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The least that the suites accept, from what the last publication held; anything goes where there is none.

    Papers that are new since then count neither for nor against: a list without abstracts may join, but what readers had must stay.
    """
    last = manifest(settings)
    if last is None:
        return _NO_GUARDRAILS
    counts = row_counts(last)
    query = "select count(*), count(*) filter (where first_seen_at <= ?::timestamptz) from marts.fct_papers"
    papers, known = connection.execute(query, [last.get("landed_until", last["published_at"])]).fetchone() or (0, 0)
    claims_per_paper = counts["fct_claimed_metrics"] / max(1, counts["fct_papers"])
    least_abstract_share = max(0.0, last["abstract_share"] - settings.guardrail_max_null_jump)
    return {
        "min_papers": max(1, int(counts["fct_papers"] * settings.guardrail_min_rows_share)),
        "min_claims": int(claims_per_paper * known * settings.guardrail_min_claims_share),
        "min_links": int(counts["fct_repo_links"] * settings.guardrail_min_rows_share),
        "min_abstract_share": least_abstract_share * known / max(1, papers),
        "sources": last.get("sources", []),
    }
