import pytest

from warehouse.dbt import read_results, run_dbt, target_folder, write_docs
from warehouse.settings import Settings
from warehouse.steps.build import build


def test_results_that_were_cut_off_are_none(settings):
    target_folder(settings).mkdir(parents=True)
    (target_folder(settings) / "run_results.json").write_text('{"results": [{"unique_id": "model.x", "sta')
    assert read_results(settings) == []


def test_a_new_home_does_not_parse_the_project_again(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.dbt._SHARED", tmp_path / "shared")
    monkeypatch.setenv("DBT_LOG_LEVEL_FILE", "debug")

    def parse(name):
        another = Settings(home=tmp_path / name)
        another.home.mkdir()
        run_dbt(another, ["parse"])
        return "0 files deleted, 0 files added, 0 files changed" in (another.logs / "dbt.log").read_text("utf-8")

    assert not parse("first home")
    assert parse("second home")
    (tmp_path / "shared" / "duckdb" / "partial_parse.msgpack").write_bytes(b"damaged")
    assert not parse("third home")


def test_a_home_takes_the_docs_from_another(warehouse_copy, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.dbt._SHARED", tmp_path)
    monkeypatch.setattr("warehouse.dbt.run_dbt", lambda *_: pytest.fail("dbt is not needed"))
    page = write_docs(warehouse_copy)
    page.unlink()
    (tmp_path / "duckdb").mkdir()
    (tmp_path / "duckdb" / page.name).write_text("of another home")
    assert write_docs(warehouse_copy).read_text() == "of another home"


def test_a_build_of_what_is_new_leaves_seeds_alone_but_not_the_tests_that_ask_them(warehouse_copy):
    whole = {result.name for result in read_results(warehouse_copy)}
    assert not build(warehouse_copy).is_full_refresh
    left_out = whole - {result.name for result in read_results(warehouse_copy)}
    seeds = {name.split(".")[2] for name in left_out if name.startswith("seed.")}
    assert {"claim_forms", "metrics", "units"} <= seeds
    tests = [name.split(".")[2] for name in left_out if not name.startswith("seed.")]
    assert tests
    assert [test for test in tests if not any(seed in test for seed in seeds)] == []
    assert [test for test in tests if "fct_" in test or "stg_" in test or test.startswith("is_a_form")] == []
