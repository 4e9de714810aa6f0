"""The dbt project by itself: its unit tests, and that everything in it is described."""

import shutil

import pytest
import yaml

from warehouse.dbt import build_marts, read_results, run_dbt
from warehouse.errors import RejectedError
from warehouse.storage.database import build_database, write_lock
from warehouse.versions import DBT_PROJECT

MODELS = sorted((DBT_PROJECT / "models").rglob("*.sql"))


def test_unit_tests_pass(warehouse_copy):
    with write_lock(warehouse_copy, "test"):
        run_dbt(warehouse_copy, ["test", "--select", "test_type:unit"])
    assert len([result for result in read_results(warehouse_copy) if result.status == "pass"]) >= 14


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_every_model_and_column_is_described(model):
    (facts,) = yaml.safe_load(model.with_suffix(".yml").read_text("utf-8"))["models"]
    assert facts["name"] == model.stem
    assert facts["description"]
    assert all(column["description"] for column in facts["columns"])


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model.parent.name == "marts"], ids=lambda model: model.stem
)
def test_every_mart_has_a_contract_and_a_key(model):
    (facts,) = yaml.safe_load(model.with_suffix(".yml").read_text("utf-8"))["models"]
    assert all(column["data_type"] for column in facts["columns"])
    assert any({"type": "not_null"} in column.get("constraints", []) for column in facts["columns"])
    (rules,) = (test["row_rules"] for test in facts["data_tests"] if "row_rules" in test)
    assert rules["arguments"]["unique"]


def test_a_filter_reaches_the_rows_of_staging(whole_sample):
    """A CTE that a view has twice is made whole before any filter: of a million papers that takes minutes."""
    with build_database(whole_sample, "test") as connection:
        views = connection.execute("select view_name from duckdb_views() where schema_name = 'staging'").fetchall()
        assert ("stg_papers",) in views
        for (view,) in views:
            ((_, plan),) = connection.execute(f"explain from staging.{view}").fetchall()
            assert "CTE" not in plan, view


def test_source_freshness(warehouse_copy):
    with write_lock(warehouse_copy, "test"):
        run_dbt(warehouse_copy, ["source", "freshness"])


def test_a_failed_test_is_reported_by_name(warehouse_copy):
    with build_database(warehouse_copy, "test") as connection:
        connection.execute("update raw.claims set value = 'nan'")
    shutil.rmtree(warehouse_copy.build / "dbt", ignore_errors=True)
    with (
        write_lock(warehouse_copy, "test"),
        pytest.raises(
            RejectedError,
            match=r"dbt tests failed, nothing is published: .*row_rules_fct_claimed_metrics: .*"
            r"broken: every value is a finite number.* \(\{'claim_id'",
        ),
    ):
        build_marts(warehouse_copy, full_refresh=True)
