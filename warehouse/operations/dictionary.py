"""The pages that are made of metadata, by `make docs`: docs/data-dictionary.md of dbt's, docs/sources.md of the
sources' YAML."""

import re
from pathlib import Path
from typing import Any

import yaml

from warehouse.dbt import MARTS
from warehouse.publishing.macros import macro_comments
from warehouse.settings import PROJECT
from warehouse.upstream.sources import Source, sources
from warehouse.versions import DBT_PROJECT

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
        (
            "Made by `make docs` from the YAML beside each dbt model; a test holds it current. All tables lie in "
            "the schema `marts` of"
        ),
        "`var/published/paperhouse.duckdb`, and each as a folder of Parquet files in `var/published/parquet`.",
        "Instants are UTC.",
        "",
        "`publication` has one row: `version`, `published_at`, `git_revision`, `audit_page` of what you are reading.",
    ]
    models = [yaml.safe_load(file.read_text("utf-8"))["models"][0] for file in sorted(MARTS.glob("*.yml"))]
    macros = [
        "",
        "## Macros and views",
        "",
        "What the publication answers when called in `from`, as `from claims_on('ImageNet')` or `from dim_authors`.",
        "",
    ]
    calls = [_CALL.sub(r"- `\1`", comment, count=1) for comment in macro_comments()]
    return "\n".join([*head, *(line for model in models for line in _table(model, shared)), *macros, *calls]) + "\n"


def _table(model: dict[str, Any], shared: dict[str, str]) -> list[str]:
    rows = [
        f"| {column['name']} | {column['data_type']} | "
        f"{_REFERENCE.sub(lambda match: shared[match[1]], column['description'])} |"
        for column in model["columns"]
    ]
    return [
        "",
        f"## {model['name']}",
        "",
        model["description"],
        "",
        "| column | type | meaning |",
        "| --- | --- | --- |",
        *rows,
    ]


def sources_page() -> str:
    """The page: what each source is, when it is read, within which bounds, and what is trusted of it."""
    found = sorted(sources(), key=lambda config: -config.trust.text)
    head = [
        "# Sources",
        "",
        (
            "Made by `make docs` from the YAML files in `transforms/sources`; a test holds it current. "
            "[Adding](adding.md) describes how to add one."
        ),
        "",
        (
            "Of all sources that know a paper, the one with the most trust in its text gives title and abstract, "
            "of records that have an abstract; the"
        ),
        "one with the most trust in its days gives them. What the others give stays in `paper_versions`.",
        "",
        "| source | text | days | read | late after | papers of a batch | most rejects |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    return (
        "\n".join([*head, *map(_source_row, found), *(line for config in found for line in _source_section(config))])
        + "\n"
    )


def _source_row(config: Source) -> str:
    asserted = config.assertions
    bounds = f"{asserted.min_papers:,} to {asserted.max_papers:,} | {asserted.max_reject_share:.0%}"
    read = f"`{config.live.schedule}` UTC, or files" if config.live else "files"
    return (
        f"| `{config.name}` | {config.trust.text} | {config.trust.dates} | {read} | "
        f"{config.freshness.warn_after_days:,} days | {bounds} |"
    )


def _source_section(config: Source) -> list[str]:
    formats = [
        f"`{name}`" + (f" (must have {', '.join(fields)})" if fields else "") for name, fields in config.formats.items()
    ]
    lines = [
        "",
        f"## {config.name}: {config.title}",
        "",
        " ".join(config.description.split()),
        "",
        f"- Publisher: {config.publisher}, {config.url}",
    ]
    lines += [
        f"- Licence: {config.licence}",
        f"- Formats: {', '.join(formats)}",
        f"- From a folder: {', '.join(f'`{each}`' for each in config.file_patterns)}",
    ]
    if config.live:
        each = f"one request in {1 / config.live.requests_per_second:.0f} s"
        lines.append(
            f"- Live: {config.live.url}, {each}, the last {config.live.overlap_days} days of the refresh before "
            f"again; DAG `fetch_{config.name}`"
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
