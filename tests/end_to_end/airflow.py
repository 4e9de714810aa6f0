"""paperhouse as a user types it, and what its Airflow says of its runs."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx2

PAPERHOUSE = Path(sys.executable).parent / "paperhouse"


def paperhouse(settings, *arguments, port=8080, **changed):
    environment = os.environ | {"PAPERHOUSE_HOME": str(settings.home), "PAPERHOUSE_AIRFLOW_PORT": str(port)} | changed
    return subprocess.run(
        [PAPERHOUSE, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
    )


def runs(settings):
    """What Airflow's own database says of its runs: (dag, run type, state), in their order."""
    with sqlite3.connect(f"file:{settings.airflow_home / 'airflow.db'}?mode=ro", uri=True) as connection:
        return connection.execute("select dag_id, run_type, state from dag_run order by id").fetchall()


def loads(settings):
    """(source, file, outcome) of the last loads."""
    state = json.loads(paperhouse(settings, "status", "--json", "--limit", "100").stdout)
    return [(load["source"], load["original_name"], load["outcome"]) for load in state["loads"]]


def task_states(settings):
    with sqlite3.connect(f"file:{settings.airflow_home / 'airflow.db'}?mode=ro", uri=True) as connection:
        return connection.execute(
            "select task_id, map_index, state from task_instance order by task_id, map_index"
        ).fetchall()


def ask_api(settings, port, method, path, **body):
    """What Airflow's API answers to its administrator, as to the UI. Raises TimeoutException where it stands still."""
    password = json.loads((settings.airflow_home / "passwords.json").read_text())["admin"]
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        token = client.post("/auth/token", json={"username": "admin", "password": password}).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.request(method, f"/api/v2/{path}", headers=headers, json=body or None)
        return answer.raise_for_status().json()
