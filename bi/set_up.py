"""Superset's database, its user and the dashboards, by one start of Superset. Run by Superset's own Python, from
bi/serve.py."""

import sys

from flask.cli import ScriptInfo
from superset.app import create_app
from superset.cli.main import superset


def set_up(password: str, bundle: str) -> None:
    """Does what Superset's commands of these names do; raises what the first of them does that fails."""
    user = [
        "--username",
        "admin",
        "--firstname",
        "paperhouse",
        "--lastname",
        "admin",
        "--email",
        "admin@localhost",
        "--password",
        password,
    ]
    app = create_app()
    info = ScriptInfo(create_app=lambda: app)
    for arguments in (
        ["db", "upgrade"],
        ["init"],
        ["fab", "create-admin", *user],
        ["import-dashboards", "--path", bundle, "--username", "admin"],
    ):
        superset.main(arguments, standalone_mode=False, obj=info)


if __name__ == "__main__":
    set_up(sys.stdin.read(), sys.argv[1])
