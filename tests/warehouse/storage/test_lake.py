"""The same run on DuckLake, its catalog in PostgreSQL and its rows in S3, gives the marts that DuckDB's file gives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.marts import differences
from tests.services import ARE_HERE, WAY_OUT, lake, postgres, s3
from warehouse.settings import PROJECT, Settings
from warehouse.steps.publish import publish
from warehouse.storage.connection import scalar
from warehouse.storage.lake import open_lake

PAPERHOUSE = Path(sys.executable).parent / "paperhouse"
pytestmark = [pytest.mark.trust, pytest.mark.skipif(not ARE_HERE, reason=WAY_OUT)]


def test_the_lake_gives_the_same_marts_and_tags_its_snapshots(tmp_path, monkeypatch):
    def run(home, source, **changed):
        environment = os.environ | changed | {"PAPERHOUSE_HOME": str(home)}
        done = subprocess.run(
            [PAPERHOUSE, "run", "--source", source, PROJECT / "sample" / source],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    with postgres(tmp_path) as catalog, s3(tmp_path) as store:
        settings_of_lake = lake(catalog, store)
        for source in ("hf_listing", "hf_daily", "pwc"):
            run(tmp_path / "file", source)
            run(tmp_path / "lake", source, **settings_of_lake)
        assert differences(tmp_path / "file", tmp_path / "lake") == {}
        assert not (tmp_path / "lake" / "build" / "warehouse.duckdb").exists()
        for name, value in settings_of_lake.items():
            monkeypatch.setenv(name, value)
        settings = Settings(home=tmp_path / "lake")
        with open_lake(settings) as connection:
            query = (
                "select snapshot_id from warehouse.snapshots() where commit_message = ?"  # as docs/scale.md tells it
            )
            numbers = [
                number
                for version in (1, 2, 3)
                for (number,) in connection.execute(query, [f"publication {version}"]).fetchall()
            ]
            assert len(numbers) == 3
            assert numbers == sorted(set(numbers))
            count = "select count(*) from marts.fct_papers at (version => {})"
            files = f"select count(*) from glob('{settings.lake_data}**/*.parquet')"
            before = scalar(connection, files)
            first, last = (connection.execute(count.format(number)).fetchone() for number in (numbers[0], numbers[2]))
        assert first < last

        publish(settings.model_copy(update={"publications_kept": 1, "publication_grace_seconds": 0}))
        with open_lake(settings) as connection:
            tags = [
                message
                for (message,) in connection.execute(
                    "select commit_message from warehouse.snapshots() order by snapshot_id"
                ).fetchall()
            ]
            assert connection.execute("select count(*) from marts.fct_papers").fetchone() == last
            assert scalar(connection, files) < before
        assert tags[0] == "publication 4"
        assert len(tags) <= 2
        done = subprocess.run(
            [PAPERHOUSE, "rebuild", "--json"],
            env=os.environ | settings_of_lake | {"PAPERHOUSE_HOME": str(tmp_path / "lake")},
        )
        assert done.returncode == 0
        with open_lake(settings) as connection:
            assert connection.execute("select distinct outcome, attempt from raw.loads").fetchall() == [("loaded", 1)]
        assert differences(tmp_path / "file", tmp_path / "lake") == {}
    assert "ERROR" not in (tmp_path / "postgres.log").read_text("utf-8"), "two commits were made at once"
