"""E-prints as arXiv serves them, and whatever else has such a name."""

import gzip
import io
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.tables import archive
from transforms.tables.archive import NoSourceError, decode, read_sources

TEX = rb"\documentclass{article}\begin{document}Stones\end{document}"


def pack(*members, kind=tarfile.REGTYPE, linkname=""):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as file:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(data) if kind == tarfile.REGTYPE else 0, kind, linkname
            file.addfile(member, io.BytesIO(data))
    return content.getvalue()


@pytest.mark.parametrize("content", [TEX, gzip.compress(TEX, mtime=0)])
def test_a_single_file_plain_and_packed(content):
    assert read_sources(content).files == {"main.tex": TEX.decode()}


def test_text_members_of_an_archive_and_no_others():
    members = [
        ("./main.tex", TEX),
        ("fig/a.png", b"\x89PNG"),
        ("00README.json", b"{}"),
        ("a.bbl", b"x"),
        ("dir/b.sty", b"y"),
    ]
    found = read_sources(gzip.compress(pack(*members), mtime=0))
    assert set(found.files) == {"main.tex", "00README.json", "a.bbl", "dir/b.sty"}
    assert found.left_out == {"fig/a.png": "no text"}


@pytest.mark.parametrize("name", ["../evil.tex", "/etc/evil.tex", "a/../../evil.tex"])
def test_names_that_lead_out_are_left_out(name):
    found = read_sources(pack(("main.tex", TEX), (name, TEX)))
    assert list(found.files) == ["main.tex"]
    assert found.left_out == {name: "a name that leads out of the archive"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_no_files(kind):
    with pytest.raises(NoSourceError, match="none of its 1 files is TeX") as error:
        read_sources(pack(("main.tex", b""), kind=kind, linkname="/etc/passwd"))
    assert error.value.reason == "not_tex"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (gzip.compress(b"\0" * 100, mtime=0), "empty"),
        (b"%PDF-1.5 ...", "no_source"),
        (gzip.compress(b"%PDF-1.5 ...", mtime=0), "no_source"),
        (b"<!DOCTYPE html><html><title>Not found</title>", "html_page"),
        (gzip.compress(b"%auto-ignore\nThis paper has been withdrawn by the authors.", mtime=0), "withdrawn"),
        (gzip.compress(TEX * 100, mtime=0)[:60], "broken_file"),
        (b"\x1f\x8bnothing of the kind", "broken_file"),
        (b"\x89PNG\0\0\0", "not_tex"),
        (b"just words", "not_tex"),
        (pack(("paper.pdf", b"%PDF-1.5")), "not_tex"),
    ],
)
def test_what_is_no_source_says_why(content, reason):
    with pytest.raises(NoSourceError) as error:
        read_sources(content)
    assert error.value.reason == reason


def test_a_bomb_is_bounded(monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 10_000)
    with pytest.raises(NoSourceError, match="more than 10,000 bytes"):
        read_sources(gzip.compress(b"a" * 1_000_000, mtime=0))


def test_members_are_bounded(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    found = read_sources(pack(*((f"{i}.tex", TEX) for i in range(9))))
    assert len(found.files) == 3
    assert found.left_out == {"3.tex": "beyond 3 members"}


def test_an_archive_that_breaks_off_gives_what_is_whole():
    content = pack(("a.tex", TEX), ("b.tex", b"x" * 5000))[:2000]
    found = read_sources(content + b"\0" * (-len(content) % 512))
    assert "a.tex" in found.files


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("é".encode(), "é"),
        ("é".encode("latin-1"), "é"),
        ("é".encode("utf-16"), "é"),
        (b"\xef\xbb\xbfx", "x"),
        (b"a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_encodings(content, text):
    assert decode(content) == text


@given(st.binary(max_size=2000), st.booleans())
def test_any_bytes_are_read_or_refused_with_a_reason(content, is_packed):
    with suppress(NoSourceError):
        read_sources(gzip.compress(content, mtime=0) if is_packed else content)
