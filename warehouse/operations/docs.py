"""The docs that are made of metadata, by `make docs`: data-dictionary.md of dbt's, sources.md of the sources' YAML,
source-fields.md of its models, and the counts in vocabularies.md of the seeds."""

import re
from pathlib import Path
from typing import Any, get_args

import polars as pl
import yaml
from pydantic.fields import FieldInfo

from transforms.config import Section, SourceConfig
from warehouse.dbt import MARTS
from warehouse.publishing.macros import read_macro_comments
from warehouse.settings import PROJECT
from warehouse.upstream.sources import read_sources
from warehouse.versions import DBT_PROJECT
from warehouse.vocabularies import SEEDS

DOCS = PROJECT / "docs"

_DOC = re.compile(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", re.S)
_CALL = re.compile(r"^(.+?\))(?=:)")
_REFERENCE = re.compile(r"{{ doc\('(\w+)'\) }}")


def make_dictionary() -> str:
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
    calls = [_CALL.sub(r"- `\1`", comment, count=1) for comment in read_macro_comments()]
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


def make_sources_page() -> str:
    """The page: what each source is, when it is read, within which bounds, and what is trusted of it."""
    found = sorted((source.config for source in read_sources()), key=lambda config: -config.trust.text)
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


def _source_row(config: SourceConfig) -> str:
    asserted = config.assertions
    bounds = f"{asserted.min_papers:,} to {asserted.max_papers:,} | {asserted.max_reject_share:.0%}"
    read = f"`{config.live.schedule}` UTC, or files" if config.live else "files"
    return (
        f"| `{config.name}` | {config.trust.text} | {config.trust.dates} | {read} | "
        f"{config.freshness.warn_after_days:,} days | {bounds} |"
    )


def _source_section(config: SourceConfig) -> list[str]:
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
        papers = config.live.papers
        again = (
            f"for the papers of lists of the last {papers.listed_days} days, {papers.most} at most"
            if papers
            else f"fetches {config.live.overlap_days} days of the previous refresh again"
        )
        lines.append(f"- Live: {config.live.url}, {each}; {again}; DAG `fetch_{config.name}`")
    return lines


def make_source_fields_page() -> str:
    """The page: each field of a source's YAML, with its type, default and meaning, as the pydantic models give them."""
    head = [
        "# Fields of a source's YAML",
        "",
        "Made by `make docs` from `transforms/config.py`. A field with a default may be left out.",
    ]
    sections: list[tuple[str, type[Section]]] = [("", SourceConfig), *_sections(SourceConfig)]
    return "\n".join([*head, *(line for name, section in sections for line in _field_table(name, section)), ""])


def _sections(section: type[Section]) -> list[tuple[str, type[Section]]]:
    """(field, model) of the fields that are sections themselves."""
    found = {name: _section_of(field.annotation) for name, field in section.model_fields.items()}
    return [(name, inner) for name, inner in found.items() if inner and inner.model_fields]


def _section_of(annotation: Any) -> type[Section] | None:
    options = [annotation, *get_args(annotation)]
    return next((each for each in options if isinstance(each, type) and issubclass(each, Section)), None)


def _field_table(name: str, section: type[Section]) -> list[str]:
    rows = [
        f"| `{field}` | {_type_name(facts)} | {_default(facts)} | {facts.description} |"
        for field, facts in section.model_fields.items()
    ]
    title = ["", f"## {name}"] if name else []
    return [*title, "", "| field | type | default | meaning |", "| --- | --- | --- | --- |", *rows]


def _type_name(field: FieldInfo) -> str:
    if section := _section_of(field.annotation):
        return "section" if section.model_fields else "lists of texts"
    written = field.annotation.__name__ if isinstance(field.annotation, type) else str(field.annotation)
    return (str(field.annotation) if get_args(field.annotation) else written).replace("|", "or")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    is_empty = field.default is None or isinstance(field.default, Section) or field.default == []
    return "" if is_empty else f"`{field.default}`"


def make_vocabularies_page() -> str:
    """The page as it is, with the number of rows of each seed."""
    text = (DOCS / "vocabularies.md").read_text("utf-8")
    return re.sub(r"\| `(\w+)\.csv` \| [\d,]+ \|", lambda row: f"| `{row[1]}.csv` | {_row_count(row[1]):,} |", text)


def _row_count(seed: str) -> int:
    return pl.read_csv(SEEDS / f"{seed}.csv", infer_schema=False).height


def make_pages() -> dict[Path, str]:
    """The pages by their files."""
    return {
        DOCS / "data-dictionary.md": make_dictionary(),
        DOCS / "sources.md": make_sources_page(),
        DOCS / "source-fields.md": make_source_fields_page(),
        DOCS / "vocabularies.md": make_vocabularies_page(),
    }


def write() -> None:
    for file, text in make_pages().items():
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
