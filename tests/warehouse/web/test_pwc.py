"""The public client of Papers with Code, unmodified, on our server: every method that it has."""

import json
import subprocess
from pathlib import Path

import pytest

from warehouse.settings import PROJECT, Settings
from warehouse.steps.pipeline import run

PYTHON = PROJECT / ".venv-pwc" / "bin" / "python"
ASK = Path(__file__).parent / "pwc_client" / "ask.py"
PAPER = "https://paperswithcode.com/paper/a-fast-way-of-sorting-stones"
# Files as Papers with Code left them, of things that there are not.
FILES = {
    "papers.json": [
        {
            "paper_url": PAPER, "arxiv_id": "2101.00001", "title": "A Fast Way of Sorting Stones",
            "abstract": "We sort stones by hand and by weight, and say how long it takes us on StoneBench.",
            "url_abs": "https://arxiv.org/abs/2101.00001", "url_pdf": "https://arxiv.org/pdf/2101.00001",
            "proceeding": "StoneCon 2021 6", "authors": ["Ann Mason", "Bo Quarry"], "tasks": ["Stone Sorting"],
            "date": "2021-01-01", "conference_url_abs": None, "methods": [],
        },
        {
            "paper_url": "https://paperswithcode.com/paper/stones-revisited", "arxiv_id": "2102.00002",
            "title": "Stones Revisited", "abstract": "We sort the same stones again, with more people and at night.",
            "url_abs": "https://arxiv.org/abs/2102.00002", "url_pdf": "https://arxiv.org/pdf/2102.00002",
            "proceeding": None, "authors": ["Ann Mason"], "tasks": ["Stone Sorting"], "date": "2021-02-01",
            "conference_url_abs": None, "methods": [],
        },
    ],
    "links.json": [
        {
            "paper_url": PAPER, "paper_title": "A Fast Way of Sorting Stones", "paper_arxiv_id": "2101.00001",
            "paper_url_abs": "https://arxiv.org/abs/2101.00001", "paper_url_pdf": None,
            "repo_url": f"https://github.com/stones/{name}", "is_official": name == "sorting",
            "mentioned_in_paper": True, "mentioned_in_github": True, "framework": "pytorch",
        }
        for name in ("resorting", "sorting")
    ],
    "tables.json": [
        {
            "task": "Stone Sorting", "categories": ["Geology"], "description": "",
            "datasets": [
                {
                    "dataset": "StoneBench",
                    "sota": {
                        "metrics": ["Accuracy", "Weight"],
                        "rows": [
                            {
                                "model_name": "QuickStone", "paper_title": "A Fast Way of Sorting Stones",
                                "paper_url": "https://arxiv.org/abs/2101.00001", "paper_date": "2021-01-01",
                                "metrics": {"Accuracy": "91.5%", "Weight": "12"}, "code_links": [],
                                "model_links": [], "uses_additional_data": True,
                            },
                            {
                                "model_name": "SlowStone", "paper_title": "Stones Revisited",
                                "paper_url": "https://arxiv.org/abs/2102.00002", "paper_date": "2021-02-01",
                                "metrics": {"Accuracy": "93.5%"}, "code_links": [], "model_links": [],
                                "uses_additional_data": False,
                            },
                        ],
                    },
                },
            ],
            "subtasks": [
                {
                    "task": "Pebble Sorting", "categories": [], "subtasks": [],
                    "datasets": [
                        {
                            "dataset": "PebbleBench",
                            "sota": {
                                "metrics": ["Accuracy"],
                                "rows": [{"model_name": "QuickStone", "paper_title": None, "paper_url": None,
                                          "paper_date": None, "metrics": {"Accuracy": "50%"}, "code_links": [],
                                          "model_links": [], "uses_additional_data": False}],
                            },
                        }
                    ],
                }
            ],
        }
    ],
    "methods.json": [
        {
            "url": "https://paperswithcode.com/method/quickstone", "name": "QuickStone",
            "full_name": "Quick Stone Sort", "description": "Sorts stones quickly.",
            "paper": {"title": "A Fast Way of Sorting Stones", "url": "https://arxiv.org/abs/2101.00001"},
            "introduced_year": 2021, "source_url": None,
            "source_title": None, "collections": [], "num_papers": 1, "code_snippet_url": "",
        }
    ],
    "datasets.json": [
        {
            "url": "https://paperswithcode.com/dataset/stonebench", "name": "StoneBench",
            "full_name": "A benchmark of stones", "homepage": "https://stones.example/bench",
            "description": "Stones.", "paper": None, "introduced_date": "2020-01-01", "tasks": [], "modalities": [],
            "languages": [], "variants": [], "num_papers": 1, "data_loaders": [], "warning": None,
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def stones(tmp_path_factory, serve):
    folder, settings = tmp_path_factory.mktemp("stones"), Settings(home=tmp_path_factory.mktemp("home"))
    for name, content in FILES.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    assert run(settings, "pwc", [folder]).failures == []
    return serve(settings)


@pytest.fixture(scope="module")
def answers(stones):
    if not PYTHON.exists():
        pytest.skip("needs the client in an environment of its own: make test-services")
    asked = subprocess.run(
        [PYTHON, ASK, str(stones.base_url).rstrip("/")],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": "/nowhere"},
    )
    return json.loads(asked.stdout)


LISTS = {
    "search": ["Stones Revisited", "A Fast Way of Sorting Stones"],
    "paper_list": ["A Fast Way of Sorting Stones"],
    "paper_dataset_list": ["StoneBench"],
    "paper_repository_list": ["sorting", "resorting"],
    "paper_task_list": ["Stone Sorting"],
    "paper_method_list": ["QuickStone"],
    "paper_result_list": ["QuickStone"],
    "repository_list": ["resorting", "sorting"],
    "repository_owner_list": ["resorting", "sorting"],
    "repository_paper_list": ["A Fast Way of Sorting Stones"],
    "author_list": ["Ann Mason"],
    "author_paper_list": ["Stones Revisited", "A Fast Way of Sorting Stones"],
    "conference_list": ["StoneCon"],
    "proceeding_list": ["stonecon-2021"],
    "proceeding_paper_list": ["A Fast Way of Sorting Stones"],
    "area_list": ["Geology"],
    "area_task_list": ["Pebble Sorting", "Stone Sorting"],
    "task_list": ["Stone Sorting"],
    "task_parent_list": ["Stone Sorting"],
    "task_child_list": ["Pebble Sorting"],
    "task_paper_list": ["Stones Revisited", "A Fast Way of Sorting Stones"],
    "task_evaluation_list": ["stone-sorting-on-stonebench"],
    "dataset_list": ["StoneBench"],
    "dataset_evaluation_list": ["stone-sorting-on-stonebench"],
    "method_list": ["QuickStone"],
    "evaluation_list": ["pebble-sorting-on-pebblebench", "stone-sorting-on-stonebench"],
    "evaluation_metric_list": ["accuracy", "weight"],
    "evaluation_result_list": ["SlowStone", "QuickStone"],
}  # fmt: skip
ONES = {
    "repository_get": {"url": "https://github.com/stones/sorting", "framework": "pytorch", "is_official": True},
    "author_get": {"id": "ann-mason", "full_name": "Ann Mason"},
    "conference_get": {"id": "stonecon", "name": "StoneCon"},
    "proceeding_get": {"id": "stonecon-2021", "year": 2021, "month": None},
    "area_get": {"id": "geology", "name": "Geology"},
    "task_get": {"id": "stone-sorting", "name": "Stone Sorting", "description": ""},
    "dataset_get": {"id": "stonebench", "full_name": "A benchmark of stones", "url": "https://stones.example/bench"},
    "method_get": {"id": "quickstone", "full_name": "Quick Stone Sort", "description": "Sorts stones quickly."},
    "evaluation_get": {"task": "stone-sorting", "dataset": "stonebench"},
    "evaluation_metric_get": {"id": "accuracy", "name": "accuracy", "is_loss": False},
    "evaluation_result_get": {"methodology": "SlowStone", "metrics": {"accuracy": "93.5%"}, "best_rank": 1},
    "paper_get": {
        "arxiv_id": "2101.00001",
        "url_abs": "https://arxiv.org/abs/2101.00001",
        "title": "A Fast Way of Sorting Stones",
        "authors": ["Ann Mason", "Bo Quarry"],
        "published": "2021-01-01",
        "conference": "stonecon",
        "proceeding": "stonecon-2021",
    },
}


def name_of(item):
    item = item["paper"] if isinstance(item.get("paper"), dict) else item
    return next(item[key] for key in ("name", "full_name", "title", "methodology", "id") if item.get(key))


@pytest.mark.parametrize("method", LISTS)
def test_lists_hold_what_there_is(answers, method):
    page = answers[method]
    assert sorted(map(name_of, page["results"])) == sorted(LISTS[method])
    if method == "paper_list":  # the second page, of one paper each
        assert (page["count"], page["previous_page"], page["next_page"]) == (2, 1, None)
    else:
        assert [name_of(each) for each in page["results"]] == LISTS[method]
        assert (page["count"], page["previous_page"], page["next_page"]) == (len(LISTS[method]), None, None)


@pytest.mark.parametrize("method", ONES)
def test_single_things_are_as_the_client_knows_them(answers, method):
    assert {name: answers[method][name] for name in ONES[method]} == ONES[method]


def test_a_search_gives_each_paper_its_own_repository(answers):
    found = {each["paper"]["title"]: each for each in answers["search"]["results"]}
    assert found["A Fast Way of Sorting Stones"]["repository"]["name"] == "sorting"
    assert found["A Fast Way of Sorting Stones"]["is_official"]
    assert found["Stones Revisited"]["repository"] is None


def test_results_hold_all_metrics_of_a_model(answers):
    (quick,) = answers["paper_result_list"]["results"]
    assert quick["metrics"] == {"accuracy": "91.5%", "weight": "12"}
    assert (quick["best_metric"], quick["uses_additional_data"], quick["evaluated_on"]) == (
        "accuracy", True, "2021-01-01",
    )  # fmt: skip


def test_nothing_is_written(answers):
    writes = [
        method
        for method in answers
        if method.rpartition("_")[2] in ("add", "create", "update", "delete", "synchronize")
    ]
    assert len(writes) == 16
    assert {answers[method] for method in writes} == {405}


def test_what_is_not_there_is_not_found(answers):
    assert (answers["paper_get of none"], answers["task_paper_list of none"]) == (404, 404)


def test_every_method_of_the_client_was_asked(answers):
    assert answers["methods not asked"] == []


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("/api/v1/papers/?ordering=published", "A Fast Way of Sorting Stones"),
        ("/api/v1/papers/?ordering=-published", "Stones Revisited"),
        ("/api/v1/papers/?ordering=-title,id", "Stones Revisited"),
        ("/api/v1/papers/?title=fast", "A Fast Way of Sorting Stones"),
        ("/api/v1/papers/?abstract=night", "Stones Revisited"),
        ("/api/v1/papers/?q=night+revisited", "Stones Revisited"),
        ("/api/v1/papers/?arxiv_id=2102.00002", "Stones Revisited"),
    ],
)
def test_lists_are_ordered_and_filtered(stones, address, first):
    assert stones.get(address).json()["results"][0]["title"] == first


def test_pages_lead_to_each_other(stones):
    page = stones.get("/api/v1/papers/?items_per_page=1").json()
    following = stones.get(page["next"]).json()
    assert following["previous"]
    assert following["next"] is None
    assert {each["results"][0]["title"] for each in (page, following)} == {
        "A Fast Way of Sorting Stones", "Stones Revisited",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/papers/?ordering=nothing", 400),
        ("/api/v1/papers/?ordering=title;drop", 422),
        ("/api/v1/papers/?page=0", 422),
        ("/api/v1/repositories/?stars=many", 400),
        ("/api/v1/evaluations/none/results/", 404),
        ("/api/v1/authors/nobody/papers/", 404),
        ("/api/v1/repositories/nobody/nothing/papers/", 404),
        ("/api/v1/conferences/none/proceedings/none/papers/", 404),
        ("/api/v1/nothing/", 404),
    ],
)
def test_what_is_asked_wrongly_is_refused(stones, address, status):
    answer = stones.get(address)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_paper_is_found_by_every_id_that_it_has(stones):
    paper = stones.get("/api/v1/papers/a-fast-way-of-sorting-stones/").json()
    for given in (paper["id"], "2101.00001"):
        assert stones.get(f"/api/v1/papers/{given}/").json() == paper
    assert stones.get("/api/v1/papers/stones-revisited/").json()["title"] == "Stones Revisited"
