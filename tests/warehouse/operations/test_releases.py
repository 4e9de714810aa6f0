"""A release: complete, the same from the same files, and right in the eyes of the formats' own validators."""

import json
import os
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml

from warehouse.errors import UsageError
from warehouse.operations.releases import make_release
from warehouse.settings import PROJECT
from warehouse.steps.pipeline import rebuild
from warehouse.storage.connection import scalar
from warehouse.storage.files import file_sha256

PYTHON = PROJECT / ".venv-validators" / "bin" / "python"
VALIDATE = Path(__file__).parent / "validators" / "validate.py"
# They hold when it was made.
DATED = {"parquet/publication.parquet", "parquet/load_history.parquet"}


def quiet(*_):
    pass


def read_sums(folder):
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


@pytest.fixture(scope="module")
def release(whole_sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases") / "one"
    make_release(whole_sample, folder, quiet)
    return folder


def test_it_is_whole(release, whole_sample):
    sums = read_sums(release)
    files = [file for file in release.rglob("*") if file.is_file() and file.name != "SHA256SUMS"]
    assert sums == {str(file.relative_to(release)): file_sha256(file) for file in files}
    assert {"paperhouse.duckdb", "croissant.json", "datapackage.json", "CITATION.cff", "LICENCES.md"} < set(sums)
    with duckdb.connect(str(release / "paperhouse.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        for (table,) in tables:
            in_file = scalar(connection, f"select count(*) from marts.{table}")
            in_parquet = scalar(connection, f"select count(*) from '{release}/parquet/{table}.parquet'")
            assert (table, in_parquet) == (table, in_file)
    assert len([name for name in sums if name.startswith("parquet/")]) == len(tables)
    assert yaml.safe_load((release / "CITATION.cff").read_text("utf-8"))["cff-version"] == "1.2.0"
    assert "Papers with Code" in (release / "LICENCES.md").read_text("utf-8")


def test_nothing_of_the_machine_leaves(release, whole_sample):
    for file in release.glob("*.*"):
        if file.suffix != ".duckdb":
            assert str(whole_sample.home) not in file.read_text("utf-8")
            assert f"{Path.home()}/" not in file.read_text("utf-8")


def test_made_again_from_the_landing_zone_it_is_the_same(warehouse_copy, tmp_path):
    make_release(warehouse_copy, tmp_path / "before", quiet)
    assert rebuild(warehouse_copy).failures == []
    make_release(warehouse_copy, tmp_path / "after", quiet)
    before, after = read_sums(tmp_path / "before"), read_sums(tmp_path / "after")
    differ = {name for name in before if before[name] != after[name] and name.startswith("parquet/")}
    assert differ <= DATED


def test_a_release_is_never_changed(release, whole_sample):
    with pytest.raises(UsageError, match="exists"):
        make_release(whole_sample, release, quiet)


def test_the_formats_own_validators_accept_it(release):
    if not PYTHON.exists():
        pytest.skip("needs the validators in an environment of their own: make test-services")
    said = subprocess.run(
        [PYTHON, VALIDATE, release, "fct_papers", "fct_claimed_metrics", "leaderboard"],
        capture_output=True, text=True, check=True, env={"HOME": "/nowhere", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    found = json.loads(said.stdout.splitlines()[-1])
    assert found["croissant"] == ""
    assert found["frictionless"] == []
    assert found["tables"] == len(list((release / "parquet").iterdir()))
    with duckdb.connect(str(release / "paperhouse.duckdb"), read_only=True) as connection:
        for table, count in found["records"].items():
            assert count == scalar(connection, f"select count(*) from marts.{table}")
