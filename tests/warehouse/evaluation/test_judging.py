"""What is learned from judged rows of tables: the weights, and what they promise on other papers."""

import gzip
import json

import pytest

from tests.fuzzing.seeds import SEEDS
from transforms.results.judge import FEATURES, load_judge
from transforms.results.linker import WEIGHTS, load_linker
from transforms.results.rows import describe_results
from transforms.tables.read import read_paper
from warehouse.errors import UsageError
from warehouse.evaluation.judging import learn_judge
from warehouse.settings import PROJECT

TEX = gzip.decompress(SEEDS["arxiv_source"]()[0]).decode()
GOLD = PROJECT / "tests" / "gold" / "table_results.jsonl"


@pytest.fixture
def judged(tmp_path):
    """Papers with a row each: of every second it is wrong, and far from what is known."""
    lines = []
    for number in range(24):
        is_right = number % 2 == 0
        tex = TEX.replace("79.3", f"{'7' if is_right else '0.0'}{number % 10}.{number}"[:5])
        (tmp_path / f"2401.000{number:02d}.gz").write_bytes(gzip.compress(tex.encode()))
        rows = describe_results(load_linker().link(read_paper({"main.tex": tex})))
        row = next(each for each in rows if "value" in each)
        key = {"task": row["task"], "dataset": row["dataset"], "metric": row["metric"], "value": row["value_text"]}
        right = dict.fromkeys(("metric", "dataset", "own"), is_right)
        lines.append(json.dumps({"paper": f"2401.000{number:02d}", "row": key, "right": right}) + "\n")
    lines.append(lines[0].replace('"value": "', '"value": "1'))
    (tmp_path / "gold.jsonl").write_text("".join(lines))
    return tmp_path


def test_right_rows_are_told_from_wrong_ones(judged):
    found = learn_judge([judged], judged / "gold.jsonl", judged / "rows.csv")
    assert (found.rows, found.lost) == (24, 1)
    assert found.right / found.shown >= 0.9
    assert set(load_judge(judged / "rows.csv").weights) == set(FEATURES)


def test_faults_are_told_by_file_and_line(judged):
    with pytest.raises(UsageError, match=r"no e-print of .* is in"):
        learn_judge([judged / "elsewhere"], judged / "gold.jsonl", judged / "rows.csv")
    (judged / "gold.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="line 1, is no judged row"):
        learn_judge([judged], judged / "gold.jsonl", judged / "rows.csv")


def test_what_is_shipped_is_what_the_judged_rows_give(shared, tmp_path):
    folders = [shared / "data" / "arxiv_source", shared / "data" / "eprints"]
    found = learn_judge(folders, GOLD, tmp_path / "rows.csv")
    assert found.right / found.shown >= 0.9
    assert found.shown >= 350
    made, shipped = (load_judge(path) for path in (tmp_path / "rows.csv", WEIGHTS / "rows.csv"))
    for name in FEATURES:
        assert made.weights[name] == pytest.approx(shipped.weights[name], abs=0.01)
