from datetime import date
from pathlib import Path

import pytest

from warehouse.errors import UsageError
from warehouse.steps.land import day_in, land, land_inbox
from warehouse.storage.batches import read_batch
from warehouse.storage.files import file_sha256
from warehouse.storage.loads import find_open_batches

PAPER = (
    "A Title",
    "We show that a plain method, trained for longer than is usual, does as well as larger ones. It is simple.",
)


def test_bytes_are_kept_unchanged_under_their_hash(settings, listing):
    page = listing(PAPER)
    page.write_bytes(page.read_bytes() + b"\xff\x00\r\n")
    batch = read_batch(settings, land(settings, "hf_listing", [page])[0])
    assert batch.landed_file(settings).read_bytes() == page.read_bytes()
    assert batch.landed_file(settings).name == file_sha256(page) == batch.sha256
    assert (batch.original_name, batch.byte_count, batch.listed_on) == ("page.txt", page.stat().st_size, None)


def test_the_same_bytes_land_once(settings, listing):
    first = land(settings, "hf_listing", [listing(PAPER), listing(PAPER, name="again.txt")])
    landed_at = read_batch(settings, first[0]).landed_at
    assert land(settings, "hf_listing", [listing(PAPER)]) == first
    assert len(first) == 1
    assert read_batch(settings, first[0]).landed_at == landed_at
    assert len([file for file in (settings.landing / "hf_listing").rglob("*") if file.is_file()]) == 1
    assert find_open_batches(settings) == first


def test_the_same_bytes_of_two_days_are_two_batches(settings, listing):
    batches = land(
        settings, "hf_listing", [listing(PAPER, name="2026-03-01.txt"), listing(PAPER, name="2026-03-02.txt")]
    )
    assert [read_batch(settings, batch).listed_on for batch in batches] == [date(2026, 3, 1), date(2026, 3, 2)]


def test_files_folders_and_globs(settings, listing, tmp_path):
    one, two = listing(PAPER, name="one.txt"), listing(("Other", PAPER[1]), name="two.txt")
    (tmp_path / "notes.md").write_text("not a page")
    both = land(settings, "hf_listing", [one, two])
    assert land(settings, "hf_listing", [tmp_path]) == both
    assert land(settings, "hf_listing", [str(tmp_path / "*.txt")]) == both


@pytest.mark.parametrize(
    ("path", "message"), [("nowhere.txt", "no such file"), ("*.nothing", "no such file"), (".", "holds no")]
)
def test_a_path_to_nothing_is_wrong_use(settings, tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        land(settings, "hf_listing", [path])


def test_an_unknown_source_is_wrong_use(settings):
    with pytest.raises(UsageError, match=r"Sources: .*hf_listing"):
        land(settings, "nope", ["x"])


def test_a_batch_is_found_by_the_beginning_of_its_id(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(PAPER)])
    assert read_batch(settings, batch_id[:4]).batch_id == batch_id
    with pytest.raises(UsageError, match="there is no batch"):
        read_batch(settings, "zz")


def test_the_inbox_gives_a_backfill_its_day_alone(settings, listing):
    inbox = settings.inbox / "hf_listing"
    inbox.mkdir(parents=True)
    assert land_inbox(settings, "hf_listing") == []
    for day in ("2026-03-01", "2026-03-02"):
        listing((day, PAPER[1]), name=f"{day}.txt").rename(inbox / f"{day}.txt")
    assert len(land_inbox(settings, "hf_listing")) == 2
    (backfilled,) = land_inbox(settings, "hf_listing", date(2026, 3, 2))
    assert read_batch(settings, backfilled).listed_on == date(2026, 3, 2)
    assert land_inbox(settings, "hf_listing", date(2025, 1, 1)) == []


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2025-01-01/2026-03-02.txt", date(2026, 3, 2)),
        ("2026-03-02/page.txt", date(2026, 3, 2)),
        ("2026-03-02/hf/page.txt", None),
        ("2026-13-02/page.txt", None),
        ("page-12026-03-02.txt", None),
    ],
)
def test_the_day_is_in_the_name_of_the_file_or_its_folder(path, day):
    assert day_in(Path(path)) == day
