"""The DAGs run by Airflow's scheduler, which starts build_marts by its asset; one test follows the other."""

import json
import re
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import httpx2
import pytest

from tests.end_to_end.airflow import ask_api, loads, paperhouse, runs
from tests.fuzzing.seeds import SEEDS
from tests.mailbox import mail_server, text
from tests.misbehaving import answer, serving
from tests.ports import free_port
from tests.upstream import daily
from warehouse.settings import Settings
from warehouse.steps.build import read_last_build
from warehouse.storage.database import open_build_database
from warehouse.storage.publication import open_publication, read_last_version, read_manifest


def listening_elsewhere():
    """The addresses, other than this machine's own, on which anything listens here."""
    lines = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return sorted(line[1] for line in lines if line[3] == "0A" and not line[1].startswith("0100007F"))


@pytest.fixture(scope="module")
def upstream():
    """A host of daily papers: three a day."""
    with serving() as server:
        server.by_query["/api"] = lambda query: answer(
            daily(range(int(query["date"][-2:]), int(query["date"][-2:]) + 3))
        )
        yield server


@pytest.fixture(scope="module")
def box():
    with mail_server() as box:
        yield box


KILL = "kill-the-next-landing"
# Python runs this first in every process of Airflow: where the file KILL is in the home, the next landing takes it away
# and dies.
SITE = f"""
import importlib.util, os, signal, sys

class Killer:
    def find_spec(self, name, path, target=None):
        if name != "warehouse.steps.land":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def execute_and_change(module):
            execute(module)
            land_inbox = module.land_inbox

            def land_and_die(*arguments, **named):
                landed = land_inbox(*arguments, **named)
                mark = os.path.join(os.environ["PAPERHOUSE_HOME"], "{KILL}")
                if landed and os.path.exists(mark):
                    os.unlink(mark)
                    os.kill(os.getpid(), signal.SIGKILL)
                return landed

            module.land_inbox = land_and_die

        spec.loader.exec_module = execute_and_change
        return spec

sys.meta_path.insert(0, Killer())
"""
SUBSCRIBERS = """
sender: paperhouse <papers@example.org>
list_id: papers.example.org
unsubscribe: https://example.org/leave
subscribers:
  - email: ann@example.org
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory, sample, upstream, box):
    """The scheduler and web UI, on a free port, with the sample in the inbox; the tests below use it one after the
    other."""
    settings = Settings(home=tmp_path_factory.mktemp("scheduler") / "it's a home")
    shutil.copytree(sample, settings.inbox / "hf_listing")
    settings.subscribers_file.write_text(SUBSCRIBERS, "utf-8")
    port = free_port()
    before_elsewhere = listening_elsewhere()
    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(SITE, "utf-8")
    explorer = free_port()
    live = {
        "PAPERHOUSE_AIRFLOW_EXECUTION_PORT": str(free_port()),
        "PAPERHOUSE_WEB_PORT": str(explorer),
        "PAPERHOUSE_EXPLORER_URL": f"http://127.0.0.1:{explorer}",
        "PYTHONPATH": str(site),
        "PAPERHOUSE_CONTACT": "test@example.org",
        "PAPERHOUSE_HTTP_ALLOW_PRIVATE_HOSTS": "true",
        "PAPERHOUSE_LIVE": json.dumps(
            {
                "hf_daily": {"url": f"{upstream.url}/api"},
                "arxiv_html": {"url": f"{upstream.url}/html/{{arxiv_id}}", "requests_per_second": 100},
                "arxiv_source": {"url": f"{upstream.url}/e-print/{{arxiv_id}}", "requests_per_second": 100},
            }
        ),
        "PAPERHOUSE_INBOX_POKE_SECONDS": "3",
        "PAPERHOUSE_INBOX_SETTLE_SECONDS": "2",
        "PAPERHOUSE_DEADLINE_MINUTES": "0.05",
        "PAPERHOUSE_GITHUB_URL": upstream.url,
        "PAPERHOUSE_MIRROR": str(settings.home / "mirror"),
        "PAPERHOUSE_LINK_CHECKS_PER_RUN": "3",  # repositories come first: no other host is asked
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(box.connection),
        "AIRFLOW_CONN_GITHUB_DEFAULT": json.dumps({"conn_type": "http", "password": "token-of-stones"}),
    }
    up = paperhouse(settings, "airflow", "up", port=port, **live)
    yield settings, port, up, before_elsewhere
    log = settings.logs / "airflow.log"
    before = log.stat().st_size
    assert "is stopped" in paperhouse(settings, "airflow", "down", port=port).stdout
    # The API servers went last: every task could tell its end.
    assert b"Connection refused" not in log.read_bytes()[before:]


def wait_for(condition, seconds=180, pause=1.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(pause)
    return False


def test_the_scheduler_takes_the_inbox_and_the_asset_starts_the_marts(scheduler):
    settings, port, up, before_elsewhere = scheduler
    assert up.returncode == 0, up.stderr + (settings.logs / "airflow.log").read_text("utf-8")[-3000:]
    assert f"http://127.0.0.1:{port}" in up.stdout
    assert json.loads((settings.airflow_home / "passwords.json").read_text())["admin"] != "admin"
    assert listening_elsewhere() == before_elsewhere
    assert wait_for(lambda: (found := read_manifest(settings)) and found["tables"]["fct_papers"]["row_count"] == 61)
    assert ("ingest_papers", "scheduled", "success") in runs(settings)
    assert wait_for(lambda: ("build_marts", "asset_triggered", "success") in runs(settings))
    again = paperhouse(settings, "airflow", "up", port=port)
    assert again.returncode == 0
    beside = paperhouse(settings, "airflow", "run", settings.inbox / "hf_listing", port=port)
    assert (beside.returncode, "dags trigger ingest_papers" in beside.stderr) == (2, True)


def test_a_publication_is_told_with_its_version_and_counts(scheduler):
    settings, _, _, _ = scheduler
    with sqlite3.connect(f"file:{settings.airflow_home / 'airflow.db'}?mode=ro", uri=True) as connection:
        query = "select extra from asset_event where source_task_id = 'publish' order by id limit 1"
        extra = json.loads(connection.execute(query).fetchone()[0])
    assert extra["version"] == 1
    assert extra["rows"]["fct_papers"] == 61


def test_logs_name_the_pages_of_checks_and_the_ui_leads_to_the_explorer(scheduler):
    """The pages are those of the explorer that came up beside Airflow."""
    settings, port, _, _ = scheduler
    for task in ("batch.check", "audit"):
        logs = [file.read_text("utf-8") for file in (settings.logs / "airflow").glob(f"*/*/task_id={task}/**/*.log")]
        pages = {page for log in logs for page in re.findall(r"Checks: (http://[^\s\"\\]+)", log)}
        assert pages
        for page in pages:
            assert "Great Expectations" in httpx2.get(page).raise_for_status().text
    plugins = ask_api(settings, port, "GET", "plugins")["plugins"]
    (ours,) = (each for each in plugins if each["name"] == "paperhouse")
    for view in ours["external_views"]:
        assert "paperhouse" in httpx2.get(view["href"]).raise_for_status().text


def test_a_run_emits_one_event_for_all_its_loads(scheduler):
    settings, _, _, _ = scheduler
    with sqlite3.connect(f"file:{settings.airflow_home / 'airflow.db'}?mode=ro", uri=True) as connection:
        query = (
            "select source_run_id, count(*) from asset_event where source_task_id = 'announce' group by source_run_id"
        )
        events = dict(connection.execute(query).fetchall())
        loads = connection.execute(
            "select run_id, count(*) from task_instance where task_id = 'batch.load' and state = 'success' "
            "group by run_id"
        ).fetchall()
    assert sum(count for _, count in loads) == 2
    assert [events[run_id] for run_id, _ in loads] == [1] * len(loads)


def test_a_publication_is_mirrored(scheduler):
    settings, *_ = scheduler
    current = settings.home / "mirror" / "current.json"
    assert wait_for(lambda: current.exists() and json.loads(current.read_text("utf-8"))["version"] == 1)


def test_a_publication_starts_the_digest_and_a_run_again_sends_nothing(scheduler, box):
    settings, port, _, _ = scheduler
    assert wait_for(lambda: ("send_digest", "asset_triggered", "success") in runs(settings))
    assert [letter["To"] for letter in box.letters] == ["ann@example.org"]
    assert "PAPERS" in text(box.letters[0])
    assert paperhouse(settings, "airflow", "cli", "dags", "trigger", "send_digest", port=port).returncode == 0
    assert wait_for(lambda: ("send_digest", "manual", "success") in runs(settings))
    assert len(box.letters) == 1


def test_the_weekly_run_makes_every_mart_anew(scheduler):
    settings, port, _, _ = scheduler
    assert wait_for(lambda: ("send_digest", "manual", "success") in runs(settings))
    assert not [run for run in runs(settings) if run[0] == "rebuild_marts"]  # a new home's first week has not passed
    ask_api(settings, port, "POST", "dags/rebuild_marts/dagRuns", logical_date=None)
    assert wait_for(lambda: ("rebuild_marts", "manual", "success") in runs(settings))
    with open_build_database(settings) as connection:
        assert read_last_build(connection)["is_full_refresh"]
        assert read_last_build(connection)["published_version"] == read_last_version(settings)


def hold_the_lock(database, end):
    """Writes again and again, as the scheduler does when it has much to do."""
    with sqlite3.connect(database, isolation_level=None, timeout=60) as connection:
        while not end.wait(0.1):
            connection.execute("begin immediate")
            end.wait(0.2)
            connection.execute("rollback")


def test_the_ui_writes_while_tasks_report(scheduler):
    """Each waits for the database, and neither for the other."""
    settings, port, _, _ = scheduler
    end = threading.Event()
    other = threading.Thread(target=hold_the_lock, args=(settings.airflow_home / "airflow.db", end))
    for _ in range(3):
        ask_api(settings, port, "POST", "dags/send_digest/dagRuns", logical_date=None)

    def write():
        ask_api(settings, port, "PATCH", "dags/send_digest", is_paused=False)
        return runs(settings).count(("send_digest", "manual", "success")) == 4

    other.start()
    try:
        assert wait_for(write, pause=0.05)
    finally:
        end.set()
        other.join()


def test_a_run_that_takes_too_long_is_reported_as_late(scheduler):
    settings, _, _, _ = scheduler

    def messages():
        file = settings.logs / "failures.jsonl"
        return [json.loads(line)["message"] for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    assert wait_for(lambda: any("is late: its run" in each and "0.05 minutes" in each for each in messages()))


def test_a_file_that_comes_into_an_inbox_is_taken(scheduler):
    settings, _, _, _ = scheduler
    folder = settings.inbox / "hf_daily"
    folder.mkdir(parents=True)
    (folder / "2026-03-05.json").write_bytes(daily(range(4)))
    assert wait_for(lambda: ("hf_daily", "2026-03-05.json", "loaded") in loads(settings))
    assert wait_for(lambda: ("watch_inbox", "scheduled", "success") in runs(settings))


def test_what_a_killed_worker_had_landed_is_taken_up_by_the_next_try(scheduler):
    """The process of the task `land` is killed once, when it has landed a file and Airflow does not know."""
    settings, _, _, _ = scheduler
    folder = settings.inbox / "hf_listing"
    (settings.home / KILL).touch()
    (folder / "2026-03-16.txt").write_text(
        "Sorting Stones After a Kill\n" + "We sort stones with care, and measure how long it takes. " * 3 + "\n",
        "utf-8",
    )
    assert wait_for(lambda: ("hf_listing", "2026-03-16.txt", "loaded") in loads(settings))
    assert not (settings.home / KILL).exists(), "the task was killed"


def test_a_backfill_takes_the_days_of_the_past(scheduler):
    settings, port, _, _ = scheduler
    span = ["--from-date", "2026-03-01", "--to-date", "2026-03-02"]
    done = paperhouse(settings, "airflow", "cli", "backfill", "create", "--dag-id", "ingest_papers", *span, port=port)
    assert done.returncode == 0, done.stderr
    assert wait_for(lambda: runs(settings).count(("ingest_papers", "backfill", "success")) == 2)
    assert wait_for(lambda: ("hf_listing", "2026-03-02.txt", "unchanged") in loads(settings))


def test_links_are_checked_and_what_hosts_answer_is_published(scheduler, upstream):
    settings, port, _, _ = scheduler
    ask_api(settings, port, "PATCH", "dags/check_links", is_paused=False)
    assert wait_for(lambda: ("check_links", "scheduled", "success") in runs(settings))
    asked = [(path, headers["Authorization"]) for path, headers, _ in upstream.requests if path.startswith("/repos/")]
    assert len(asked) == 3
    assert {token for _, token in asked} == {"Bearer token-of-stones"}

    def published():
        with open_publication(settings) as connection:
            query = "select distinct url, state from fct_repo_link_checks order by url"
            return [
                (url.removeprefix("https://github.com"), state) for url, state in connection.execute(query).fetchall()
            ]

    assert wait_for(lambda: published() == sorted((path.removeprefix("/repos"), "gone") for path, _ in asked))


def test_a_backfill_of_a_live_source_asks_for_its_days(scheduler, upstream):
    settings, port, _, _ = scheduler
    assert not any(path.startswith("/api") for path, _, _ in upstream.requests), "a live source begins paused"
    # The last one ends before its hour of the day.
    span = {"from_date": "2026-03-10T00:00:00Z", "to_date": "2026-03-13T00:00:00Z"}
    ask_api(settings, port, "POST", "backfills", dag_id="fetch_hf_daily", **span)
    ask_api(settings, port, "PATCH", "dags/fetch_hf_daily", is_paused=False)
    assert wait_for(lambda: runs(settings).count(("fetch_hf_daily", "backfill", "success")) == 3)
    assert {f"2026-03-1{i}" for i in range(3)} <= {path.partition("date=")[2][:10] for path, _, _ in upstream.requests}

    def published_days():
        with open_publication(settings) as connection:
            query = (
                "select distinct listed_on::varchar from paper_listings where source = 'hf_daily' and "
                "listed_on between '2026-03-10' and '2026-03-12'"
            )
            return len(connection.execute(query).fetchall())

    assert wait_for(lambda: published_days() == 3)


def test_the_tables_of_listed_papers_come_by_themselves(scheduler, upstream):
    settings, port, _, _ = scheduler
    upstream.at("/html/2603.00010", answer(SEEDS["arxiv_html"]()[0], "text/html"))
    upstream.at("/e-print/2603.00011", answer(SEEDS["arxiv_source"]()[0], "application/gzip"))
    ask_api(settings, port, "PATCH", "dags/fetch_arxiv_html", is_paused=False)
    assert wait_for(lambda: ("fetch_arxiv_html", "scheduled", "success") in runs(settings))

    def papers_with_tables():
        with open_publication(settings) as connection:
            query = "select distinct arxiv_id from fct_tables join fct_papers using (paper_id) order by 1"
            return connection.execute(query).fetchall()

    assert wait_for(lambda: papers_with_tables() == [("2603.00010",), ("2603.00011",)])


def test_no_secret_is_reported(scheduler):
    """What Airflow signs and people log in with is in no log, Data Docs page, manifest or publication; and only its
    owner can read it."""
    settings, _, _, _ = scheduler
    keepers = [settings.airflow_home / name for name in ("jwt_secret", "api_secret", "fernet_key", "passwords.json")]
    secrets = [*(file.read_text() for file in keepers[:3]), json.loads(keepers[3].read_text())["admin"]]
    assert all(len(secret) >= 16 for secret in secrets)
    assert {oct(file.stat().st_mode & 0o777) for file in [*keepers, settings.airflow_home / "airflow.db"]} == {"0o600"}
    assert oct(settings.airflow_home.stat().st_mode & 0o777) == "0o700"
    files = [file for file in settings.home.rglob("*") if file.is_file() and file.parent != settings.airflow_home]
    assert len(files) > 50
    assert [file for file in files for secret in secrets if secret.encode() in content(file)] == []


def content(file):
    """The file's bytes; none where the scheduler, which goes on, has taken it away."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
