"""A publication is a copy of the last one but for what changed; it is as one that is written whole."""

import shutil

import duckdb

from tests.marts import differences
from warehouse.settings import Settings
from warehouse.steps import publish as publishing
from warehouse.steps.pipeline import run
from warehouse.storage.connection import load_extension
from warehouse.storage.publication import find_current_folder, open_publication, read_manifest

PROSE = "Our sorter reaches {}% accuracy on CIFAR-10. It is simple. Code: https://github.com/quarry/stones"
WORDS = "sorter quarry stones"


def inode(settings, name):
    return (find_current_folder(settings) / name).stat().st_ino


def flip_a_bit(file):
    """In the middle, as its end may be empty."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)


def written_whole(settings, folder, monkeypatch) -> Settings:
    """A copy of the home whose last publication is written whole."""
    shutil.copytree(settings.home, folder, symlinks=True)
    other = Settings(home=folder)
    monkeypatch.setattr(publishing, "_find_base", lambda *_: None)
    publishing.publish(other)
    monkeypatch.undo()
    return other


def found(settings):
    with open_publication(settings) as connection:
        load_extension(connection, "fts")
        return [
            connection.execute(f"from {macro}(?)", [WORDS]).fetchall() for macro in ("search_papers", "search_claims")
        ]


def test_a_refresh_is_as_a_whole_publication_and_links_what_did_not_change(
    warehouse_copy, listing, tmp_path, monkeypatch
):
    settings = warehouse_copy
    first = [("A new sorter", PROSE.format(91))]
    second = [("A new sorter", PROSE.format(92)), ("Another sorter", PROSE.format(88))]
    for day, papers in enumerate((first, second), 1):
        run(settings, "hf_listing", [listing(*papers, name=f"2026-04-0{day}.txt")])
    published = read_manifest(settings)
    whole = written_whole(settings, tmp_path / "whole", monkeypatch)
    assert differences(settings.home, whole.home) == {}
    assert found(settings) == found(whole)
    assert sorted(row[0] for row in found(settings)[0][:2]) == ["A new sorter", "Another sorter"]
    again = publishing.publish(settings)
    assert again["version"] == published["version"] + 1
    assert again["tables"]["fct_papers"] == published["tables"]["fct_papers"]
    before = find_current_folder(settings).parent / "versions" / str(published["version"])
    assert (before / "parquet/fct_papers/0.parquet").stat().st_ino == inode(settings, "parquet/fct_papers/0.parquet")


def test_a_damaged_publication_is_not_copied(warehouse_copy):
    with duckdb.connect(str(find_current_folder(warehouse_copy) / "paperhouse.duckdb"), read_only=True) as connection:
        papers = connection.execute("from marts.fct_papers order by all").fetchall()
    for name in ("paperhouse.duckdb", "parquet/fct_papers/0.parquet"):
        file = find_current_folder(warehouse_copy) / name
        flip_a_bit(file)
        publishing.publish(warehouse_copy)
        with open_publication(warehouse_copy) as connection:
            assert connection.execute("from fct_papers order by all").fetchall() == papers
        parquet = find_current_folder(warehouse_copy).resolve() / "parquet/fct_papers/0.parquet"
        assert len(duckdb.sql(f"from '{parquet}'").fetchall()) == len(papers)
