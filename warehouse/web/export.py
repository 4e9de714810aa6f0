"""`paperhouse web --export`: the site as files, for any static host or opened from disk; with the tables as Parquet and
as a DuckDB file, which a page queries in the browser."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb
from jinja2 import Environment

from transforms.identity.keys import stable_hash
from transforms.parallel import parallel_imap
from warehouse.errors import StepError, UsageError
from warehouse.publishing.macros import make_reader_macros
from warehouse.publishing.tables import choose_compression
from warehouse.readers.papers import find_paper_id
from warehouse.settings import Settings
from warehouse.storage.connection import quoted
from warehouse.storage.files import put_folder, temporary_folder
from warehouse.storage.publication import open_publication, publication_file, published_at
from warehouse.web import queries
from warehouse.web.badges import draw_head, draw_place
from warehouse.web.curves import draw_curve
from warehouse.web.queries import Facts
from warehouse.web.rendering import board_url, make_templates, page_url, paper_url
from warehouse.web.vendor import as_text, vendor

Progress = Callable[[str, int, int], None]
_HERE = Path(__file__).parent
_PAPERS = 4000  # whose pages are read at once
_LINKS = 10_000  # that are remembered, as most pages have the same ones
_MOST_BYTES = 100_000_000  # of the tables, for pages that are opened from disk
_FILES = {
    "/": "index.html", "/tasks": "leaderboards.html", "/how": "how.html", "/query": "query.html",
    "/papers.atom": "papers.atom",
}  # fmt: skip
_PLAIN, _HASHED = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*"), re.compile(r"-[0-9a-f]{8}$")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")  # by Windows
_SIGN = "export.json"  # in every export, so that the next one knows what it replaces


class _Places:
    """Which page is in which file: of papers, datasets, tasks, metrics and leaderboards those that are exported; and
    which curves and badges they show or name."""

    def __init__(self, pages: Iterable[str], with_query: bool) -> None:
        self._pages = {*pages, *_FILES} - (set() if with_query else {"/query"})
        self._pictures: set[str] = set()

    def file(self, page: str) -> str:
        """The file of a page, from the folder of the export."""
        if page in _FILES or page.startswith("/static/"):
            return _FILES.get(page, page.removeprefix("/"))
        if page.startswith("/curve.svg"):
            return f"curves/{stable_hash(page)}.svg"
        if page.startswith("/badges/board.svg"):
            return f"badges/boards/{stable_hash(page)}.svg"
        if page.startswith("/badges/papers/"):
            return f"badges/papers/{_safe(_paper_of(page))}.svg"
        kind, _, name = page.removeprefix("/").partition("/")
        if "?" in name:
            return f"leaderboards/{stable_hash(page)}.html"
        return f"{kind}/{_safe(unquote(name))}.html"

    def seen_from(self, up: str, page: str) -> str | None:
        """The address of a page on others, from which up leads to the folder of the export; None where it is not
        exported."""
        if page.startswith(("/curve.svg", "/badges/")):
            self._pictures.add(page)
        elif page not in self._pages and not page.startswith("/static/"):
            return None
        return up + self.file(page)

    def take_pictures(self) -> set[str]:
        """The pages of the curves and badges that were asked for since it was called last."""
        taken, self._pictures = self._pictures, set()
        return taken


def export_site(settings: Settings, folder: Path, with_query: bool, on_progress: Progress) -> int:
    """Writes the site of the publication into the folder; returns the number of its files. What an earlier export left
    there is replaced, once all of it is written.

    Raises UsageError where the folder holds anything else, nothing is published, or the npm registry does not give
    what the page for queries needs.
    """
    folder = folder.absolute()
    if folder.exists() and not (folder / _SIGN).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is neither empty nor an export", "Name another folder.")
    published = publication_file(settings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(folder.parent, folder.name) as staged:
        staged.chmod(0o755)
        with open_publication(settings, published) as connection:
            _write_tables(published, staged / "data")
            if with_query:
                vendor(settings, staged / "vendor")
                _write_database(published, staged / "data")
            _write_pages(settings, published, connection, staged, with_query, on_progress)
        shutil.copytree(_HERE / "static", staged / "static")
        shutil.copy(published.parent / "feeds" / "papers.atom", staged)
        (staged / _SIGN).write_text('{"made_by": "paperhouse web --export"}\n', "utf-8")
        count = sum(path.is_file() for path in staged.rglob("*"))
        put_folder(staged, folder)
    return count


@dataclass(frozen=True)
class _Export:
    """An export under way, as each process that writes pages of it knows it. published: the publication's DuckDB file;
    shared: what each page shows."""

    settings: Settings
    published: Path
    folder: Path
    places: _Places
    shared: Facts

    def write(self, pages: Iterable[tuple[str, str, Facts]]) -> Iterator[str]:
        """Writes each page, by its template and what it shows; gives it once it is written."""
        for page, template, facts in pages:
            file = self.places.file(page)
            templates = _make_templates(self.places, "../" * file.count("/"))
            _write(self.folder / file, templates.get_template(template).render(**self.shared, **facts))
            yield page


@cache
def _make_templates(places: _Places, up: str) -> Environment:
    """For the pages of one depth, whose links begin alike."""
    return make_templates(lru_cache(_LINKS)(partial(places.seen_from, up)))


def _write_pages(
    settings: Settings,
    published: Path,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    with_query: bool,
    on_progress: Progress,
) -> None:
    version, at = published_at(connection)
    shared = {"is_export": True, "twin": None, "publication": {"version": version, "published_at": at}}
    boards = queries.read_boards(connection, {})
    names = _read_names(connection, boards)
    places = _Places(
        [
            *map(board_url, boards),
            *(page_url(kind, name) for kind in ("tasks", "datasets", "metrics") for name in names[kind]),
            *map(paper_url, names["papers"]),
            *map(paper_url, names["former"]),
        ],
        with_query,
    )
    export = _Export(settings, published, folder, places, shared)
    count, done = len(boards) + sum(map(len, names.values())) + 3 + with_query, 0
    for done, _ in enumerate(export.write(_read_pages(connection, boards, names, with_query)), start=1):
        on_progress("pages", done, count)
    pictures = places.take_pictures()
    pieces = (names["papers"][first : first + _PAPERS] for first in range(0, len(names["papers"]), _PAPERS))
    for written, shown in parallel_imap(_write_papers, pieces, export):
        pictures |= shown
        done += written
        on_progress("pages", done, count)
    best = queries.read_places(connection)
    for done, page in enumerate(sorted(pictures), start=1):
        _write(folder / places.file(page), _draw(connection, page, best))
        on_progress("pictures", done, len(pictures))


def _write_papers(paper_ids: Sequence[str], export: _Export) -> tuple[int, set[str]]:
    """The number of pages that were written of the papers, and the pictures that they show or name."""
    with open_publication(export.settings, export.published) as connection:
        pages = (
            (paper_url(paper_id), "paper.html", facts | queries.show_paper(facts))
            for paper_id, facts in queries.read_paper_pages(connection, list(paper_ids)).items()
        )
        count = sum(1 for _ in export.write(pages))
    return count, export.places.take_pictures()


def _draw(connection: duckdb.DuckDBPyConnection, page: str, best: dict[str, Facts]) -> str:
    """The curve or badge that is at an address."""
    if page.startswith("/badges/papers/"):
        return draw_place(best.get(_paper_of(page)))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query, keep_blank_values=True).items()}
    if page.startswith("/badges/"):
        board = queries.read_named_leaderboard(connection, asked) or {}
        return draw_head(board, board["entries"][0])
    return draw_curve(queries.read_dated_entries(connection, asked), asked["metric"], asked["unit"], "narrow" in asked)


def _paper_of(page: str) -> str:
    return unquote(page.removeprefix("/badges/papers/").removesuffix(".svg"))


def _read_names(connection: duckdb.DuckDBPyConnection, boards: list[Facts]) -> dict[str, list[str]]:
    """What has a page of its own: what leaderboards and claims name, and all papers."""

    def read(query: str) -> set[str]:
        return {name for (name,) in connection.execute(query).fetchall()}

    datasets = read("select dataset from dim_datasets where claim_count > 0")
    metrics = read("select metric from dim_metrics where claim_count > 0")
    return {
        "tasks": sorted(read("select task from dim_tasks")),
        "datasets": sorted(datasets | {board["dataset"] for board in boards}),
        "metrics": sorted(metrics | {board["metric"] for board in boards}),
        "papers": sorted(read("select paper_id from fct_papers")),
        "former": sorted(read("select alias from paper_aliases where alias_kind = 'former_id'")),
    }


def _read_pages(
    connection: duckdb.DuckDBPyConnection, boards: list[Facts], names: dict[str, list[str]], with_query: bool
) -> Iterator[tuple[str, str, Facts]]:
    """Each page but those of papers, its template and what it shows."""
    yield "/", "home.html", queries.read_home(connection)
    yield "/tasks", "tasks.html", queries.read_tasks(connection)
    yield "/how", "how.html", queries.read_evidence(connection)
    if with_query:
        yield "/query", "query.html", {}
    for kind, template, read in (
        ("tasks", "task.html", queries.read_task),
        ("datasets", "dataset.html", queries.read_dataset),
        ("metrics", "metric.html", queries.read_metric),
    ):
        for name in names[kind]:
            yield page_url(kind, name), template, read(connection, name) or {}
    for board in boards:
        yield board_url(board), "leaderboard.html", queries.read_leaderboard(connection, board)
    yield from _read_moved(connection, names["former"])


def _read_moved(connection: duckdb.DuckDBPyConnection, former_ids: list[str]) -> Iterator[tuple[str, str, Facts]]:
    """A page for each id that a paper was published under before, which leads to the paper."""
    for former_id in former_ids:
        yield paper_url(former_id), "moved.html", {"paper_id": find_paper_id(connection, former_id)}


def _write_tables(published: Path, folder: Path) -> None:
    """The tables as Parquet, a folder a table."""
    shutil.copytree(published.parent / "parquet", folder / "parquet")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _write_database(published: Path, folder: Path) -> None:
    """paperhouse.duckdb, with the tables of the publication and its macros, in small blocks; and, where it is not too
    large, the same in a script, for who opens the site from disk."""
    file = folder / "paperhouse.duckdb"
    with duckdb.connect() as writer:
        choose_compression(writer)
        writer.execute(f"attach {quoted(str(file))} as export (block_size 16384, storage_version 'v1.2.0')")
        writer.execute(f"attach {quoted(str(published))} as publication (read_only)")
        writer.execute("use export; create schema marts")
        found = "select table_name from duckdb_tables() where database_name = 'publication' and schema_name = 'marts'"
        for (name,) in writer.execute(found).fetchall():
            writer.execute(f'create table export.marts."{name}" as from publication.marts."{name}"')
        make_reader_macros(writer)
        writer.execute("use memory; detach export")
    if file.stat().st_size <= _MOST_BYTES:
        (folder / "paperhouse.js").write_text(f'var database = "{as_text(file.read_bytes())}";\n', "ascii")


def _write(file: Path, text: str) -> None:
    """Raises StepError where another page has the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        message = f"two pages would be the file {file.name}"
        raise StepError(message, "This is a bug: please report the names.") from None


def _safe(name: str) -> str:
    """A file name for any file system, another for each name: with a hash, unless the name is one already and cannot be
    taken for one with a hash."""
    safe = re.sub(r"[^a-z0-9.-]+", "-", name.lower())[:80]
    is_plain = safe == name and _PLAIN.fullmatch(name) and not _HASHED.search(name) and not _RESERVED.match(name)
    if is_plain:
        return safe
    shown = safe.strip(".") or "name"
    return f"{'name-' if _RESERVED.match(shown) else ''}{shown}-{stable_hash(name)[:8]}"
