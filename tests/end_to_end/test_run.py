"""The DAGs run by Airflow without a server, as `make run` does."""

import json
import shutil
import socket

from tests.end_to_end.airflow import paperhouse, runs, task_states
from warehouse.storage.publication import open_publication, read_last_version


def test_a_run_publishes_the_good_files_and_a_second_one_nothing_new(settings, sample, tmp_path):
    """`make run`: of a folder with a bad file, whose line of tasks fails, and then of the good ones alone."""
    folder = tmp_path / "pages"
    shutil.copytree(sample, folder)
    (folder / "empty.txt").touch()
    events = settings.home.parent / "lineage.jsonl"
    transport = json.dumps({"type": "file", "log_file_path": str(events), "append": True})
    done = paperhouse(settings, "airflow", "run", folder, AIRFLOW__OPENLINEAGE__TRANSPORT=transport)
    assert done.returncode == 1
    assert "ingest_papers.batch.check" in done.stderr
    assert "(empty.txt) failed its check and was not loaded" in done.stderr
    emitted = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    ended = {event["job"]["name"] for event in emitted if event["eventType"] == "COMPLETE"}
    assert {"ingest_papers.batch.load", "build_marts.publish"} <= ended
    assert runs(settings) == [("ingest_papers", "manual", "failed"), ("build_marts", "manual", "success")]
    loaded = sorted(state for task, _, state in task_states(settings) if task == "batch.load")
    assert loaded == ["success", "success", "upstream_failed"]
    assert len(list(settings.quarantine.iterdir())) == 1
    with open_publication(settings) as connection:
        assert connection.execute("select count(*) from fct_papers").fetchone() == (61,)
        history = connection.execute(
            "select original_name, outcome, is_check_passed, check_page from load_history order by original_name"
        ).fetchall()
        found = connection.execute(
            "select paper_id from fct_claimed_metrics where metric = 'bleu' and value = 28.4"
        ).fetchall()
    assert [outcome for _, *outcome, _ in history] == [["loaded", True], ["loaded", True], ["failed", False]]
    assert history[-1][0] == "empty.txt"
    assert (settings.home / history[-1][-1]).exists()
    assert len(found) == 1

    again = paperhouse(settings, "airflow", "run", sample)
    assert again.returncode == 0, again.stderr
    assert runs(settings)[2:] == [("ingest_papers", "manual", "success"), ("build_marts", "manual", "success")]
    last = dict.fromkeys(("build", "audit", "publish"), "skipped")
    assert {task: state for task, _, state in task_states(settings) if task in last and state != "success"} == last
    assert read_last_version(settings) == 1


def test_a_port_in_use_is_reported(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = paperhouse(settings, "airflow", "up", port=taken.getsockname()[1])
    assert done.returncode == 2
    assert "PAPERHOUSE_AIRFLOW_PORT" in done.stderr


def test_a_start_that_takes_too_long_is_given_up_and_says_what_it_waited_for(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = paperhouse(settings, "airflow", "up", port=port, PAPERHOUSE_AIRFLOW_START_SECONDS="0.2")
    assert done.returncode == 1
    assert "did not come up in 0.2 s; it still waited for" in done.stderr
    assert "PAPERHOUSE_AIRFLOW_START_SECONDS" in done.stderr
    assert "was not running" in paperhouse(settings, "airflow", "down", port=port).stdout
