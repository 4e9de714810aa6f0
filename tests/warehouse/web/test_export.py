"""The site as files: every link leads to one, and Chromium opens it from disk and from a host."""

import functools
import http.server
import subprocess
import threading
import time
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from lxml import etree

from tests.browser import NEEDS_CHROMIUM, SCREENSHOTS, chromium
from tests.warehouse.web.conftest import PAPERHOUSE
from warehouse.errors import UsageError
from warehouse.settings import PROJECT
from warehouse.steps.pipeline import run
from warehouse.storage.publication import open_publication
from warehouse.web.export import export_site

REAL_LISTING = PROJECT.parent / "shared" / "data" / "hf_papers_listing.txt"


def quiet(*_):
    """No progress."""


@pytest.fixture(scope="module")
def exported(whole_sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "a site"
    export_site(whole_sample, folder, True, quiet)
    return folder


def links_of(page):
    tree = etree.HTML(page.read_text("utf-8"))
    return {each for each in tree.xpath("//@href | //@src") if not urlsplit(each).scheme and not each.startswith("#")}


def test_every_link_leads_to_a_file(exported):
    pages = list(exported.rglob("*.html"))
    assert {page.parent.name for page in pages} >= {"papers", "datasets", "leaderboards", "metrics", "tasks"}
    lost = {
        (page.name, link)
        for page in pages
        for link in links_of(page)
        if link.startswith("/") or not (page.parent / unquote(urlsplit(link).path)).is_file()
    }
    assert lost == set()


def test_every_paper_has_a_page(whole_sample, exported):
    with open_publication(whole_sample) as connection:
        (count,) = connection.execute("select count(*) from fct_papers").fetchone()
    assert len(list((exported / "papers").iterdir())) == count


def test_the_tables_lie_beside_it(whole_sample, exported):
    with open_publication(whole_sample) as connection:
        claims = connection.execute("select count(*) from fct_claimed_metrics").fetchone()
    parquet = exported / "data" / "parquet" / "fct_claimed_metrics" / "*.parquet"
    assert duckdb.sql(f"select count(*) from read_parquet('{parquet}')").fetchone() == claims
    with duckdb.connect(str(exported / "data" / "paperhouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        assert connection.execute("select count(*) from leaderboard_for('imagenet', 'accuracy')").fetchone() == (19,)


def test_a_later_export_replaces_it_and_nothing_else_is_replaced(whole_sample, tmp_path):
    folder = tmp_path / "site"
    export_site(whole_sample, folder, False, quiet)
    (folder / "papers" / "gone.html").write_text("of an earlier publication")
    export_site(whole_sample, folder, False, quiet)
    assert not (folder / "papers" / "gone.html").exists()
    said = {etree.parse(badge).getroot().get("aria-label") for badge in (folder / "badges").rglob("*.svg")}
    assert any(label.startswith("paperhouse: rank 1 of ") for label in said)
    assert any(label.startswith("ImageNet, accuracy: ") for label in said)
    page = (folder / "leaderboards").glob("*.html")
    assert all("../badges/boards/" in each.read_text("utf-8") for each in page)
    assert not (folder / "query.html").exists()
    assert "query.html" not in (folder / "index.html").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="neither empty nor an export"):
        export_site(whole_sample, tmp_path / "mine", False, quiet)


def test_without_the_registry_the_way_out_is_named(whole_sample, tmp_path):
    environment = {"PAPERHOUSE_HOME": str(whole_sample.home), "PAPERHOUSE_NPM_REGISTRY": "http://127.0.0.1:9"}
    kept = whole_sample.home / "npm"
    aside = kept.rename(tmp_path / "npm") if kept.exists() else None
    try:
        done = subprocess.run(
            [PAPERHOUSE, "web", "--export", tmp_path / "site"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        if aside:
            aside.rename(kept)
    assert done.returncode == 2
    assert "--no-query" in done.stderr
    assert not (tmp_path / "site").exists()


def ask(page, address):
    """What the query page of an export answers to its first query and its last example."""
    page.goto(address)
    page.get_by_role("link", name="Query").click()
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#answer td", timeout=90_000)
    first = page.inner_text("#answer")
    page.fill("#sql", "select nothing")
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("document.getElementById('status').textContent.includes('nothing')")
    page.fill("#sql", "select count(*) as n from fct_papers")
    page.get_by_role("button", name="Run").click()
    page.wait_for_function("document.getElementById('status').textContent == '1 rows.'")
    return first, page.inner_text("#answer td")


class Host(http.server.SimpleHTTPRequestHandler):
    """A slow host: a reader can press Run before the page's script is there."""

    log_message = quiet

    def do_GET(self):
        if self.path.endswith("/query.js"):
            time.sleep(1)
        super().do_GET()


@contextmanager
def hosted(folder):
    host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=folder))
    threading.Thread(target=host.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{host.server_port}"
    finally:
        host.shutdown()


@NEEDS_CHROMIUM
def test_it_opens_from_disk_and_from_a_host_and_asks_nobody_else(exported):
    with hosted(exported) as address, chromium() as browser:
        for base in (exported.as_uri(), address):
            page, asked = browser.new_page(), set()
            page.on("request", lambda request, asked=asked: asked.add(request.url))
            first, count = ask(page, f"{base}/index.html")
            assert first.splitlines()[1].startswith("1\tViT-H/14")
            assert int(count) == len(list((exported / "papers").iterdir()))
            assert {each for each in asked if not each.startswith((base, "blob:", "data:"))} == set()


@NEEDS_CHROMIUM
def test_a_failed_engine_is_named_and_the_next_query_starts_another(exported):
    with hosted(exported) as address, chromium() as browser:
        page = browser.new_page()
        failing = "var engine = { worker: \"throw new Error('no memory')\", wasm: '' };"
        page.route("**/engine.js", lambda route: route.fulfill(body=failing), times=1)
        page.goto(f"{address}/query.html")
        page.get_by_role("button", name="Run").click()
        page.wait_for_function("document.getElementById('status').textContent.includes('no memory')")
        page.get_by_role("button", name="Run").click()
        page.wait_for_selector("#answer td", timeout=90_000)


@NEEDS_CHROMIUM
@pytest.mark.skipif(not REAL_LISTING.exists(), reason="needs the real listing in ../shared")
def test_the_real_listing_opens_from_disk(settings, tmp_path):
    assert run(settings, "hf_listing", [REAL_LISTING]).failures == []
    export_site(settings, tmp_path / "site", False, quiet)
    with chromium() as browser:
        page = browser.new_page()
        page.goto((tmp_path / "site" / "index.html").as_uri())
        page.screenshot(path=SCREENSHOTS / "export-home.png")
        page.get_by_role("link", name="Leaderboards", exact=True).click()
        page.locator("main li a").first.click()
        assert page.locator("table.entries tbody tr").count() > 0
        page.locator("table.entries tbody a").first.click()
        assert page.locator("mark").count() > 0
