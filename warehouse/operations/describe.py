"""What the sources would make of a file that nobody knows: which fits, what it reads, what it leaves unread. Nothing is
written."""

from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from transforms.config import SourceConfig
from transforms.formats.files import describe_unreadable
from transforms.frames import Parsed
from transforms.papers import normalise
from warehouse.errors import UsageError
from warehouse.upstream.sources import Source, list_source_names, read_source

_SHOWN = 3  # records


@dataclass(frozen=True)
class Fit:
    """What a source made of the first piece of a file. problem: why it does not fit, or None.

    read, unread: upstream fields, with their JSON types and how often. records: the first papers as they would be
    loaded, without what is null.
    """

    source: str
    problem: str | None
    format: str = ""
    entry_count: int = 0
    paper_count: int = 0
    result_count: int = 0
    term_count: int = 0
    link_check_count: int = 0
    correction_count: int = 0
    table_count: int = 0
    table_cell_count: int = 0
    table_result_count: int = 0
    reject_count: int = 0
    read: dict[str, dict[str, int]] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)


def describe(file: Path) -> list[Fit]:
    """What each source that takes files of that name makes of its first piece (20,000 entries), the best first.

    Raises UsageError where it is no file, or no source takes files of that name.
    """
    if not file.is_file():
        raise UsageError(f"{file} is not a file", "Name one file.")
    fits, patterns = [], set[str]()
    for name in list_source_names():
        try:
            source = read_source(name)
        except UsageError as error:
            fits.append(Fit(name, problem=str(error)))
            continue
        patterns.update(source.config.file_patterns)
        if any(fnmatch(file.name.lower(), pattern.lower()) for pattern in source.config.file_patterns):
            fits.append(_fit(source, file))
    if not fits:
        raise UsageError(
            f"no source takes files named like {file.name}",
            f"They take: {', '.join(sorted(patterns))}. A source of your own: docs/adding.md",
        )
    return sorted(fits, key=lambda each: (each.problem is not None, each.reject_count, len(each.unread)))


def _fit(source: Source, file: Path) -> Fit:
    """What the source makes of the first piece of the file; a fault of its parser is its own problem."""
    config = source.config
    try:
        with file.open("rb") as content:
            parsed = next(source.pieces(content, file.name))
    except Exception as error:
        return Fit(source.name, problem=f"its parser raises {type(error).__name__}: {error}")
    papers = normalise(parsed.records.head(_SHOWN), config.name, None, *config.venue_of(file.name))
    records = [
        {name: value for name, value in row.items() if value not in (None, "", []) and not name.endswith("_raw")}
        for row in papers.drop("mention_id", "text_id", "title_key").iter_rows(named=True)
    ]
    read = {name: types for name, types in parsed.upstream_fields.items() if name not in parsed.unread_fields}
    return Fit(
        source=config.name,
        format=parsed.format,
        problem=_problem(config, parsed, file),
        entry_count=parsed.entry_count,
        paper_count=parsed.records.height,
        result_count=parsed.results.height,
        term_count=parsed.terms.height,
        link_check_count=parsed.link_checks.height,
        correction_count=parsed.corrections.height,
        table_count=parsed.tables.height,
        table_cell_count=parsed.table_cells.height,
        table_result_count=parsed.table_results.height,
        reject_count=parsed.rejects.height,
        read=read,
        unread=parsed.unread_fields,
        records=records,
    )


def _problem(config: SourceConfig, parsed: Parsed, file: Path) -> str | None:
    if parsed.kept_entries.len() == parsed.rejects["entry_index"].n_unique():
        with file.open("rb") as content:
            known = describe_unreadable(content.read(4000))
        return known or (parsed.rejects["message"][0] if parsed.rejects.height else "nothing in it is read")
    if lacking := config.lacking_fields(parsed.format, parsed.upstream_fields):
        return f"no entry has {', '.join(lacking)}"
    share = config.assertions.reject_share(parsed.rejects.height, parsed.entry_count)
    if share > config.assertions.max_reject_share:
        return f"{share:.0%} of the entries are rejects, as: {parsed.rejects['message'][0]}"
    return None
