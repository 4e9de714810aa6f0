"""What holds for every DAG: it imports, it is described, it retries, and reading it does no work."""

import ast
import json
import os
import subprocess
import sys

import pytest

from warehouse.airflow.orchestration import make_environment
from warehouse.airflow.pools import host_pool, list_link_groups, list_pools
from warehouse.settings import PROJECT, Settings
from warehouse.upstream.sources import read_live_sources

FILES = sorted((PROJECT / "dags").glob("*.py"))

# Run in a process of its own, as Airflow reads its settings when it is imported.
FACTS = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
dag = lambda d: {
    "schedule": type(d.timetable).__name__, "tags": sorted(d.tags), "doc": d.doc_md,
    "max_active_runs": d.max_active_runs, "catchup": d.catchup,
    "is_paused": d.is_paused_upon_creation,
    "tasks": {t.task_id: {"retries": t.retries, "backoff": bool(t.retry_exponential_backoff), "owner": t.owner,
    "pool": t.pool,
        "callback": bool(t.on_failure_callback), "outlets": [o.name for o in t.outlets],
        "mapped": t.get_closest_mapped_task_group() is not None,
        "upstream": sorted(t.upstream_task_ids)} for t in d.tasks},
}
print(json.dumps({"errors": bag.import_errors, "dags": {i: dag(d) for i, d in bag.dags.items()}}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    return read_bag(tmp_path_factory.mktemp("dags"))


def read_bag(home, **variables):
    settings = Settings(home=home)
    settings.airflow_home.mkdir()
    command = [sys.executable, "-c", FACTS, str(PROJECT / "dags")]
    environment = make_environment(settings) | variables
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    made = sorted(path.name for path in settings.home.iterdir())
    return json.loads(done.stdout.splitlines()[-1]) | {"made": made}


def test_where_a_mirror_is_set_each_publication_goes_there(bag, tmp_path):
    with_mirror = read_bag(tmp_path, PAPERHOUSE_MIRROR=str(tmp_path / "mirror"))["dags"]
    for name in ("build_marts", "rebuild_marts"):
        assert "mirror" not in bag["dags"][name]["tasks"]
        assert with_mirror[name]["tasks"]["mirror"]["upstream"] == ["publish"]


def test_dags_import(bag):
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == [
        "build_marts",
        "check_links",
        "fetch_arxiv_api",
        "fetch_arxiv_html",
        "fetch_arxiv_oai",
        "fetch_arxiv_source",
        "fetch_hf_daily",
        "fetch_pwc_api",
        "ingest_papers",
        "rebuild_marts",
        "send_digest",
        "watch_inbox",
    ]


def test_reading_the_dags_does_no_work(bag):
    assert set(bag["made"]) <= {"airflow", "logs"}


def test_dags_are_described(bag):
    for dag in bag["dags"].values():
        assert "paperhouse" in dag["tags"]
        assert len(dag["doc"]) > 100
        assert (dag["max_active_runs"], dag["catchup"]) == (1, False)
    schedules = {name: dag["schedule"] for name, dag in bag["dags"].items() if not name.startswith("fetch_")}
    assert schedules == {
        "ingest_papers": "CronTriggerTimetable",
        "watch_inbox": "ContinuousTimetable",
        "build_marts": "AssetTriggeredTimetable",
        "check_links": "CronTriggerTimetable",
        "rebuild_marts": "CronTriggerTimetable",
        "send_digest": "AssetTriggeredTimetable",
    }


def test_each_group_of_sites_has_its_pool_and_what_they_answered_lands_whatever_fails(bag):
    dag = bag["dags"]["check_links"]
    assert dag["is_paused"]
    asks = {name: task for name, task in dag["tasks"].items() if name.startswith("ask_")}
    assert {name.removeprefix("ask_"): task["pool"] for name, task in asks.items()} == list_link_groups()
    assert {task["pool"] for task in asks.values()} <= set(list_pools())
    assert dag["tasks"]["land"]["upstream"] == sorted(asks)


def test_every_live_source_has_a_dag_that_begins_paused(bag):
    made = {f"fetch_{source.name}": source.config.live for source in read_live_sources()}
    assert set(made) == {name for name in bag["dags"] if name.startswith("fetch_")}
    for name, live in made.items():
        dag = bag["dags"][name]
        assert (dag["schedule"], dag["is_paused"]) == ("CronTriggerTimetable", True)
        assert dag["tasks"]["fetch"]["pool"] == host_pool(live.url)
        assert dag["tasks"]["announce"]["outlets"] == ["raw_papers"]


def test_the_hosts_of_one_site_share_a_pool(bag):
    pools = {
        name: bag["dags"][name]["tasks"]["fetch"]["pool"]
        for name in ("fetch_arxiv_api", "fetch_arxiv_html", "fetch_arxiv_oai", "fetch_arxiv_source", "fetch_hf_daily")
    }
    assert pools == {
        "fetch_arxiv_api": "host_arxiv.org",
        "fetch_arxiv_html": "host_arxiv.org",
        "fetch_arxiv_oai": "host_arxiv.org",
        "fetch_arxiv_source": "host_arxiv.org",
        "fetch_hf_daily": "host_huggingface.co",
    }


def test_tasks_retry_tell_and_have_an_owner(bag):
    for dag in bag["dags"].values():
        for task in dag["tasks"].values():
            assert task["retries"] > 0
            assert (task["backoff"], task["callback"], task["owner"]) == (True, True, "paperhouse")


def test_the_way_of_the_data(bag):
    ingest, marts = bag["dags"]["ingest_papers"]["tasks"], bag["dags"]["build_marts"]["tasks"]
    ways = {**ingest, **marts}
    assert {task: facts["upstream"] for task, facts in ways.items()} == {
        "land": [],
        "batch.parse": ["land"],
        "batch.check": ["batch.parse"],
        "batch.load": ["batch.check"],
        "announce": ["batch.load"],
        "build": [],
        "audit": ["build"],
        "publish": ["audit"],
    }
    assert {task for task, facts in ingest.items() if facts["mapped"]} == {"batch.parse", "batch.check", "batch.load"}
    assert {task: facts["outlets"] for task, facts in ways.items() if facts["outlets"]} == {
        "announce": ["raw_papers"],
        "publish": ["marts"],
    }
    assert {
        task: facts["pool"] for task, facts in ways.items() if facts["pool"] != "paperhouse_write"
    } == dict.fromkeys(("batch.parse", "batch.check"), "paperhouse_batch")


def test_every_pool_of_a_task_is_made(bag):
    assert {facts["pool"] for dag in bag["dags"].values() for facts in dag["tasks"].values()} - set(list_pools()) <= {
        "default_pool"
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_dags_import_only_airflow_and_warehouse(file):
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom)} | {
        a.name for n in nodes if isinstance(n, ast.Import) for a in n.names
    }
    assert {module.split(".")[0] for module in modules if module} <= {"airflow", "datetime", "warehouse"}
    assert os.access(file, os.R_OK)
