"""Superset as `make bi` starts it, looked at in Chromium: every chart of every dashboard shows data."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import httpx2
import pytest
import yaml
from playwright.sync_api import expect

from bi.bundle import HERE, write_bundle
from bi.serve import BIN
from tests.browser import NEEDS_CHROMIUM, SCREENSHOTS, chromium
from tests.ports import free_port
from warehouse.settings import PROJECT, Settings
from warehouse.steps.publish import publish
from warehouse.storage.publication import publication_file

DASHBOARDS = {
    file.stem: yaml.safe_load(file.read_text("utf-8")) for file in sorted((HERE / "dashboards").glob("*.yml"))
}
NEEDS_SUPERSET = pytest.mark.skipif(not BIN.exists(), reason="needs Superset: make test-services")
EXPLORER = "http://127.0.0.1:8000"
BROKEN = "[data-test='error-message'], .ant-alert-error, .ant-empty, .missing-chart-container, .ant-result-error"


def charts(dashboard):
    return [chart for row in dashboard["rows"] for chart in row]


def test_the_bundle_is_whole_and_the_same_each_time(whole_sample, tmp_path):
    for name in ("a.zip", "b.zip"):
        write_bundle(publication_file(whole_sample), tmp_path / name, EXPLORER)
    with zipfile.ZipFile(tmp_path / "a.zip") as a, zipfile.ZipFile(tmp_path / "b.zip") as b:
        files = {name: yaml.safe_load(a.read(name)) for name in a.namelist()}
        assert files == {name: yaml.safe_load(b.read(name)) for name in b.namelist()}
    assert len([name for name in files if "/charts/" in name]) == sum(
        len(charts(dashboard)) for dashboard in DASHBOARDS.values()
    )
    uuids = [content["uuid"] for content in files.values() if "uuid" in content]
    assert len(uuids) == len(set(uuids))
    datasets = {content["uuid"] for name, content in files.items() if "/datasets/" in name}
    assert {content["dataset_uuid"] for name, content in files.items() if "/charts/" in name} <= datasets
    assert files["paperhouse/databases/paperhouse.yaml"]["extra"]["engine_params"]["connect_args"] == {
        "read_only": True
    }


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_column_of_a_dashboard_is_there(whole_sample, tmp_path, name):
    write_bundle(publication_file(whole_sample), tmp_path / "a.zip", EXPLORER)
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        columns = {
            dataset["table_name"]: {column["column_name"] for column in dataset["columns"]}
            for dataset in (yaml.safe_load(bundle.read(file)) for file in bundle.namelist() if "/datasets/" in file)
        }
    for chart in charts(DASHBOARDS[name]):
        named = [
            *chart.get("table", []),
            *(chart[kind] for kind in ("bars", "by", "pie") if kind in chart),
            chart.get("order", "").lstrip("-"),
        ]
        assert {each for each in named if each} <= columns[chart["dataset"]], chart["title"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_charts_of_a_row_fill_it(whole_sample, tmp_path, name):
    write_bundle(publication_file(whole_sample), tmp_path / "a.zip", EXPLORER)
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        position = yaml.safe_load(bundle.read(f"paperhouse/dashboards/{name}.yaml"))["position"]
    for row in position["GRID_ID"]["children"]:
        assert sum(position[key]["meta"]["width"] for key in position[row]["children"]) == 12


def test_no_part_of_a_stacked_bar_is_cut_off(whole_sample, tmp_path):
    write_bundle(publication_file(whole_sample), tmp_path / "a.zip", EXPLORER)
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        params = [yaml.safe_load(bundle.read(file))["params"] for file in bundle.namelist() if "/charts/" in file]
    stacked = [each["row_limit"] for each in params if each["viz_type"].endswith("_bar") and each["groupby"]]
    assert len(stacked) == 2
    assert set(stacked) == {1000}


@pytest.fixture(scope="module")
def superset(whole_sample, tmp_path_factory):
    """Superset over a copy of the whole sample's warehouse: its home and its address."""
    settings = Settings(home=tmp_path_factory.mktemp("bi") / "it's a home")
    shutil.copytree(whole_sample.home, settings.home, symlinks=True)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bi.serve", "--port", str(port)],
        env=os.environ | {"PAPERHOUSE_HOME": str(settings.home)}, cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        lines = iter(process.stdout.readline, "")
        assert any("stop it with" in line for line in lines), (settings.home / "superset" / "superset.log").read_text(
            "utf-8"
        )[-2000:]
        for _ in range(120):
            try:
                if httpx2.get(f"{address}/health", timeout=5).status_code == 200:
                    break
            except httpx2.TransportError:
                assert process.poll() is None, (settings.home / "superset" / "superset.log").read_text("utf-8")[-2000:]

                time.sleep(0.5)
        yield settings, address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@NEEDS_SUPERSET
@NEEDS_CHROMIUM
def test_every_chart_shows_data_and_follows_the_publications(superset):
    settings, address = superset
    password = settings.home / "superset" / "password"
    assert password.stat().st_mode & 0o777 == 0o600
    assert httpx2.get(f"{address}/api/v1/dashboard/").status_code in (401, 302)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"{address}/login/")
        page.fill("input[name=username], #username", "admin")
        page.fill("input[name=password], #password", password.read_text("utf-8"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/welcome/")
        for name, dashboard in DASHBOARDS.items():
            seen = opened(page, f"{address}/superset/dashboard/{name}/?standalone=2")
            page.screenshot(path=SCREENSHOTS / f"superset-{name}.png")
            assert page.locator("[data-test='grid-container']").locator(BROKEN).all_inner_texts() == [], name
            for chart in charts(dashboard):
                assert shows(page, chart), (name, chart["title"])
            assert dashboard["description"].split(",")[0].strip() in seen, name
            assert not re.search(r"\b[a-z]+_[a-z_]+\b", " ".join(page.locator("th").all_inner_texts())), name
            if name == "claims":
                link = card(page, "Evidence").locator("tbody a").first.get_attribute("href")
                assert re.fullmatch(f"{EXPLORER}/papers/[^/]+#claim-[0-9a-f]{{16}}", link)
        publish(settings)
        opened(page, f"{address}/superset/dashboard/overview/?standalone=2")
        assert card(page, "Publication").locator(".header-line").inner_text() == "2"


def opened(page, url):
    """The page once all of its charts have been drawn, as high as it is."""
    page.goto(url)
    grid = page.wait_for_selector("[data-test='grid-container']")
    page.set_viewport_size({"width": 1400, "height": min(4000, int(grid.evaluate("grid => grid.scrollHeight")) + 60)})
    page.wait_for_load_state("networkidle")
    expect(page.locator(".loading, [data-test=loading-indicator]")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(1500)
    return page.inner_text("[data-test='grid-container']")


def card(page, title):
    return (
        page.locator("[data-test='dashboard-component-chart-holder']")
        .filter(has=page.get_by_text(title, exact=True))
        .first
    )


def shows(page, chart):
    """Whether the chart has what its kind shows: a number, drawn bars or slices, rows."""
    place = card(page, chart["title"])
    if "number" in chart:
        return any(character.isdigit() for character in place.locator(".header-line").inner_text())
    if "table" in chart:
        return place.locator("tbody tr").count() > 0
    # A canvas with more than one colour on it.
    drawn = (
        "canvas => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, "
        "canvas.height).data.buffer)).size > 2"
    )
    return place.locator("canvas").first.evaluate(drawn)
