"""Parquet files of Papers with Code give what the JSON of the same data gives."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.formats import iter_parquet
from transforms.formats.files import BrokenFileError
from transforms.frames import Parsed
from warehouse.upstream.sources import read_source

Objects = list[dict[str, Any]]
ROWS = [
    {
        "model_name": "QuickStone", "paper_title": "Sorting Stones", "paper_url": "https://arxiv.org/abs/2101.00001",
        "paper_date": "2021-01-01", "metrics": {"Accuracy": "91.5%", "Weight": "12"}, "model_links": [],
        "code_links": [{"title": "stones/sorting", "url": "https://github.com/stones/sorting"}],
        "uses_additional_data": True,
    },
    {
        "model_name": "SlowStone", "paper_title": None, "paper_url": None, "paper_date": None,
        "metrics": {"Accuracy": "93.5%"}, "model_links": [], "code_links": [], "uses_additional_data": False,
    },
]  # fmt: skip
BOARD = {
    "dataset": "StoneBench", "description": "Stones of four kinds.", "dataset_citations": [], "subdatasets": [],
    "dataset_links": [{"title": "its page", "url": "https://stones.example"}],
    "sota": {"metrics": ["Accuracy", "Weight"], "rows": ROWS},
}  # fmt: skip
DUMPS: dict[str, Objects] = {
    "papers": [
        {
            "paper_url": "https://paperswithcode.com/paper/stones", "arxiv_id": "2101.00001", "title": "Sorting Stones",
            "abstract": "[1] stones are sorted by weight.", "authors": ["Ann Mason"], "tasks": ["Stone Sorting"],
            "date": "2021-01-01", "proceeding": "StoneCon 2021 6", "methods": [],
        },
        {
            "paper_url": "https://paperswithcode.com/paper/more", "arxiv_id": None, "title": "More Stones",
            "abstract": None, "authors": [], "tasks": [], "date": None, "proceeding": None, "methods": [],
        },
    ],
    "links": [
        {
            "paper_url": "https://paperswithcode.com/paper/stones", "paper_title": "Sorting Stones",
            "paper_arxiv_id": "2101.00001", "paper_url_abs": None, "paper_url_pdf": None, "framework": "none",
            "repo_url": "https://github.com/stones/sorting", "is_official": True, "mentioned_in_paper": True,
        }
    ],
    "evaluation_tables": [
        {
            "task": "Stone Sorting", "categories": ["Geology"], "description": "Put stones in order.",
            "datasets": [BOARD], "synonyms": [], "source_link": None,
            "subtasks": [
                {"task": "Pebble Sorting", "categories": [], "description": "", "datasets": [BOARD], "subtasks": []}
            ],
        }
    ],
    "methods": [
        {
            "name": "QuickStone", "full_name": "Quick Stone Sort", "description": "Sorts quickly.", "url": None,
            "paper": {"title": "Sorting Stones", "url": "https://arxiv.org/abs/2101.00001"}, "introduced_year": 2021,
            "collections": [{"collection": "Sorting", "area": "General"}], "source_title": None, "source_url": None,
        }
    ],
    "datasets": [
        {
            "name": "StoneBench", "full_name": None, "description": "Stones.", "url": None, "paper": None,
            "homepage": "https://stones.example", "introduced_date": "2020-01-01", "tasks": [{"task": "Stone Sorting"}],
        }
    ],
}  # fmt: skip


def as_objects(dump: Objects) -> pl.DataFrame:
    """Structs in structs, as the library `datasets` writes what it reads from JSON: each has the fields of all."""
    return pl.DataFrame(dump, infer_schema_length=None, strict=False)


def as_json(dump: Objects) -> pl.DataFrame:
    """What is nested, as JSON in a column of text."""
    return pl.DataFrame(
        [
            {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in each.items()}
            for each in dump
        ],
        infer_schema_length=None,
    )


def with_maps(dump: Objects) -> pl.DataFrame:
    """Metrics as maps, days as instants, years as numbers with a fraction."""

    def change(value: Any, name: str = "") -> Any:
        match value:
            case dict() if name == "metrics":
                return [{"key": key, "value": each} for key, each in value.items()]
            case dict():
                return {key: change(each, key) for key, each in value.items()}
            case list():
                return [change(each) for each in value]
            case str() if name in ("date", "introduced_date", "paper_date"):
                return datetime.fromisoformat(value)
            case int() if name == "introduced_year":
                return float(value)
        return value

    return pl.DataFrame([change(each) for each in dump], infer_schema_length=None, strict=False)


def write(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def rows_of(parsed: Parsed) -> dict[str, list[str]]:
    """The rows without their order: a struct has its fields in another order than an object."""
    frames = ("records", "results", "terms", "listed_links", "rejects")
    return {name: sorted(map(repr, getattr(parsed, name).drop("entry_index").rows())) for name in frames}


@pytest.mark.parametrize("name", DUMPS)
@pytest.mark.parametrize("nest", [as_objects, as_json, with_maps])
def test_parquet_gives_what_json_gives(name: str, nest: Callable[[Objects], pl.DataFrame]):
    source = read_source("pwc")
    of_json = source.parse(json.dumps(DUMPS[name]).encode())
    assert rows_of(source.parse(write(nest(DUMPS[name])))) == rows_of(of_json)
    assert of_json.rejects.is_empty()


def test_tasks_and_datasets_are_described_as_their_tables_do():
    terms = read_source("pwc").parse(write(as_objects(DUMPS["evaluation_tables"]))).terms
    assert terms.select("kind", "name", "description", "url").unique(maintain_order=True).rows() == [
        ("task", "Stone Sorting", "Put stones in order.", None),
        ("dataset", "StoneBench", "Stones of four kinds.", "https://stones.example"),
    ]


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
def test_a_shard_that_is_cut_is_rejected(cut: float):
    content = write(as_objects(DUMPS["papers"] * 200))
    rejects = read_source("pwc").parse(content[: int(cut * len(content))]).rejects
    assert rejects["reason"].to_list() == ["broken_file"]
    assert "Parquet" in rejects["message"][0]


def test_other_tables_are_rejected():
    rejects = read_source("pwc").parse(write(pl.DataFrame({"stone": [1]}))).rejects
    assert rejects["reason"].to_list() == ["unknown_dump"]


def test_what_unpacks_to_more_than_is_allowed_is_not_read():
    content = write(pl.DataFrame({"title": ["stone" * 1000] * 10_000}))
    assert len(content) < 100_000
    with pytest.raises(BrokenFileError, match="more than 1,000,000 bytes when unpacked"):
        list(iter_parquet(io.BytesIO(content), 1_000_000))


@given(st.binary(max_size=300), st.integers(0, 200))
def test_damaged_bytes_are_rejects_and_no_crash(noise: bytes, at: int):
    content = bytearray(write(as_objects(DUMPS["links"])))
    content[4 + at : 4 + at + len(noise)] = noise
    read_source("pwc").parse(bytes(content))


@pytest.mark.parametrize("metrics", [[{"key": ["a"], "value": "1"}], [{"key": None, "value": "1"}], {"Accuracy": None}])
def test_metrics_without_names_or_values_are_rejects(metrics: Any):
    row = ROWS[0] | {"metrics": json.dumps(metrics)}
    task = DUMPS["evaluation_tables"][0] | {
        "datasets": [BOARD | {"sota": {"metrics": [], "rows": [row]}}],
        "subtasks": [],
    }
    assert read_source("pwc").parse(write(as_json([task]))).rejects["reason"].to_list() == ["no_metrics"]
