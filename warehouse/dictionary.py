"""docs/data-dictionary.md, made from dbt's metadata: `make docs`."""

import re
from pathlib import Path
from typing import Any

import yaml

from warehouse.dbt import DBT_PROJECT
from warehouse.settings import PROJECT

PAGE = PROJECT / "docs" / "data-dictionary.md"
MARTS = DBT_PROJECT / "models" / "marts"

_DOC = re.compile(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", re.S)
_REFERENCE = re.compile(r"{{ doc\('(\w+)'\) }}")


def dictionary() -> str:
    """The page: each published table with its columns, types and descriptions, as the models' YAML gives them."""
    shared = dict(_DOC.findall((DBT_PROJECT / "models" / "columns.md").read_text("utf-8")))
    head = [
        "# Data dictionary",
        "",
        "Made by `make docs` from the YAML beside each dbt model; a test holds it current. All tables lie in the schema `marts` of",
        "`var/published/paperhouse.duckdb`, and each as a file in `var/published/parquet`. Instants are UTC.",
        "",
        "`publication` has one row: `version`, `published_at` and `git_revision` of what you are reading.",
    ]
    models = [yaml.safe_load(file.read_text("utf-8"))["models"][0] for file in sorted(MARTS.glob("*.yml"))]
    return "\n".join([*head, *(line for model in models for line in _table(model, shared))]) + "\n"


def _table(model: dict[str, Any], shared: dict[str, str]) -> list[str]:
    rows = [
        f"| {column['name']} | {column['data_type']} | {_REFERENCE.sub(lambda match: shared[match[1]], column['description'])} |"
        for column in model["columns"]
    ]
    return ["", f"## {model['name']}", "", model["description"], "", "| column | type | meaning |", "| --- | --- | --- |", *rows]


def write(page: Path = PAGE) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(dictionary(), "utf-8")


if __name__ == "__main__":
    write()
