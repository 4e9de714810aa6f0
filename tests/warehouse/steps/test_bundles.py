"""Many small files of a source land as one batch, and none of them twice."""

import gzip
import io
import tarfile

import pytest

from tests.fuzzing.seeds import SEEDS
from transforms.tables.archive import keep_text, read_sources
from warehouse.steps.check import check
from warehouse.steps.land import find_waiting, land, land_inbox
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.storage.batches import read_batch

TEX = gzip.decompress(SEEDS["arxiv_source"]()[0])


def drop(folder, name, content=TEX):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(gzip.compress(content, mtime=0))


def make_archive(**files):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("_", "."))
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return content.getvalue()


@pytest.fixture
def inbox(settings):
    return settings.inbox / "arxiv_source"


def test_a_folder_of_e_prints_is_one_batch(settings, tmp_path):
    for number in range(1, 6):
        drop(tmp_path, f"2401.0000{number}.gz", TEX + b"%% %d" % number)
    (batch,) = land(settings, "arxiv_source", [tmp_path])
    assert read_batch(settings, batch).original_name == "5 files of arxiv_source.tar"
    assert parse(settings, batch).paper_count == 5
    assert land(settings, "arxiv_source", [tmp_path]) == [batch]


def test_what_an_inbox_holds_lands_once_and_later_files_land_alone(settings, inbox):
    drop(inbox, "2401.00001.gz")
    drop(inbox, "2401.00002.gz", TEX + b"%")
    (batch,) = land_inbox(settings, "arxiv_source")
    for step in (parse, check, load):
        step(settings, batch)
    assert (find_waiting(settings, "arxiv_source"), land_inbox(settings, "arxiv_source")) == ([], [])
    drop(inbox, "2401.00003.gz", TEX + b"%%")
    assert [file.name for file in find_waiting(settings, "arxiv_source")] == ["2401.00003.gz"]
    (later,) = land_inbox(settings, "arxiv_source")
    assert read_batch(settings, later).original_name == "2401.00003.gz"


def test_pictures_do_not_land_unless_they_are_asked_for(settings, tmp_path):
    picture = bytes(range(256)) * 4000
    whole = make_archive(main_tex=TEX, figure_png=picture)
    (tmp_path / "2401.00001.tar.gz").write_bytes(whole)
    (batch,) = land(settings, "arxiv_source", [tmp_path])
    assert read_batch(settings, batch).byte_count < 5000
    assert parse(settings, batch).paper_count == 1
    settings = settings.model_copy(update={"keeps_originals": True})
    (original,) = land(settings, "arxiv_source", [tmp_path])
    assert read_batch(settings, original).byte_count == len(whole)


def test_what_is_kept_reads_as_the_original_and_is_the_same_each_time():
    whole = make_archive(main_tex=TEX, part_tex=b"more", figure_png=b"\0" * 5000)
    assert keep_text(whole) == keep_text(whole)
    assert read_sources(keep_text(whole)).files == read_sources(whole).files


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(TEX, mtime=0)[:-9], b"%PDF-1.5"])
def test_what_cannot_be_unpacked_is_kept_as_it_is(content):
    assert keep_text(content) == content


def test_files_whose_names_have_no_arxiv_id_are_bundled_too(settings, tmp_path):
    """Each paper is then known by its title."""
    for name in ("mine.gz", "yours.gz"):
        drop(tmp_path, name, TEX.replace(b"Sorting Stones", b"Sorting Stones: " + name[:-3].encode()))
    (batch,) = land(settings, "arxiv_source", [tmp_path])
    assert parse(settings, batch).paper_count == 2
