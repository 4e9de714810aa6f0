"""The index of texts that were read: claims are taken over, other batches stay unopened, and what is gone is read
again."""

import shutil

import polars as pl
import pytest

from tests.warehouse.steps.test_steps import PROSE, frame
from transforms.frames import CLAIMS, LINKS, conform
from warehouse.errors import StepError
from warehouse.steps.land import land
from warehouse.steps.parse import parse
from warehouse.storage.batches import piece_file, read_batch
from warehouse.storage.texts import KnownTexts
from warehouse.versions import texts_fingerprint


def texts_of(settings, own="none", fingerprint=None):
    return KnownTexts(
        settings.build / "texts.sqlite", fingerprint or texts_fingerprint(), settings.build / "batches" / own
    )


def test_claims_of_a_text_are_taken_over(settings, listing, monkeypatch):
    first, second = (
        land(settings, "hf_listing", [listing(("A Title", PROSE), *more, name=f"{len(more)}.txt")])[0]
        for more in ([], [("Another Title", PROSE)])
    )
    parse(settings, first)
    read = []
    extract = __import__("transforms.extraction", fromlist=["_extract"])._extract
    monkeypatch.setattr(
        "transforms.extraction._extract",
        lambda texts, vocabulary: read.extend(texts["title"]) or extract(texts, vocabulary),
    )
    parse(settings, second)
    assert read == ["Another Title"]
    ours, theirs = frame(settings, second, "claims"), frame(settings, first, "claims")
    assert theirs.height > 0
    assert ours.filter(pl.col("text_id").is_in(theirs["text_id"].implode())).equals(theirs)


def test_a_text_whose_frames_are_gone_is_read_again(settings, listing):
    first, second = (
        land(settings, "hf_listing", [listing(("A Title", PROSE), name=name)])[0]
        for name in ("2026-03-01.txt", "2026-03-02.txt")
    )
    count = parse(settings, first).claim_count
    shutil.rmtree(read_batch(settings, first).folder(settings))
    assert parse(settings, second).claim_count == count > 0


def test_the_index_forgets_texts_of_other_extractors(settings, listing):
    (batch_id,) = land(settings, "hf_listing", [listing(("A Title", PROSE))])
    parse(settings, batch_id)
    ids = frame(settings, batch_id, "papers")["text_id"]
    assert texts_of(settings).among(ids).to_list() == ids.to_list()
    assert texts_of(settings, fingerprint="other").among(ids).is_empty()
    assert texts_of(settings, own=batch_id).among(ids).is_empty(), "its own frames do not count"
    texts_of(settings, fingerprint="other").add(pl.Series(["x"]), settings.build / "batches" / "b" / "frames-f")
    assert texts_of(settings).among(ids).is_empty()


def test_frames_that_went_meanwhile_are_an_error(settings):
    frames = settings.build / "batches" / "b" / "frames-f"
    frames.mkdir(parents=True)
    for name, schema in (("claims", CLAIMS), ("links", LINKS)):
        conform([], schema).write_parquet(piece_file(frames, name, 0))
    known = texts_of(settings)
    known.add(pl.Series("text_id", ["t"]), frames)
    assert known.found_in(known.among(pl.Series(["t", "u"])))["claims"].is_empty()
    shutil.rmtree(frames)
    with pytest.raises(StepError, match="parsed again meanwhile"):
        known.found_in(pl.Series("text_id", ["t"]))
