"""Runs suites against the tables of a DuckDB file, keeps the results and renders their pages.

A suite is a JSON file, one a table: suites/batch/ for a batch before it is loaded, suites/marts/ for the marts before
they are published. `{"$PARAMETER": "name"}` in a suite is filled from `parameters`. A suite of more than one table has
a query of its name beside it, whose rows it asks.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from duckdb_engine import ConnectionWrapper
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import Engine, event

from expectations.imports import import_great_expectations
from expectations.quiet import silence_gx
from expectations.templates import compile_templates_once

_NOT_EVALUATED = "could not be evaluated"
SUITES = Path(__file__).parent / "suites"


@dataclass(frozen=True)
class Result:
    """The outcome of one expectation."""

    table: str
    expectation: str
    description: str
    is_passed: bool
    observed: str

    def __str__(self) -> str:
        return f"{self.table}: {self.description} ({self.expectation}: {self.observed})"


@dataclass(frozen=True)
class Database:
    """What is validated: a DuckDB file, or what each connection sees once it ran the statements."""

    file: Path | None
    statements: tuple[str, ...] = ()

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Within it, every new connection to DuckDB runs the statements; others, as Airflow's, are left alone."""

        def prepare(connection: Any, _record: Any) -> None:
            if isinstance(connection, ConnectionWrapper):
                for statement in self.statements:
                    connection.execute(statement)

        event.listen(Engine, "connect", prepare)
        try:
            yield
        finally:
            event.remove(Engine, "connect", prepare)


@dataclass(frozen=True)
class Validation:
    is_passed: bool
    page: Path  # what was expected and what was seen, with links into GX's Data Docs
    expectation_count: int
    failures: list[Result]
    # Of expectations that could not be evaluated, as where the disk is full: no result about the data.
    errors: list[str]


def suite_files(group: str) -> list[Path]:
    """The suites of a group ('batch' or 'marts'), one a table, by name."""
    return sorted((SUITES / group).glob("*.json"))


def validate(
    database: Database,
    schema: str,
    group: str,
    parameters: dict[str, Any],
    site: Path,
    queries: Mapping[str, str] = MappingProxyType({}),
) -> Validation:
    """Runs every suite of the group on the table of its name in the schema; below site it leaves results, Data Docs and
    a page.

    queries: by the name of a table, SQL whose rows are asked in its place.
    The file is given up when this returns, so that others can open it for writing.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with silence_gx(), compile_templates_once(), database.prepared():
        import_great_expectations()
        import great_expectations as gx

        from expectations.duckdb import DuckDBDatasource

        context = _context(site)
        address = f"duckdb:///{database.file or ':memory:'}"
        source: DuckDBDatasource = context.data_sources.add_or_update_duckdb("paperhouse", connection_string=address)
        try:
            definitions = [
                _definition(context, source, schema, file, queries.get(file.stem)) for file in suite_files(group)
            ]
            checkpoint = context.checkpoints.add(
                gx.Checkpoint(name=group, validation_definitions=definitions, result_format="SUMMARY")
            )
            outcome = checkpoint.run(expectation_parameters=parameters)
            _write_data_docs(context, site)
        finally:
            source.close()
    results = [_result(suite, each) for suite in outcome.run_results.values() for each in suite.results]
    is_passed = bool(outcome.success)
    errors = [result.observed for result in results if result.observed.startswith(_NOT_EVALUATED)]
    failures = [result for result in results if not result.is_passed]
    return Validation(is_passed, write_page(site, results, is_passed), len(results), failures, errors)


def write_page(site: Path, results: list[Result], is_passed: bool) -> Path:
    """site/index.html: every expectation with what was seen. GX's own pages, which it links to, need the network to
    look well."""
    template = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("page.html")
    pages = {file.relative_to(site).parts[2]: file.relative_to(site) for file in site.glob("gx/validations/**/*.html")}
    page = site / "index.html"
    page.write_text(template.render(results=results, is_passed=is_passed, pages=pages), "utf-8")
    return page


def _context(site: Path) -> Any:
    """A GX context of which only the validation results and the Data Docs are kept, both below site."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    stores = InMemoryStoreBackendDefaults()
    stores.stores[stores.validation_results_store_name]["store_backend"] = {
        "class_name": "TupleFilesystemStoreBackend",
        "base_directory": str(site / "results"),
        "filepath_suffix": ".json",
    }
    docs = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site / "gx")},
        "show_how_to_buttons": False,
    }
    config = DataContextConfig(
        store_backend_defaults=stores,
        data_docs_sites={"data_docs": docs},
        analytics_enabled=False,
        progress_bars={"globally": False, "metric_calculations": False},  # type: ignore[arg-type]
    )
    return gx.get_context(project_config=config, mode="ephemeral")


def _write_data_docs(context: Any, site: Path) -> None:
    """GX's pages, all at once: as an action of the checkpoint they would be rendered again for each suite. They show
    none of the 4 MB of pictures and fonts that GX puts beside them."""
    context.build_data_docs()
    shutil.rmtree(site / "gx" / "static")


def _definition(context: Any, source: Any, schema: str, file: Path, query: str | None) -> Any:
    import great_expectations as gx

    if query:
        asset = source.add_query_asset(file.stem, query=query)
    else:
        asset = source.add_table_asset(file.stem, table_name=file.stem, schema_name=schema)
    suite = context.suites.add(gx.ExpectationSuite(**json.loads(file.read_text("utf-8"))))
    batch = asset.add_batch_definition_whole_table("all")
    return context.validation_definitions.add(gx.ValidationDefinition(name=file.stem, data=batch, suite=suite))


def _result(suite: Any, result: Any) -> Result:
    config, table = result.expectation_config, suite.meta["active_batch_definition"]["data_asset_name"]
    subject = ", ".join(str(config.kwargs[key]) for key in ("column", "column_list") if key in config.kwargs)
    description = ", ".join([config.description or subject or config.type, *_bounds(config.kwargs)])
    return Result(table, config.type, description, bool(result.success), _observed(result))


def _bounds(kwargs: dict[str, Any]) -> list[str]:
    """The expectation's numbers, in words."""
    words = {"min_value": "at least {:,g}", "max_value": "at most {:,g}", "mostly": "in {:.1%} of the rows or more"}
    return [text.format(kwargs[name]) for name, text in words.items() if isinstance(kwargs.get(name), int | float)]


def _observed(result: Any) -> str:
    """What was seen, in words."""
    errors = [info["exception_message"] for info in _exceptions(result.exception_info) if info.get("raised_exception")]
    found = result.result
    if errors:
        return f"{_NOT_EVALUATED}: {errors[0]}"
    if "observed_value" in found:
        return f"observed {found['observed_value']}"
    if found.get("unexpected_count"):
        return (
            f"{found['unexpected_count']} of {found['element_count']} rows, such as "
            f"{found.get('partial_unexpected_list', [])[:3]}"
        )
    return f"{found.get('element_count', 0)} rows"


def _exceptions(info: dict[str, Any]) -> list[dict[str, Any]]:
    """GX gives one exception's facts, or a mapping of them by metric."""
    return [info] if "raised_exception" in info else list(info.values())
