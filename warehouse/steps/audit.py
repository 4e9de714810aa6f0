"""Audit: Great Expectations validates the marts before they are published, with guardrails against the last
publication."""

import shutil
from dataclasses import dataclass
from typing import Any

import duckdb

from expectations.validation import Database, validate
from warehouse.clock import now, timed
from warehouse.dbt import list_marts_by_paper
from warehouse.errors import RejectedError, explain_failed_validation
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.steps.build import is_incremental_to, require_finished_build
from warehouse.steps.guardrails import find_decisions_since_publication, measure_guardrails
from warehouse.storage.connection import limit, rows_of_papers
from warehouse.storage.database import open_build_database, write_lock
from warehouse.storage.lake import list_statements
from warehouse.storage.publication import read_manifest
from warehouse.storage.quarantine import flag_unpublished_batches
from warehouse.versions import suites_version


@dataclass(frozen=True)
class Audit:
    build_number: int
    expectation_count: int
    page: str  # of the Data Docs, relative to PAPERHOUSE_HOME
    seconds: float


def audit(settings: Settings, because: str | None = None) -> Audit:
    """Validates the marts of the last build. Raises RejectedError where they fail: then the last publication stays.

    Of a build that is incremental to the last publication, the marts that grow by paper are asked for the rows of
    changed papers alone: their other rows passed before.
    The guardrails leave out the papers of batches that were released or withdrawn since the last publication. because:
    why they do not count at all this time, as after a change of the models; it is recorded.
    """
    with logged(settings, "audit", because=because) as entry, write_lock(settings, "audit"):
        with open_build_database(settings) as connection:
            build = require_finished_build(connection)
            decided = find_decisions_since_publication(settings, connection)
            guarded = measure_guardrails(settings, connection, sorted(decided), is_lifted=because is not None)
            queries = _find_unasked_rows(settings, connection, build) | {"guardrails": guarded.query}
        reasons = [
            f"{batch_id}: {each.verdict} by {each.by}: {each.because}" for batch_id, each in sorted(decided.items())
        ]
        lifted = because or "; ".join(reasons) or None
        site = settings.data_docs / "audits" / str(build["build_number"])
        shutil.rmtree(site, ignore_errors=True)
        with timed() as watch:
            validation = validate(_audited_database(settings), "marts", "marts", guarded.bounds, site, queries)
        if validation.errors:
            raise explain_failed_validation("audit", validation.errors[0], validation.page)
        page = str(validation.page.relative_to(settings.home))
        entry.update(build_number=build["build_number"], is_passed=validation.is_passed, page=page)
        with open_build_database(settings) as connection:
            connection.execute(
                "update raw.builds set is_audit_passed = ?, audit_page = ?, audited_at = ?, because = ? where "
                "build_number = ?",
                [validation.is_passed, page, now(), lifted, build["build_number"]],
            )
            if not validation.is_passed:
                failures = "; ".join(str(failure) for failure in validation.failures)
                hint = flag_unpublished_batches(settings, connection, failures, page)
                raise RejectedError(
                    f"the audit failed, nothing is published and the last publication stays: {failures}",
                    f"Details: {validation.page}\n{hint}",
                )
    return Audit(build["build_number"], validation.expectation_count, page, watch.seconds)


def _find_unasked_rows(
    settings: Settings, connection: duckdb.DuckDBPyConnection, build: dict[str, Any]
) -> dict[str, str]:
    """table → a query of the rows that the audit of the last publication did not ask, for the marts that grow by
    paper; none where all rows have to be asked."""
    published = read_manifest(settings)
    if published is None or published.get("suites") != suites_version():
        return {}
    if not is_incremental_to(connection, build, published):
        return {}
    changed = "intermediate.int_changed_papers"
    return {
        name: f"select * from marts.{name} where {rows_of_papers(connection, f'marts.{name}', changed)}"
        for name in list_marts_by_paper()
    }


def _audited_database(settings: Settings) -> Database:
    if settings.backend == "ducklake":
        return Database(None, tuple(list_statements(settings)))
    return Database(settings.build_database, (limit(settings),))
