"""Bad inputs: no crash, every entry accounted for, memory bounded, nothing executed, nothing shown unescaped."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bad_inputs.corpus import HOSTILE_TITLES, bad_files, hostile_day
from transforms.extraction import extract
from transforms.frames import combine
from transforms.papers import normalise
from warehouse.settings import PROJECT, Settings
from warehouse.storage.publication import open_publication
from warehouse.upstream.sources import list_source_names, read_source
from warehouse.vocabularies import read_vocabulary

PAPERHOUSE = str(Path(sys.executable).parent / "paperhouse")


@pytest.mark.parametrize("name", list_source_names())
def test_bad_files_are_rejects_or_safe_records(name):
    source = read_source(name)
    for bad, content in bad_files(name).items():
        parsed = combine(source.pieces(io.BytesIO(content)))
        assert parsed.kept_entries.len() == parsed.entry_count, bad
        assert parsed.rejects["reason"].null_count() == 0, bad
        assert not any("root:" in message for message in parsed.rejects["message"]), bad
        papers = normalise(parsed.records, name).head(300)
        assert not any(
            re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", title) for title in papers["title"]
        ), bad
        extract(papers.select("text_id", "title", "abstract"), read_vocabulary())


# Reads an endless file of one source in a process of its own, and prints its peak memory in MB.
_ENDLESS = """
import io, resource, sys
from warehouse.upstream.sources import read_source

class Endless(io.RawIOBase):
    def __init__(self, head, unit, size):
        self.head, self.size, self.at = head, size, 0
        self.length, self.unit = len(unit), unit * (2 + (1 << 20) // len(unit))
    def readable(self): return True
    def seekable(self): return True
    def seek(self, at, whence=0): self.at = at; return at
    def readinto(self, buffer):
        if self.at >= self.size: return 0
        n = min(len(buffer), 1 << 20, self.size - self.at)
        start = (self.at - len(self.head)) % self.length
        part = self.head[self.at:self.at + n] if self.at < len(self.head) else self.unit[start:start + n]
        buffer[:len(part)] = part
        self.at += len(part)
        return len(part)

source = read_source(sys.argv[1])
unit = sys.argv[3].encode().decode("unicode_escape").encode()
file = io.BufferedReader(Endless(sys.argv[2].encode(), unit, int(sys.argv[4])))
rejects = entries = 0
for piece in source.pieces(file):
    entries, rejects = entries + piece.entry_count, rejects + piece.rejects.height
print(entries, rejects, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024)
"""
_ONE_LINE = "a"
_ARRAYS = '[{"title": "'


def endless(name, head, unit, size):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _ENDLESS, name, head, unit, str(size)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    entries, rejects, megabytes = map(int, done.stdout.split())
    return entries, rejects, megabytes


@pytest.mark.parametrize("name", list_source_names())
def test_a_gigabyte_on_one_line_takes_less_memory_than_that(name):
    """Plain text, and a value of JSON without an end."""
    for head in ("", _ARRAYS) if name in ("conference", "pwc", "arxiv_snapshot") else ("",):
        entries, rejects, megabytes = endless(name, head, _ONE_LINE, 10**9)
        assert (entries, rejects) == (1, 1)
        assert megabytes < 1000


@pytest.mark.parametrize(("name", "head", "unit"), [("arxiv_snapshot", "", "{}\\n"), ("conference", "[", "{},")])
def test_many_entries_come_in_pieces(name, head, unit):
    count = 300_000
    entries, rejects, megabytes = endless(name, head, unit, len(unit.replace("\\n", "\n")) * count)
    assert abs(entries - count) < 2
    assert rejects == entries
    assert megabytes < 1000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A warehouse of hostile titles, read from a file whose name has a newline and quotes in it."""
    folder = tmp_path_factory.mktemp("hostile")
    file = folder / "it's \"one\"\n2026-03-05 $(touch paperhouse-was-here) <script>alert('paperhouse')<.json"
    file.write_bytes(hostile_day())
    settings = Settings(home=folder / "home")
    done = call(settings, "run", "--source", "hf_daily", str(file), folder=folder)
    assert done.returncode == 0, done.stderr
    bad = folder / "2026-03-06 <script>alert('paperhouse')<.json"
    bad.write_bytes(hostile_day().replace(b'"title"', b'"tilte"'))
    failed = call(settings, "run", "--source", "hf_daily", str(bad), folder=folder)
    assert failed.returncode == 1
    return settings, folder


def call(settings, *arguments, folder=None):
    environment = os.environ | {"PAPERHOUSE_HOME": str(settings.home)}
    return subprocess.run(
        [PAPERHOUSE, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


def test_hostile_titles_are_data(hostile):
    settings, folder = hostile
    with open_publication(settings) as connection:
        titles = {title for (title,) in connection.execute("select title from fct_papers").fetchall()}
        assert connection.execute("select count(*) from fct_claimed_metrics").fetchone()[0] >= len(HOSTILE_TITLES)
    assert len(titles) == len(HOSTILE_TITLES)
    kept = {"sql", "html", "jinja", "dbt", "shell", "formula", "markup", "path", "emoji", "right_to_left"}
    assert {HOSTILE_TITLES[name] for name in kept} <= titles
    assert not any("1337" in title or "pebblepebble" in title for title in titles)
    assert not list(folder.rglob("paperhouse-was-here"))
    assert not list(PROJECT.glob("paperhouse-was-here"))


def test_nothing_hostile_reaches_a_terminal(hostile):
    settings, _ = hostile
    shown = [
        call(settings, "show", f"2603.{1 + list(HOSTILE_TITLES).index(name):05d}")
        for name in ("terminal", "override", "markup")
    ]
    commands = (
        ["status"],
        ["status", "--json"],
        ["show", "stones"],
        ["show", "stones", "--json"],
        ["doctor"],
        ["export", "claims", "--jsonl"],
    )
    for done in (*shown, *(call(settings, *command) for command in commands)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.stdout + done.stderr)
    assert any("[bold red]markup[/]" in done.stdout for done in shown), "markup is text"


def test_nothing_hostile_reaches_a_page(hostile):
    settings, _ = hostile
    pages = [*settings.data_docs.rglob("*.html"), *settings.published.rglob("*.html")]
    assert len(pages) > 5
    for page in pages:
        text = page.read_text("utf-8")
        assert "alert('paperhouse')<" not in text, page
        assert "onerror=alert" not in text.replace("&lt;img src=x onerror=alert", ""), page


def test_logs_are_lines_of_json(hostile):
    settings, _ = hostile
    lines = (settings.logs / "paperhouse.jsonl").read_text("utf-8").splitlines()
    steps = {json.loads(line)["step"] for line in lines}
    assert steps == {"land", "parse", "check", "load", "build", "audit", "publish"}
