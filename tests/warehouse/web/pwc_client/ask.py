"""Asks a server by every method of the public client of Papers with Code; run by its own Python.

    ask.py URL

Writes an object: method → what it gave, or the error's name and status.
"""

import json
import sys

from paperswithcode import PapersWithCodeClient
from paperswithcode.models import (
    DatasetCreateRequest,
    DatasetUpdateRequest,
    EvaluationTableCreateRequest,
    EvaluationTableSyncRequest,
    EvaluationTableUpdateRequest,
    MetricCreateRequest,
    MetricUpdateRequest,
    ResultCreateRequest,
    ResultUpdateRequest,
    TaskCreateRequest,
    TaskUpdateRequest,
)
from tea_client.errors import HttpClientError

PAPER, REPOSITORY = "a-fast-way-of-sorting-stones", ("stones", "sorting")
EVALUATION = "stone-sorting-on-stonebench"

client = PapersWithCodeClient(url=sys.argv[1], token="a token that nobody needs")
results = client.evaluation_result_list(EVALUATION)
reads = {
    "search": {"q": "stones"},
    "paper_list": {"q": "stones", "items_per_page": 1, "page": 2},
    "paper_get": {"paper_id": PAPER},
    "paper_dataset_list": {"paper_id": PAPER},
    "paper_repository_list": {"paper_id": PAPER},
    "paper_task_list": {"paper_id": PAPER},
    "paper_method_list": {"paper_id": PAPER},
    "paper_result_list": {"paper_id": PAPER},
    "repository_list": {"q": "sort", "owner": "stones", "name": "sort", "stars": 0, "framework": "pytorch"},
    "repository_owner_list": {"owner": REPOSITORY[0]},
    "repository_get": {"owner": REPOSITORY[0], "name": REPOSITORY[1]},
    "repository_paper_list": {"owner": REPOSITORY[0], "name": REPOSITORY[1]},
    "author_list": {"q": "mason", "full_name": "Ann"},
    "author_get": {"author_id": "ann-mason"},
    "author_paper_list": {"author_id": "ann-mason"},
    "conference_list": {"q": "stonecon"},
    "conference_get": {"conference_id": "stonecon"},
    "proceeding_list": {"conference_id": "stonecon"},
    "proceeding_get": {"conference_id": "stonecon", "proceeding_id": "stonecon-2021"},
    "proceeding_paper_list": {"conference_id": "stonecon", "proceeding_id": "stonecon-2021"},
    "area_list": {"q": "geo", "name": "Geology"},
    "area_get": {"area_id": "geology"},
    "area_task_list": {"area_id": "geology"},
    "task_list": {"q": "sorting", "name": "Stone"},
    "task_get": {"task_id": "stone-sorting"},
    "task_parent_list": {"task_id": "pebble-sorting"},
    "task_child_list": {"task_id": "stone-sorting"},
    "task_paper_list": {"task_id": "stone-sorting"},
    "task_evaluation_list": {"task_id": "stone-sorting"},
    "dataset_list": {"q": "stone", "name": "StoneBench", "full_name": "stones"},
    "dataset_get": {"dataset_id": "stonebench"},
    "dataset_evaluation_list": {"dataset_id": "stonebench"},
    "method_list": {"q": "quick", "name": "QuickStone", "full_name": "quick"},
    "method_get": {"method_id": "quickstone"},
    "evaluation_list": {},
    "evaluation_get": {"evaluation_id": EVALUATION},
    "evaluation_metric_list": {"evaluation_id": EVALUATION},
    "evaluation_metric_get": {"evaluation_id": EVALUATION, "metric_id": "accuracy"},
    "evaluation_result_list": {"evaluation_id": EVALUATION},
    "evaluation_result_get": {"evaluation_id": EVALUATION, "result_id": results.results[0].id},
}
writes = {
    "task_add": [TaskCreateRequest(name="x")],
    "task_update": ["x", TaskUpdateRequest(name="x")],
    "task_delete": ["x"],
    "dataset_add": [DatasetCreateRequest(name="x")],
    "dataset_update": ["x", DatasetUpdateRequest(name="x")],
    "dataset_delete": ["x"],
    "evaluation_create": [EvaluationTableCreateRequest(task="x", dataset="x")],
    "evaluation_update": ["x", EvaluationTableUpdateRequest(description="x")],
    "evaluation_delete": ["x"],
    "evaluation_metric_add": ["x", MetricCreateRequest(name="x", description="", is_loss=False)],
    "evaluation_metric_update": ["x", "x", MetricUpdateRequest(name="x")],
    "evaluation_metric_delete": ["x", "x"],
    "evaluation_result_add": ["x", ResultCreateRequest(metrics={}, methodology="x")],
    "evaluation_result_update": ["x", "x", ResultUpdateRequest(methodology="x")],
    "evaluation_result_delete": ["x", "x"],
    "evaluation_synchronize": [EvaluationTableSyncRequest(task="x", dataset="x", metrics=[], results=[])],
}
answers = {}
for method, keywords in reads.items():
    try:
        answers[method] = json.loads(getattr(client, method)(**keywords).json())
    except HttpClientError as error:
        answers[method] = f"{error}"
for method, values in writes.items():
    try:
        answers[method] = getattr(client, method)(*values)
    except HttpClientError as error:
        answers[method] = error.status_code
for method, keywords in {"paper_get": {"paper_id": "none"}, "task_paper_list": {"task_id": "none"}}.items():
    try:
        answers[f"{method} of none"] = getattr(client, method)(**keywords)
    except HttpClientError as error:
        answers[f"{method} of none"] = error.status_code
answers["methods not asked"] = sorted(
    {name for name in dir(client) if not name.startswith("_") and callable(getattr(client, name))} - set(answers)
)
json.dump(answers, sys.stdout)
