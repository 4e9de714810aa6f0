"""The explorer by a real server on loopback, and in Chromium: pages, twins, headers, limits, and new publications."""

import re
import subprocess
from datetime import date, timedelta

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.browser import NEEDS_CHROMIUM, SCREENSHOTS, chromium
from tests.warehouse.web.conftest import PAPERHOUSE
from warehouse.errors import UsageError
from warehouse.readers.marking import mark_places
from warehouse.steps.pipeline import run
from warehouse.storage.publication import read_last_version
from warehouse.versions import read_model_name
from warehouse.web.publications import Publications

EFFICIENT_NET = "/papers/title:af11aa07d783aaa3"
SCREEN = {"width": 1280, "height": 860}
CODEX = "/papers/title:eab1ccffff70332f"
PAGES = {
    "/": "What papers claim",
    "/search?q=low-rank": "low-rank",
    "/search?q=faster&kind=claims": "faster",
    EFFICIENT_NET: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    "/datasets/ImageNet": "ImageNet",
    "/datasets/ImageNet?metric=accuracy&unit=percent&task=Image+Classification": "ImageNet, accuracy",
    "/metrics/accuracy": "accuracy",
    "/tasks": "Leaderboards",
    "/tasks/Image%20Classification": "Image Classification",
    "/authors/tri%20dao": "Tri Dao",
    "/how": "How we know",
    "/datasets": "Datasets",
    "/metrics?q=acc": "Metrics",
    "/authors": "Authors",
    "/papers?page=1": "Papers",
    "/rising": "Rising benchmarks",
    "/disagreements": "Numbers that do not agree",
    "/api": "API",
}


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_title_and_a_twin_as_json(site, address):
    page = site.get(address)
    assert page.status_code == 200
    tree = etree.HTML(page.text)
    assert tree.findtext(".//title") == f"{PAGES[address]} · paperhouse"
    assert len(tree.findall(".//h1")) == 1
    (twin,) = tree.xpath("//link[@type='application/json']/@href")
    if address == "/api":
        return  # its description has another form: test_api.py
    answer = site.get(twin)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["publication"]["version"] == 1
    assert site.head(address).status_code == 200
    assert {
        link for link in tree.xpath("//@href") if link.startswith("/") and site.get(link).status_code != 200
    } == set()


def test_no_page_of_a_paper_leads_nowhere(site):
    papers = [each["paper_id"] for each in site.get("/api/papers?limit=1000").json()["items"]]
    trees = [etree.HTML(site.get(f"/papers/{paper_id}").text) for paper_id in papers]
    links = {link for tree in trees for link in tree.xpath("//@href") if link.startswith("/")}
    assert len(links) > 140  # without the extra `meaning` no page leads to similar papers
    assert {link for link in links if site.get(link).status_code != 200} == set()


def test_a_leaderboard_holds_claims_and_results(site):
    entries = site.get("/datasets/ImageNet.json?metric=accuracy&unit=percent&task=Image+Classification").json()[
        "entries"
    ]
    assert len(entries) == 11
    assert [(each["rank"], each["evidence_kind"], each["model"]) for each in entries[:3]] == [
        (1, "both", "ViT-H/14"),
        (2, "both", "MAE (ViT-H)"),
        (3, "reported", "GPipe (AmoebaNet-B)"),
    ]


def test_a_board_of_other_conditions_is_a_tab_and_its_address_works_without_task_and_unit(site):
    page = etree.HTML(site.get("/datasets/ImageNet?metric=accuracy").text)
    tabs = {tab.text.strip(): tab.get("href") for tab in page.xpath("//nav[@class='tabs']/a")}
    assert list(tabs) == ["no condition named", "extra data", "certified"]
    of_more_data = site.get(tabs["extra data"].replace("ImageNet?", "ImageNet.json?")).json()
    assert [(each["rank"], each["model"]) for each in of_more_data["entries"][:2]] == [
        (1, "CoCa"),
        (2, "Model soups (BASIC-L)"),
    ]
    assert of_more_data["condition"] == "extra data"
    assert site.get("/datasets/ImageNet?metric=accuracy&condition=nonsense").status_code == 404


def test_a_claim_and_a_cell_have_an_address(site):
    (claim, *_) = site.get("/api/claims?limit=1").json()["items"]
    (cell, *_) = site.get("/api/cells?limit=1").json()["items"]
    for kind, each in (("claim", claim), ("cell", cell)):
        identifier = each[f"{kind}_id"]
        answer = site.get(f"/{kind}s/{identifier}")
        assert answer.status_code == 303
        place, _, anchor = answer.headers["location"].partition("#")
        assert f'id="{anchor}"' in site.get(place).text
        assert site.get(f"/{kind}s/nothing").status_code == 404


def test_what_is_not_there_offers_a_search_and_near_names(site):
    answer = site.get("/datasets/imagene")
    assert answer.status_code == 404
    links = etree.HTML(answer.text).xpath("//main//a/@href")
    assert "/datasets/ImageNet" in links
    assert "/search?q=imagene" in links


def test_a_search_for_a_dataset_leads_to_it_first(site):
    links = etree.HTML(site.get("/search?q=ImageNet").text).xpath("//main//a/@href")
    assert links[0] == "/datasets/ImageNet"


def test_lists_are_filtered_by_letters(site):
    names = [each["name"] for each in site.get("/datasets.json?q=imagenet").json()["items"]]
    assert names[0] == "ImageNet"
    assert site.get("/papers.json?q=no+such+title").json()["items"] == []
    assert site.get("/authors?page=0").status_code == 422


def test_claims_are_marked_in_the_abstract_each_with_a_card(site):
    tree = etree.HTML(site.get(EFFICIENT_NET).text)
    marks = [mark.text for mark in tree.xpath("//p[@class='abstract']//mark")]
    assert marks == ["84.3%", "8.4x", "6.1x", "91.7%"]
    assert "accuracy" in "".join(tree.xpath("(//span[@class='card'])[1]//text()"))


def test_the_state_of_a_link_is_shown(site):
    (found,) = (each for each in site.get("/search.json?q=qlora").json()["found"] if each["title"].startswith("QLoRA"))
    page = site.get(f"/papers/{found['paper_id']}").text
    assert 'class="tag gone"' in page
    assert 'class="tag moved"' in page


def test_a_curve_is_drawn_of_dated_entries(site):
    address = "/curve.svg?dataset=ImageNet&metric=accuracy&unit=percent&task=Image+Classification"
    picture = site.get(address)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert etree.fromstring(picture.content).tag.endswith("svg")
    assert site.get("/curve.svg?dataset=Nothing&metric=accuracy&unit=percent").status_code == 404


def test_browsers_are_told_to_run_our_script_alone_and_to_guess_no_type(site):
    for address in ("/", "/index.json", "/static/explorer.css", "/nothing", "/api/papers", "/api/v1/papers/"):
        headers = site.get(address).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    page = site.get(EFFICIENT_NET).text
    assert re.findall("<script(?! type=.application/ld.json)[^>]*>", page) == [
        '<script src="/static/explorer.js" defer>'
    ]
    assert not re.search(r"\son\w+=|style=", page)


def test_check_pages_are_shown_in_a_sandbox(site):
    tree = etree.HTML(site.get("/how").text)
    (audit,) = tree.xpath("//section/p/a[starts-with(@href, '/checks/audits/')]/@href")
    loads = tree.xpath("//td/a[starts-with(@href, '/checks/batches/')]/@href")
    assert loads
    for page in (audit, *loads):
        answer = site.get(page)
        assert (answer.status_code, "Great Expectations" in answer.text) == (200, True)
        assert "sandbox" in answer.headers["content-security-policy"]
    assert "etag" in site.get("/how").headers
    assert site.get("/checks/../logs/paperhouse.jsonl").status_code == 404
    assert site.get("/checks/..%2flogs%2fpaperhouse.jsonl").status_code == 404


def test_names_are_suggested_while_one_types(site):
    names = site.get("/suggest?q=image").json()["names"]
    assert names[0] == {"kind": "datasets", "name": "ImageNet", "page": "/datasets/ImageNet"}
    assert {"kind": "tasks", "name": "Image Classification", "page": "/tasks/Image%20Classification"} in names
    (paper,) = site.get("/suggest?q=EFFICIENTNET:").json()["names"]
    assert paper["kind"] == "papers"
    assert paper["name"] in site.get(paper["page"]).text
    assert site.get("/suggest?q=%20").json()["names"] == []


def test_a_search_offers_the_sources_that_are_loaded(site):
    def offered(address):
        options = etree.HTML(site.get(address).text).xpath("//select[@name='source']/option")
        return [option.get("value", option.text) for option in options], [
            option.get("value", option.text) for option in options if "selected" in option.attrib
        ]

    loaded = {each["source"] for each in site.get("/index.json").json()["sources"]}
    names, chosen = offered("/search?q=low-rank&source=hf_daily")
    assert ({*names}, chosen) == ({"", *loaded}, ["hf_daily"])
    assert offered("/search?q=low-rank&source=dblp")[1] == ["dblp"], (
        "what is asked for is shown, though it is not loaded"
    )


def test_home_says_by_when_a_source_is_expected_again(site):
    sources = {each["source"]: each for each in site.get("/index.json").json()["sources"]}
    daily = sources["hf_daily"]
    last_day = date.fromisoformat(daily["last_load_at"][:10])
    assert daily["expected_by"] == (last_day + timedelta(days=4)).isoformat()
    assert sources["pwc"]["expected_by"] is None, "its dumps are frozen"


def test_more_results_are_a_click_away(site):
    tree = etree.HTML(site.get("/search?q=learning&most=3").text)
    (more,) = tree.xpath("//a[text()='Show more']/@href")
    assert len(site.get(more).json() if ".json" in more else etree.HTML(site.get(more).text).xpath("//ol/li")) > 3


@pytest.mark.parametrize(
    ("address", "first"),
    [("/authors/tri%20dao.atom", "Mamba"), ("/datasets/ImageNet.atom", "CoCa")],
)
def test_pages_that_list_new_things_have_a_feed(site, address, first):
    feed = site.get(address)
    assert feed.headers["content-type"] == "application/atom+xml"
    tree = etree.fromstring(feed.content)
    titles = [each.text for each in tree.iterfind(".//{*}entry/{*}title")]
    assert first in titles[0]
    page = etree.HTML(site.get(address.removesuffix(".atom")).text)
    assert address in page.xpath("//link[@type='application/atom+xml']/@href")
    for link in tree.xpath("//*[local-name()='link']/@href"):
        assert site.get(link).status_code == 200


@pytest.mark.skipif(read_model_name() is None, reason="needs the extra `meaning`: make extras")
def test_papers_are_found_by_meaning_and_have_similar_ones(site):
    found = site.get("/search.json?q=attention+transformer&kind=meaning").json()["found"]
    assert "transformer" in found[0]["title"].lower()
    assert {
        each["repo_link_count"] > 0
        for each in site.get("/search.json?q=making+attention+cheaper&kind=meaning&code=yes").json()["found"]
    } == {True}
    similar = site.get(f"/similar/{found[0]['paper_id']}.json").json()
    assert similar["paper"]["paper_id"] == found[0]["paper_id"]
    assert found[0]["paper_id"] not in {each["paper_id"] for each in similar["found"]}
    assert site.get("/similar/none-of-ours").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(site, method):
    assert site.request(method, "/papers/x").status_code == 405


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing", 404),
        ("/papers/none-of-ours", 404),
        ("/papers/none-of-ours.json", 404),
        ("/static/../app.py", 404),
        ("/static/..%2fapp.py", 404),
        ("/static/%2e%2e/%2e%2e/settings.py", 404),
        (f"/search?q={'x' * 201}", 422),
        ("/search?year=soon", 422),
        ("/search?kind=secrets", 422),
        ("/search.json?year=soon", 422),
        ("/datasets/' or 1=1 --", 404),
        ("/authors/'; drop table fct_papers; --", 404),
    ],
)
def test_what_is_not_there_or_not_asked_well_is_refused_in_words(site, address, status):
    answer = site.get(address)
    assert answer.status_code == status
    if ".json" in address:
        assert answer.json()["error"]
    elif not address.startswith("/static"):
        assert etree.HTML(answer.text).findtext(".//h1")
    assert "Traceback" not in answer.text


def test_who_has_the_page_of_this_publication_gets_no_second_one(site):
    etag = site.get("/tasks").headers["etag"]
    again = site.get("/tasks", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_what_others_wrote_is_shown_as_text(serve, settings, listing):
    title = "<script>alert(1)</script> Stones {{ 7 * 7 }}"
    abstract = (
        "<img src=x onerror=alert(1)> We sort stones. It gains 3.1% accuracy on ImageNet, over \"quotes\" & 'more'. "
        'Code: https://github.com/a/b?x="><script>alert(2)</script>'
    )
    assert run(settings, "hf_listing", [listing((title, abstract))]).failures == []
    client = serve(settings)
    (found,) = client.get("/search.json?q=stones").json()["found"]
    for address in ("/", "/search?q=stones", f"/papers/{found['paper_id']}"):
        tree = etree.HTML(client.get(address).text)
        assert (
            tree.xpath("//script[not(@src) and not(@type='application/ld+json')] | //img[@src='x'] | //*[@onerror]")
            == []
        )
        assert not [link for link in tree.xpath("//@href") if link.startswith("javascript")]


def test_a_new_publication_appears_without_a_restart(serve, warehouse_copy, listing):
    client, before = serve(warehouse_copy), read_last_version(warehouse_copy)
    first = client.get("/index.json")
    page = listing(("On Sorting Stones", "We sort stones by hand and say how long it takes us. " * 3))
    assert run(warehouse_copy, "hf_listing", [page]).failures == []
    second = client.get("/index.json", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert [each.json()["publication"]["version"] for each in (first, second)] == [before, before + 1]
    assert second.json()["counts"]["papers"] == first.json()["counts"]["papers"] + 1


def test_a_request_keeps_the_publication_that_it_began_with(warehouse_copy, listing):
    publications = Publications(warehouse_copy)
    count = "select count(*) from fct_papers"
    with publications.reading() as old:
        papers = old.execute(count).fetchone()[0]
        page = listing(("On Sorting Stones", "We sort stones by hand and say how long it takes us. " * 3))
        run(warehouse_copy, "hf_listing", [page])
        with publications.reading() as new:
            assert new.execute(count).fetchone()[0] == papers + 1
        assert old.execute(count).fetchone()[0] == papers


@pytest.mark.parametrize(
    "statement",
    [
        "from read_text('/etc/passwd')",
        "copy fct_papers to '/tmp/papers.csv'",
        "attach '/tmp/x.duckdb'",
        "set enable_external_access = true",
        "install httpfs",
        "delete from fct_papers",
        "create table marts.x as select 1",
    ],
)
def test_a_query_could_neither_write_nor_read_a_file(whole_sample, statement):
    with Publications(whole_sample).reading() as reading, pytest.raises(duckdb.Error):
        reading.execute(statement)


def test_what_takes_too_long_is_given_up(whole_sample):
    publications = Publications(whole_sample.model_copy(update={"web_query_seconds": 0.2}))
    with pytest.raises(TimeoutError), publications.reading() as reading:
        reading.execute("select sum(a.range * b.range) from range(1000000) a, range(1000000) b").fetchall()
    with publications.reading() as reading:
        assert reading.execute("select 1").fetchone() == (1,)


def test_without_a_publication_the_way_out_is_named(serve, settings):
    with pytest.raises(UsageError), Publications(settings).reading():
        pass
    answer = serve(settings).get("/")
    assert answer.status_code == 503
    assert "make run" in answer.text


def test_a_port_in_use_is_reported(site, whole_sample):
    command = [PAPERHOUSE, "web", "--port", str(site.base_url.port)]
    done = subprocess.run(
        command, env={"PAPERHOUSE_HOME": str(whole_sample.home)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--port" in done.stderr


places = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda each: (each[0], each[0] + each[1])))


@given(st.text(min_size=50, max_size=60), places, places)
def test_pieces_make_up_the_text(text, claims, links):
    def as_places(found):
        return [{"char_start": start, "char_end": end} for start, end in found]

    pieces = mark_places(text, as_places(claims), as_places(links))
    assert "".join(piece.text for piece in pieces) == text
    assert all(
        text[claim["char_start"] : claim["char_end"]] == piece.text for piece in pieces for claim in piece.claims
    )


def url(site):
    return str(site.base_url).rstrip("/")


@NEEDS_CHROMIUM
def test_pages_are_accessible_and_fit_in_light_and_dark_on_screens_and_phones(site):
    """axe-core finds no violation of WCAG A and AA; nothing is wider than the screen; no address fails."""
    with chromium() as browser:
        for scheme in ("light", "dark"):
            for width in (1280, 390):
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page, errors = context.new_page(), []
                page.on("console", lambda message, errors=errors: errors.append(message.text))
                for number, address in enumerate(PAGES):
                    page.goto(f"{url(site)}{address}")
                    page.screenshot(path=SCREENSHOTS / f"web-{number}-{width}-{scheme}.png")
                    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
                    assert found.violations_count == 0, (address, scheme, width, found.generate_report())
                    assert page.evaluate("document.documentElement.scrollWidth") == width, address
                assert errors == []


@NEEDS_CHROMIUM
def test_a_number_of_a_table_that_is_taken_has_a_card(site):
    with chromium() as browser:
        page = browser.new_page(viewport=SCREEN)
        page.goto(f"{url(site)}{CODEX}")
        cell = page.locator("td[data-taken]", has_text="28.81%")
        assert not cell.locator(".card").is_visible()
        cell.scroll_into_view_if_needed()
        cell.locator(".claim").focus()
        assert cell.locator(".card").is_visible()
        assert "Pass@1 on HumanEval" in cell.locator(".card").inner_text()
        assert "Table 1, row Ours, Codex-12B, column Pass@k, k=1; main.tex, line" in cell.locator(".card").inner_text()
        page.screenshot(path=SCREENSHOTS / "explorer-table.png")


@NEEDS_CHROMIUM
def test_a_card_opens_by_keyboard_and_by_pointer(site):
    with chromium() as browser:
        page = browser.new_page(viewport=SCREEN)
        page.goto(f"{url(site)}{EFFICIENT_NET}")
        card = page.locator(".card").first
        assert not card.is_visible()
        page.locator(".claim").first.focus()
        assert card.is_visible()
        page.screenshot(path=SCREENSHOTS / "explorer-paper.png")
        page.keyboard.press("Tab")  # into the card, to its link
        assert page.evaluate("document.activeElement.textContent") == "ImageNet"
        page.locator(".claim").nth(1).hover()
        second = page.locator(".card").nth(1)
        assert second.is_visible()
        page.keyboard.press("Escape")
        assert [second.is_visible(), card.is_visible()] == [False, False]
        page.locator(".claim").nth(2).hover()
        page.locator(".claim").nth(1).hover()
        assert second.is_visible()


@NEEDS_CHROMIUM
def test_tables_are_sorted_by_keyboard_and_names_open_their_pages(site):
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{url(site)}/datasets/ImageNet?metric=accuracy&unit=percent&task=Image+Classification")
        page.set_viewport_size({"width": 1280, "height": 1100})
        page.screenshot(path=SCREENSHOTS / "explorer-leaderboard.png")
        head, cells = page.locator("th button").nth(1), page.locator("tbody td:nth-child(2)")
        assert cells.first.inner_text() == "88.55 %"
        head.focus()
        page.keyboard.press("Enter")
        assert cells.first.inner_text() == "76.5 %"
        page.keyboard.press("Enter")
        assert cells.first.inner_text() == "88.55 %"
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        field = page.locator("#q")
        with page.expect_response("**/suggest?q=mni*"):
            field.press_sequentially("mnis")
        page.wait_for_selector("#names option", state="attached")
        field.fill(page.locator("#names option").first.get_attribute("value"))
        page.wait_for_url("**/datasets/MNIST")
