"""What a publication has for people who only open a file: the report and the feeds; and the metrics of the semantic
layer."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from lxml import etree
from typer.testing import CliRunner

from tests.browser import NEEDS_CHROMIUM, SCREENSHOTS, chromium
from warehouse.cli import app as cli
from warehouse.digest.letters import as_html, as_text, digest
from warehouse.digest.subscribers import Subscriber
from warehouse.publishing.feeds import write_feeds
from warehouse.publishing.report import report
from warehouse.readers.metrics import run_metricflow
from warehouse.storage.connection import connect
from warehouse.storage.publication import open_publication
from warehouse.versions import DBT_PROJECT

ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOSTILE = "</title><script>alert(1)</script>\"' onload=x <img src=x onerror=alert(1)> {{ 7 * 7 }}"
NEEDS_MF = pytest.mark.skipif(
    not Path(sys.executable).with_name("mf").exists(), reason="needs the extra `metrics`: make extras"
)


@pytest.fixture
def hostile(whole_sample, tmp_path):
    """The publication with a title, evidence, names and an author that want to be more than text."""
    with connect(tmp_path / "hostile.duckdb") as connection:
        connection.execute(
            f"attach '{whole_sample.published / 'paperhouse.duckdb'}' as published (read_only); create schema marts"
        )
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts'"
        ).fetchall():
            connection.execute(f"create table marts.{table} as from published.marts.{table}")
        connection.execute("set search_path = 'marts'")
        connection.execute("update fct_papers set title = $1, abstract = $1, authors = [$1]", [HOSTILE])
        connection.execute("update fct_claimed_metrics set evidence = $1, metric = $1, value_text = $1", [HOSTILE])
        connection.execute("update leaderboard set title = $1, dataset = $1, metric = $1, evidence = $1", [HOSTILE])
        connection.execute("update brg_claim_datasets set dataset = $1", [HOSTILE])
        connection.execute("update load_history set original_name = $1", [HOSTILE])
        connection.execute(
            "update fct_repo_links set kind = $1, url = 'javascript:alert(1)' where kind <> 'repository'", [HOSTILE]
        )
        yield connection


def test_nothing_in_a_page_is_more_than_text(hostile, tmp_path):
    write_feeds(hostile, tmp_path / "feeds")
    news = digest(hostile, Subscriber(email="a@example.org", every="week"))
    for page in (report(hostile), as_html(news, "mailto:leave@example.org")):
        tree = etree.HTML(page)
        assert tree.xpath("//script | //img | //*[@onload] | //*[@onerror]") == []
        assert not [link for link in tree.xpath("//@href") if link.startswith("javascript")]
        assert "49" not in re.sub(r"\{\{ 7 \* 7 \}\}", "", "".join(tree.xpath("//h3//text()")))
    assert "\x1b" not in as_text(news, "mailto:leave@example.org")
    titles = etree.parse(tmp_path / "feeds" / "papers.atom").xpath("//a:entry/a:title/text()", namespaces=ATOM)
    assert set(titles) == {HOSTILE}


def test_the_report_needs_no_network_and_no_script(whole_sample):
    page = (whole_sample.published / "report.html").read_text("utf-8")
    assert not re.search(r"<script|src=|@import|url\(", page)
    assert page.count("<svg") == 5
    assert "CoCa: Contrastive Captioners" in page
    assert "91 percent" in page or "91.0 percent" in page
    assert "not known" in page  # the years of papers that are only known from a listing


@NEEDS_CHROMIUM
def test_the_report_is_drawn_whole(whole_sample):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 960, "height": 900})
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.on(
            "request", lambda request: problems.append(request.url) if not request.url.startswith("file:") else None
        )
        page.goto((whole_sample.published / "report.html").resolve().as_uri())
        page.screenshot(path=SCREENSHOTS / "report.png", full_page=True)
        assert problems == []
        assert page.locator("svg").count() == 5
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@NEEDS_CHROMIUM
@pytest.mark.parametrize(("width", "scheme"), [(600, "light"), (380, "dark")])
def test_the_digest_is_readable_in_narrow_and_dark_windows(whole_sample, tmp_path, width, scheme):
    with open_publication(whole_sample) as connection:
        news = digest(connection, Subscriber(email="a@example.org", every="week"))
    (tmp_path / "digest.html").write_text(as_html(news, "mailto:leave@example.org"), "utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.goto((tmp_path / "digest.html").as_uri())
        page.screenshot(path=SCREENSHOTS / f"digest-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}[scheme]


def test_the_feeds_are_of_their_formats(whole_sample):
    feed = etree.parse(whole_sample.published / "feeds" / "papers.atom").getroot()
    assert feed.tag == f"{{{ATOM['a']}}}feed"
    for needed in ("id", "title", "updated"):
        assert feed.find(f"a:{needed}", ATOM) is not None
        assert all(entry.find(f"a:{needed}", ATOM) is not None for entry in feed.iterfind("a:entry", ATOM))
    ids = feed.xpath("a:entry/a:id/text()", namespaces=ATOM)
    # All of it landed in the last days; what a leaderboard's row names alone is no news.
    query = "select paper_id from fct_papers where abstract is not null or last_listed_on is not null"
    with open_publication(whole_sample) as connection:
        assert sorted(ids) == sorted(f"urn:paperhouse:{paper}" for (paper,) in connection.execute(query).fetchall())
    assert len(feed.xpath("a:entry/a:link/@href", namespaces=ATOM)) == len(ids)
    items = json.loads((whole_sample.published / "feeds" / "papers.json").read_text("utf-8"))
    assert items["version"].startswith("https://jsonfeed.org/")
    assert [item["id"] for item in items["items"]] == ids


def test_open_shows_where_the_report_is_and_opens_it(whole_sample, monkeypatch):
    opened = []
    monkeypatch.setenv("PAPERHOUSE_HOME", str(whole_sample.home))
    monkeypatch.setattr(cli.typer, "launch", opened.append)
    done = CliRunner().invoke(cli.app, ["open"], catch_exceptions=False)
    assert done.output.strip().endswith("report.html")
    assert opened[0].startswith("file://")


@NEEDS_MF
def test_every_metric_is_answered_from_the_publication(whole_sample, tmp_path, capfd):
    semantic = yaml.safe_load((DBT_PROJECT / "models" / "semantic" / "semantic.yml").read_text("utf-8"))
    names = [metric["name"] for metric in semantic["metrics"]]
    assert (
        run_metricflow(whole_sample, "query", "--metrics", ",".join(names), "--csv", str(tmp_path / "answer.csv")) == 0
    )
    header, row = (tmp_path / "answer.csv").read_text("utf-8").splitlines()
    answer = dict(zip(header.split(","), map(float, row.split(",")), strict=True))
    with open_publication(whole_sample) as connection:
        papers, claims = connection.execute(
            "select (select count(*) from fct_papers), (select count(*) from fct_claimed_metrics)"
        ).fetchone()
    assert (answer["papers"], answer["claims"]) == (papers, claims)
    assert answer["claims_per_paper"] == pytest.approx(claims / papers)


def test_every_dashboard_is_an_exposure():
    exposures = yaml.safe_load((DBT_PROJECT / "models" / "semantic" / "exposures.yml").read_text("utf-8"))["exposures"]
    described = " ".join(exposure["description"] for exposure in exposures)
    assert all(
        f"bi/dashboards/{file.name}" in described for file in (DBT_PROJECT.parent / "bi" / "dashboards").glob("*.yml")
    )
