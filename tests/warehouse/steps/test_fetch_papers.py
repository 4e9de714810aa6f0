"""Papers of lists fetched one by one from a real server: the page first, the e-print where there is none."""

import gzip
import shutil
from datetime import timedelta

import pytest

from tests.fuzzing.seeds import SEEDS
from tests.misbehaving import answer, serving, status, unchanged_after
from tests.upstream import daily
from tests.warehouse.steps.test_bundles import TEX, make_archive
from warehouse import clock
from warehouse.errors import StepError
from warehouse.settings import Settings
from warehouse.steps.fetch import fetch
from warehouse.steps.pipeline import run, run_live
from warehouse.storage.batches import read_batch
from warehouse.storage.connection import rows
from warehouse.storage.publication import open_publication
from warehouse.upstream.http import FetchError

PAGE = SEEDS["arxiv_html"]()[0]
HTML, TAR = "text/html", "application/gzip"


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """A home with a published list of four papers."""
    folder = tmp_path_factory.mktemp("listed")
    (folder / "2026-03-02.json").write_bytes(daily(range(4)))
    run(Settings(home=folder / "home", text_vectors=False), "hf_daily", [folder / "2026-03-02.json"])
    return folder / "home"


@pytest.fixture
def live(server, listed, tmp_path):
    """Settings of that home under which arXiv is at the server, which has no paper yet."""
    shutil.copytree(listed, tmp_path / "home", symlinks=True)
    for number in range(4):
        for kind in ("html", "e-print"):
            server.at(f"/{kind}/2603.{number:05d}", status(404))
    return Settings(
        home=tmp_path / "home",
        contact="test@example.org",
        text_vectors=False,
        http_allow_private_hosts=True,
        http_attempts=2,
        http_first_wait_seconds=0.01,
        live={
            "arxiv_html": {"requests_per_second": 1000, "url": f"{server.url}/html/{{arxiv_id}}"},
            "arxiv_source": {"requests_per_second": 1000, "url": f"{server.url}/e-print/{{arxiv_id}}"},
        },
    )


def asked(server):
    paths = [path for path, *_ in server.requests]
    server.requests.clear()
    return paths


def test_the_page_is_asked_for_first_and_the_e_print_where_there_is_none(server, live):
    version = PAGE.replace(b"<body>", b"<body>arXiv:2603.00000v3", 1)
    assert version != PAGE
    server.at("/html/2603.00000", answer(version, HTML))
    picture = bytes(range(256)) * 4000
    server.at("/e-print/2603.00001", answer(make_archive(main_tex=TEX, figure_png=picture), TAR))
    server.at("/e-print/2603.00002", answer(b"%PDF-1.5", "application/pdf"))
    report = run_live(live, "arxiv_html", None, None)
    assert sorted(read_batch(live, batch).original_name for batch in report.outcomes) == [
        "2603.00000v3.html.gz", "2603.00001.gz",
    ]  # fmt: skip
    assert all(read_batch(live, batch).byte_count < 10_000 for batch in report.outcomes)
    assert len(asked(server)) == 7
    with open_publication(live) as connection:
        tables = rows(
            connection,
            "select arxiv_id, paper_version from fct_tables join fct_papers using (paper_id) group by all order by 1",
        )
        assert [(row["arxiv_id"], row["paper_version"]) for row in tables] == [("2603.00000", 3), ("2603.00001", None)]
        assert connection.execute("select count(*) from fct_papers").fetchone() == (4,)
    assert fetch(live, "arxiv_html") == []
    assert asked(server) == []


def test_what_did_not_change_does_not_come_again(server, live, monkeypatch):
    for number in range(4):
        body = PAGE + b"<!-- %d -->" % number
        server.at(f"/html/2603.{number:05d}", unchanged_after(f'"{number}"', body, HTML))
    (batch,) = fetch(live, "arxiv_html")
    assert read_batch(live, batch).original_name == "4 files of arxiv_html.tar"
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr("warehouse.steps.fetch_papers.now", lambda: later)
    server.at("/html/2603.00003", answer(PAGE + b"<!-- new -->", HTML))
    server.requests.clear()
    (batch,) = fetch(live, "arxiv_html")
    assert read_batch(live, batch).original_name == "2603.00003.html.gz"
    assert len(asked(server)) == 4


def test_a_run_that_was_killed_goes_on_where_it_was(server, live):
    for number in range(4):
        server.at(f"/html/2603.{number:05d}", answer(PAGE + b"<!-- %d -->" % number, HTML))

    def stop(message):
        if "paper 3 of" in message:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(live, "arxiv_html", on_progress=stop)
    assert len(asked(server)) == 2
    names = [read_batch(live, batch).original_name for batch in fetch(live, "arxiv_html")]
    assert names == ["2 files of arxiv_html.tar", "2 files of arxiv_html.tar"]
    assert len(asked(server)) == 2


def test_a_host_that_wants_rest_gets_it_and_what_came_lands(server, live):
    server.at("/html/2603.00000", answer(PAGE, HTML))
    for number in range(1, 4):
        server.at(f"/html/2603.{number:05d}", status(429, Retry_After="3600"))
    assert len(fetch(live, "arxiv_html")) == 1
    assert len(asked(server)) == 2
    with pytest.raises(FetchError, match="asks not to be asked before"):
        fetch(live, "arxiv_html")
    assert asked(server) == []


def test_hosts_that_are_silent_end_the_run(server, live):
    for number in range(4):
        server.at(f"/html/2603.{number:05d}", status(503))
    with pytest.raises(FetchError, match="answers 503"):
        fetch(live, "arxiv_html")
    assert len(asked(server)) == 6


def test_a_page_named_as_an_e_print_is_packed(server, live):
    server.at("/e-print/2603.00000", answer(TEX, "text/x-tex"))
    (batch,) = fetch(live, "arxiv_source")
    assert gzip.decompress(read_batch(live, batch).landed_file(live).read_bytes()) == TEX


def test_without_a_publication_no_list_names_papers(tmp_path):
    settings = Settings(home=tmp_path, contact="test@example.org")
    with pytest.raises(StepError, match="nothing is published yet"):
        fetch(settings, "arxiv_html")
