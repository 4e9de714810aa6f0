"""E-prints through the real steps: their tables in the marts, on the page, by version."""

import gzip
import json
import re

import pytest
from fastapi.testclient import TestClient

from tests.fuzzing.seeds import SEEDS
from tests.warehouse.steps.test_steps import marts
from warehouse.evaluation.results import export_results
from warehouse.readers.explain_cells import explain_cell
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.publish import publish
from warehouse.storage.publication import open_publication
from warehouse.web.app import create_app

TEX = gzip.decompress(SEEDS["arxiv_source"]()[0])


def take_in(settings, folder, **files):
    for name, tex in files.items():
        (folder / f"{name.replace('_', '.')}.gz").write_bytes(gzip.compress(tex))
        for batch in land(settings, "arxiv_source", [folder / f"{name.replace('_', '.')}.gz"]):
            for step in (parse, check, load):
                step(settings, batch)
    build(settings)
    audit(settings)
    publish(settings)


def query(settings, sql):
    with open_publication(settings) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def published(settings, tmp_path):
    # Of the other nothing is known that a leaderboard has.
    other = TEX.replace(b"Sorting Stones by Weight", b"Painting Walls at Night").replace(b"ImageNet", b"Walls")
    take_in(settings, tmp_path, **{"2401_00001v1": TEX, "2401_00002": other})
    return settings


def test_numbers_stand_with_heads_and_place(published):
    rows = query(published, "select row_path, column_path, value, is_bold, file, line from table_of('2401.00001', 1)")
    assert rows == [
        (["Scales"], ["ImageNet", "Top-1"], 76.1, False, "main.tex", 10),
        (["Scales"], ["ImageNet", "Top-5"], 92.0, False, "main.tex", 10),
        (["StoneSort"], ["ImageNet", "Top-1"], 79.3, True, "main.tex", 10),
    ]
    assert query(published, "select title from fct_papers order by all") == [
        ("Painting Walls at Night",),
        ("Sorting Stones by Weight",),
    ]


def test_a_new_version_replaces_the_tables_and_an_increment_is_as_a_whole_build(published, tmp_path):
    take_in(published, tmp_path, **{"2401_00001v2": TEX.replace(b"79.3", b"80.4").replace(b"Accuracy of", b"Error of")})
    assert query(published, "select paper_version, caption from fct_tables where paper_id = '2401.00001'") == [
        (2, "Error of StoneSort.")
    ]
    assert {value for (value,) in query(published, "select value from table_of('2401.00001', 1)")} == {76.1, 92.0, 80.4}
    grown = marts(published)
    build(published, full_refresh=True)
    assert marts(published) == grown


def test_the_page_of_a_paper_shows_its_tables(published):
    (dataset,) = query(published, "select min(dataset) from fct_table_results")[0]
    with TestClient(create_app(published), base_url="http://127.0.0.1") as site:
        page = site.get("/papers/2401.00001").text
        twin = site.get("/papers/2401.00001.json").json()
        of_dataset = site.get(f"/datasets/{dataset}").text
    assert "in the tables of" in of_dataset
    assert "What a leaderboard would take of them" in page
    assert "Table 1: Accuracy of StoneSort." in page
    assert "<b>79.3</b>" in page
    assert [cell["value_text"] for cell in twin["table_cells"]] == ["76.1", "92.0 ± 0.1", "79.3"]


def test_what_is_linked_stands_in_cells_results_and_on_the_leaderboard(published):
    cells = query(published, "select value_text, metric, dataset, is_own, model from table_of('2401.00001', 1)")
    assert {metric for _, metric, *_ in cells[::2]} == {"accuracy"}
    assert all(dataset.startswith("ImageNet") for _, _, dataset, *_ in cells)
    assert [(is_own, model) for *_, is_own, model in cells] == [
        (False, "Scales"),
        (False, "Scales"),
        (True, "StoneSort"),
    ]
    taken = query(
        published, "select value_text, model, file, line from results_of('2401.00001') where dataset like 'ImageNet%'"
    )
    assert ("79.3", "StoneSort", "main.tex", 10) in taken


def test_claims_are_held_against_tables_and_rivals_numbers_are_evidence_for_the_rival(whole_sample):
    checks = (
        "select claimed_text, outcome, result_evidence from claim_checks where checked_against = 'table' order by 1"
    )
    assert query(whole_sample, checks)[-1] == ("91.7%", "agree", "Table 2 / CIFAR-100 / EfficientNet-B7")
    quoted = query(
        whole_sample, "select model, len(quoted_cell_ids) from leaderboard where quoted_by_count = 1 order by 1"
    )
    assert quoted == [("Inception-v3", 1), ("NASNet-A", 1), ("ResNeXt-101 64x4d", 1), ("Xception", 1)]
    (paper_id,) = query(whole_sample, "select paper_id from fct_papers where title like 'EfficientNet%'")[0]
    with TestClient(create_app(whole_sample), base_url="http://127.0.0.1") as site:
        page = site.get(f"/papers/{paper_id}").text
        board = site.get("/datasets/ImageNet?metric=accuracy&unit=percent&task=Image+Classification").text
    assert re.search(r"as in <a href=\"#cell-\w+\">Table 1 / EfficientNet-B7 / Top-1 Acc.</a>", page)
    assert "differs from 84.4%" in page
    assert board.count("quoted by 1 paper") == 4


def test_what_is_exported_names_every_paper_with_a_source(published):
    with open_publication(published) as connection:
        lines = [json.loads(line) for line in export_results(connection)]
    assert [line["arxiv_id"] for line in lines] == ["2401.00001v1", "2401.00002"]
    assert all(set(result) == {"task", "dataset", "metric", "score"} for line in lines for result in line["results"])


def test_a_cell_is_explained_by_what_was_proposed(published):
    with open_publication(published) as connection:
        (cell_id,) = connection.execute("select cell_id from table_of('2401.00001', 1) where is_bold").fetchone()
        facts = explain_cell(published, connection, cell_id[:12])
    assert (facts["value_text"], facts["title"]) == ("79.3", "Sorting Stones by Weight")
    assert any(each["dataset"] == "ImageNet" for each in facts["proposals"])
    assert sum(bool(each["log_odds"]) for each in facts["choice"]["features"]) > 3
