"""Exports for those who keep evaluations: right in the eyes of their validators, and the same when they come back."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from warehouse.errors import UsageError
from warehouse.operations.evaluations import export_hub_results, export_records
from warehouse.settings import PROJECT, Settings
from warehouse.steps.pipeline import run
from warehouse.storage.connection import rows, scalar
from warehouse.storage.publication import open_publication

PYTHON = PROJECT / ".venv-validators" / "bin" / "python"
TITLE = "Sorting Stones by Weight"
ROW = {"model_name": "Gneiss", "metrics": {"Accuracy": "91.5"}, "paper_title": TITLE, "paper_url": ""}
TASK = {"task": "Sums", "subtasks": [], "datasets": [{"dataset": "GSM8K", "sota": {"rows": [ROW]}}]}
VALIDATE = Path(__file__).parent / "validators" / "validate_evaluations.py"


@pytest.fixture(scope="module")
def records(whole_sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluations") / "records"
    export_records(whole_sample, folder)
    return folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """What a paper with a model on the Hub gives, whose result is on a benchmark of the Hub."""
    folder = tmp_path_factory.mktemp("hub")
    page = folder / "2026-03-01.txt"
    page.write_text(
        "\n".join(
            f"{title}\nWe present a new model, which needs little memory. It reaches {value}% accuracy on GSM8K. The "
            f"weights are available at {url}.\n"
            for title, value, url in (
                (TITLE, 91.5, "https://huggingface.co/quarry/gneiss"),
                ("Sorting Sand by Weight", 95.5, "https://huggingface.co/../../x"),
                ("Sorting Silt by Weight", 96.5, "https://huggingface.co/docs/transformers"),
            )
        ),
        "utf-8",
    )
    settings = Settings(home=folder / "home")
    table = folder / "evaluation-tables.json"
    table.write_text(json.dumps([TASK]), "utf-8")
    assert run(settings, "hf_listing", [page]).failures == []
    assert run(settings, "pwc", [table]).failures == []
    assert export_hub_results(settings, folder / "results") == 1
    return folder / "results"


def test_each_sure_row_of_a_paper_is_in_one_record_with_its_evidence(records, whole_sample):
    files = sorted(records.rglob("*.json"))
    found = [result for file in files for result in json.loads(file.read_text("utf-8"))["evaluation_results"]]
    with open_publication(whole_sample) as connection:
        sure = rows(connection, "from leaderboard where rank is not null and paper_id is not null")
    assert {each["evaluation_result_id"] for each in found} == {each["entry_id"] for each in sure}
    assert len(found) == len(sure) > 10
    claimed = next(each for each in found if each["score_details"]["details"]["evidence_kind"] == "claim")
    details = claimed["score_details"]["details"]
    assert details["value_text"] in details["evidence"]
    assert details["place"].startswith("abstract, characters")


def test_a_folder_that_exists_is_left_alone(records, whole_sample):
    with pytest.raises(UsageError, match="exists"):
        export_records(whole_sample, records)


def test_a_models_repository_gets_its_results_with_their_paper(hub):
    (file,) = hub.rglob("*.yaml")
    assert str(file.relative_to(hub)) == "quarry/gneiss/.eval_results/paperhouse.yaml"
    (entry,) = yaml.safe_load(file.read_text("utf-8"))
    assert entry["dataset"] == {"id": "openai/gsm8k", "task_id": "gsm8k"}
    assert (entry["value"], entry["source"]["name"]) == (91.5, TITLE)


def test_what_leaves_comes_back_the_same(records, whole_sample, tmp_path):
    settings = Settings(home=tmp_path / "home")
    assert run(settings, "every_eval_ever", sorted(records.rglob("*.json"))).failures == []
    again = tmp_path / "again"
    export_records(settings, again)
    relations = {
        json.loads(file.read_text("utf-8"))["source_metadata"]["evaluator_relationship"]
        for folder in (records, again)
        for file in folder.rglob("*.json")
    }
    assert relations == {"first_party", "other"}  # what leaderboards of others report is not known to be the paper's
    with open_publication(settings) as back, open_publication(whole_sample) as there:
        read = "select dataset, metric, condition, value, value_text from {} order by all"
        sure = "leaderboard where rank is not null and paper_id is not null"
        assert (
            back.execute(read.format("fct_reported_results")).fetchall() == there.execute(read.format(sure)).fetchall()
        )
        assert scalar(back, "select count(*) from fct_reported_results where verification = 'self_reported'") > 5


def test_their_own_validators_accept_them(records, hub):
    if not (PROJECT / ".venv-validators" / "every-eval-ever").exists():
        pytest.skip("needs the validators in an environment of their own: make test-services")
    said = subprocess.run(
        [PYTHON, VALIDATE, records, hub],
        capture_output=True, text=True, check=True, env={"HOME": "/nowhere", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    found = json.loads(said.stdout.splitlines()[-1])
    assert found["problems"] == []
    assert found["records"] == len(list(records.rglob("*.json")))
    assert found["entries"] == [[["quarry", "gneiss"], 1]]
