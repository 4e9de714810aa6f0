"""dbt's commands, as the process runs them that `warehouse.dbt` starts.

The project is parsed as soon as the process starts, while its starter does other things, and once for all commands. dbt
itself would parse it for each, and write all of it as JSON two or three times a build, for other tools than ours.
"""

import os
import sys
from pathlib import Path

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

_FAILED, _NOT_RUN = 1, 2  # dbt's exit codes
_parsed = dbtRunner().invoke(["parse"]).result  # None where it cannot be parsed: each command will say why


def run() -> None:
    """The command of sys.argv; ends with dbt's exit code. What became of the nodes is in run_results.json."""
    arguments = sys.argv[1:]
    # One that needs the manifest as JSON writes it as it parses.
    manifest = _parsed if isinstance(_parsed, Manifest) and "--write-json" not in arguments else None
    outcome = dbtRunner(manifest=manifest).invoke(arguments)
    if outcome.exception:
        sys.stderr.write(f"{outcome.exception}\n")
    if isinstance(outcome.result, RunExecutionResult):
        outcome.result.write(str(Path(os.environ["DBT_TARGET_PATH"]) / "run_results.json"))
    sys.exit(0 if outcome.success else _NOT_RUN if outcome.exception else _FAILED)
