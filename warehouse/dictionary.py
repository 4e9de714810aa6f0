"""The pages that are made of metadata, by `make docs`: docs/data-dictionary.md of dbt's, docs/sources.md of the sources' YAML."""

import re
from pathlib import Path
from typing import Any

import yaml

from warehouse.dbt import DBT_PROJECT, MARTS
from warehouse.macros import macro_comments
from warehouse.settings import PROJECT
from warehouse.sources import Source, sources

DOCS = PROJECT / "docs"

_DOC = re.compile(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", re.S)
_CALL = re.compile(r"^(.+?\))(?=:)")
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
        "`publication` has one row: `version`, `published_at` and `git_revision` of what you are reading. Every table, also as Parquet, has",
        "a last column `publication_version`, so that whoever joins files of two publications notices.",
    ]
    models = [yaml.safe_load(file.read_text("utf-8"))["models"][0] for file in sorted(MARTS.glob("*.yml"))]
    macros = ["", "## Macros", "", "What the publication answers when called in `from`, as `from claims_on('ImageNet')`.", ""]
    calls = [_CALL.sub(r"- `\1`", comment, count=1) for comment in macro_comments()]
    return "\n".join([*head, *(line for model in models for line in _table(model, shared)), *macros, *calls]) + "\n"


def _table(model: dict[str, Any], shared: dict[str, str]) -> list[str]:
    rows = [
        f"| {column['name']} | {column['data_type']} | {_REFERENCE.sub(lambda match: shared[match[1]], column['description'])} |"
        for column in model["columns"]
    ]
    return ["", f"## {model['name']}", "", model["description"], "", "| column | type | meaning |", "| --- | --- | --- |", *rows]


def sources_page() -> str:
    """The page: what each source is, when it is read, within which bounds, and what is trusted of it."""
    found = sorted(sources(), key=lambda facts: -facts.trust.text)
    head = [
        "# Sources",
        "",
        "Made by `make docs` from the YAML files in `transforms/sources`; a test holds it current. [Adding](adding.md) tells how to add one.",
        "",
        "Of all sources that know a paper, the one with the most trust in its text gives title and abstract, of records that have an abstract; the",
        "one with the most trust in its days gives them. What the others say stays in `paper_versions`.",
        "",
        "| source | text | days | read | late after | papers of a batch | most rejects |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *map(_source_row, found), *(line for facts in found for line in _source_section(facts))]) + "\n"


def _source_row(facts: Source) -> str:
    bounds = f"{facts.assertions.min_papers:,} to {facts.assertions.max_papers:,} | {facts.assertions.max_reject_share:.0%}"
    read = f"`{facts.live.schedule}` UTC, or files" if facts.live else "files"
    return f"| `{facts.name}` | {facts.trust.text} | {facts.trust.dates} | {read} | {facts.freshness.warn_after_days:,} days | {bounds} |"


def _source_section(facts: Source) -> list[str]:
    formats = [f"`{name}`" + (f" (must have {', '.join(fields)})" if fields else "") for name, fields in facts.formats.items()]
    lines = ["", f"## {facts.name}: {facts.title}", "", " ".join(facts.description.split()), "", f"- Publisher: {facts.publisher}, {facts.url}"]
    lines += [
        f"- Licence: {facts.licence}",
        f"- Formats: {', '.join(formats)}",
        f"- From a folder: {', '.join(f'`{each}`' for each in facts.file_patterns)}",
    ]
    if facts.live:
        each = f"one request in {1 / facts.live.requests_per_second:.0f} s"
        lines.append(
            f"- Live: {facts.live.url}, {each}, the last {facts.live.overlap_days} days of the refresh before again; DAG `fetch_{facts.name}`"
        )
    return lines


def pages() -> dict[Path, str]:
    """The pages by their files."""
    return {DOCS / "data-dictionary.md": dictionary(), DOCS / "sources.md": sources_page()}


def write() -> None:
    for file, text in pages().items():
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
