"""Airflow's commands, as the process runs them that `warehouse.airflow.orchestration` starts."""

import sys

from airflow.__main__ import main

from warehouse.dbt import load_dbt
from warehouse.settings import Settings


def run() -> None:
    """The command of sys.argv. While the first DAG is tested, another processor loads dbt for one that builds."""
    if sys.argv[1:3] == ["dags", "test"]:
        load_dbt(Settings())
    main()  # type: ignore[no-untyped-call]
