"""A home with hostile names: every page that is linked is found, and each once, on the site and in an export; and
questions that would stop the site, or that a stranger's page asks."""

import concurrent.futures
import json
import os
import shutil
import time
from urllib.parse import quote, unquote, urlsplit

import httpx2
import pytest
from lxml import etree

from warehouse.settings import Settings
from warehouse.steps.pipeline import run
from warehouse.storage.publication import open_publication
from warehouse.web.export import _safe, export_site

NAMES = (
    "data", "data.json", "feed.atom", "50%", "C#", "what?", "a/b", "../../../../tmp/evil", "%2e%2e%2f.json", "Foo",
    "foo-5845b7d7", "con", "aux.txt", "line\nbreak", "x" * 400, "two  blanks", "\u202eright to left", "Überraschung",
)  # fmt: skip
DOIS = ("10.1234/a.json", "10.1234/../b", "10.1234//c", "10.1234/d?e#f%25", "10.1234/g.atom")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile site")
    settings = Settings(home=folder / "home")
    tables = [
        {
            "task": name,
            "subtasks": [],
            "datasets": [
                {
                    "dataset": name,
                    "sota": {
                        "rows": [
                            {"model_name": name, "metrics": {f"metric {name}": str(80 + row)}, "paper_title": "",
                             "paper_url": "", "paper_date": f"202{row}-01-01"}
                            for row in range(3 if name in NAMES else 1)
                        ]
                    },
                }
            ],
        }
        for name in (*NAMES, "..")
    ]  # fmt: skip
    papers = [
        {
            "corpusid": i,
            "title": f"On Sorting Stones of the Kind {doi}",
            "abstract": f"We sort {doi}. " * 9,
            "externalids": {"DOI": doi},
            "authors": [{"name": f"Ann {doi}"}],
        }
        for i, doi in enumerate(DOIS)
    ]  # fmt: skip
    (folder / "papers.jsonl").write_text("\n".join(map(json.dumps, papers)), "utf-8")
    assert run(settings, "semantic_scholar", [folder / "papers.jsonl"]).failures == []
    (folder / "evaluation-tables.json").write_text(json.dumps(tables), "utf-8")
    assert run(settings, "pwc", [folder / "evaluation-tables.json"]).failures == []
    return settings


@pytest.fixture(scope="module")
def hostile(serve, home):
    return serve(home)


def names_in(home, query):
    with open_publication(home) as connection:
        return {name for (name,) in connection.execute(query).fetchall()}


def crawl(site):
    """Every page that pages lead to, by its address."""
    waiting, pages = ["/", "/tasks"], {}
    while waiting:
        address = waiting.pop()
        if address in pages or address.startswith("/static/"):
            continue
        pages[address] = site.get(address)
        if "html" in pages[address].headers.get("content-type", ""):
            tree = etree.HTML(pages[address].text)
            waiting += [link for link in tree.xpath("//a/@href | //link/@href | //img/@src") if link.startswith("/")]
    return pages


def test_every_linked_page_is_found(hostile, home):
    pages = crawl(hostile)
    assert {address: page.status_code for address, page in pages.items() if page.status_code != 200} == {}
    datasets = names_in(home, "select distinct dataset from leaderboard")
    assert len(datasets) == len(NAMES)
    shown = {unquote(urlsplit(address).path.removeprefix("/datasets/")) for address in pages if
             address.startswith("/datasets/") and not urlsplit(address).path.endswith((".json", ".atom"))}  # fmt: skip
    assert datasets <= shown


def test_each_page_has_a_twin_of_its_own(hostile, home):
    for name in names_in(home, "select distinct dataset from leaderboard"):
        page = etree.HTML(hostile.get(f"/datasets/{quote(name, safe='')}").text)
        ours = hostile.get(f"/datasets/{quote(name, safe='').replace('.json', '%2Ejson')}.json")
        assert ours.json()["dataset"]["dataset"] == name
        assert page is not None
    for doi in names_in(home, "select paper_id from fct_papers"):
        path = quote(doi, safe="").replace(".json", "%2Ejson").replace(".atom", "%2Eatom")
        assert hostile.get(f"/papers/{path}.json").json()["paper"]["paper_id"] == doi
    missing = hostile.get("/datasets/nothing.json")
    assert (missing.status_code, "error" in missing.json()) == (404, True)


def test_every_page_of_an_export_is_found_and_is_its_own(home, tmp_path):
    folder = tmp_path / "site"
    export_site(home, folder, False, lambda *_: None)
    for page in folder.rglob("*.html"):
        for link in etree.HTML(page.read_text("utf-8")).xpath("//a/@href"):
            if not urlsplit(link).scheme and not link.startswith("#"):
                assert (page.parent / unquote(urlsplit(link).path)).is_file(), (page, link)
    assert len(list((folder / "datasets").iterdir())) == len(names_in(home, "select dataset from dim_datasets where "
        "claim_count > 0 union select dataset from leaderboard"))  # fmt: skip
    assert len(list((folder / "papers").iterdir())) == len(names_in(home, "select paper_id from fct_papers"))


def test_no_name_has_the_file_of_another():
    names = [*NAMES, "nul", "COM1", "lpt9.json", ".hidden", "..", "", "trailing."]
    files = [_safe(name) for name in names]
    assert len(set(files)) == len(files)
    assert not [file for file in files if file.split(".")[0] in ("con", "aux", "nul", "com1", "lpt9")]
    assert not [file for file in files if file.startswith(".") or file.endswith(".") or "/" in file]


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("127.0.0.1:8000", 200), ("localhost", 200), ("[::1]:8000", 200), ("10.0.0.7", 200),
     ("[", 421)],
)  # fmt: skip
def test_only_hosts_of_ours_are_answered(hostile, host, status):
    answer = hostile.get("/api/v1/papers/", headers={"Host": host})
    assert answer.status_code == status
    assert "evil" not in answer.text


def test_only_what_is_there_is_unchanged(hostile):
    first = hostile.get("/tasks")
    etag = first.headers["etag"]
    for known in (etag, f'"x", {etag}', "*", etag.removeprefix("W/")):
        assert hostile.get("/tasks", headers={"If-None-Match": known}).status_code == 304
    for path, status in (("/papers/none", 404), ("/", 200), ("/api/papers?limit=0", 422)):
        assert hostile.get(path, headers={"If-None-Match": etag}).status_code == status
    assert hostile.post("/api/v1/papers/", headers={"If-None-Match": etag}).status_code == 405


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/papers/?ordering=select", 400), ("/api/v1/papers/?ordering=-case", 400),
        ("/api/v1/papers/?ordering=user", 400), ("/api/v1/papers/?ordering=title", 200),
        ("/api/v1/papers/?page=10000000000000000000", 422), ("/api/v1/papers/?q=" + "a" * 300, 422),
        ("/api/search?q=x&year=99999999999999999999999999999999999999999999", 422),
        ("/api/v1/papers/?title=" + "a" * 300, 422),
    ],
)  # fmt: skip
def test_every_parameter_is_bounded(hostile, path, status):
    assert hostile.get(path).status_code == status


def test_styles_come_while_others_ask_much(hostile):
    words = "+".join(f"w{i}" for i in range(40))[:190]

    def ask(_):
        with httpx2.Client(base_url=hostile.base_url, timeout=60) as client:
            return client.get(f"/api/v1/papers/?q={words}").status_code

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(ask, i) for i in range(60)]
        start = time.monotonic()
        assert hostile.get("/static/explorer.css").status_code == 200
        assert time.monotonic() - start < 10
        assert {each.result() for each in asked} <= {200, 503}


def test_a_damaged_publication_is_told_in_words(serve, home, tmp_path):
    shutil.copytree(home.home, tmp_path / "copy", symlinks=True)
    file = (tmp_path / "copy" / "published" / "paperhouse.duckdb").resolve()
    file.chmod(0o644)
    file.write_bytes(os.urandom(20_000))
    answer = serve(Settings(home=tmp_path / "copy")).get("/")
    assert answer.status_code == 503
    assert "damaged" in answer.text
    assert str(tmp_path) not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
