"""The linker learns from e-prints and what leaderboards held for them; what it writes can be loaded."""

import gzip
import json

import pytest

from tests.fuzzing.seeds import SEEDS
from transforms.results.linker import STAGES, load_linker
from transforms.tables.archive import read_sources
from transforms.tables.read import read_paper
from warehouse.errors import UsageError
from warehouse.evaluation.linking import learn, split_of

TEX = gzip.decompress(SEEDS["arxiv_source"]()[0])
PLAIN = b"\\documentclass{article}\\begin{document}We prove a theorem about stones.\\end{document}"


def write_papers(folder, count):
    """Half of the papers have a result, 70.1, 71.1, …; the gold file says which."""
    lines = []
    for number in range(count):
        arxiv_id = f"2401.{number:05}"
        has_result = number % 2 == 0
        content = TEX.replace(b"79.3", b"%d.1" % (70 + number)) if has_result else PLAIN
        (folder / f"{arxiv_id}.gz").write_bytes(gzip.compress(content, mtime=0))
        result = {
            "task": "Image Classification",
            "dataset": "ImageNet",
            "metric": "Top 1 Accuracy",
            "score": f"{70 + number}.1",
        }
        lines.append(json.dumps({"arxiv_id": arxiv_id, "results": [result] if has_result else []}))
    (folder / "gold.jsonl").write_text("\n".join(lines), "utf-8")
    return folder / "gold.jsonl"


def test_what_is_learnt_can_be_loaded_and_links(tmp_path):
    gold = write_papers(tmp_path, 40)
    stages = []
    learned = learn(tmp_path, [gold], {"Top 1 Accuracy": "accuracy"}, tmp_path / "weights", stages.append)
    assert learned.papers == sum(split_of(f"2401.{number:05}") != "test" for number in range(40))
    assert set(learned.rows) == set(STAGES)
    assert stages[0] == "reading the papers"
    linked = load_linker(tmp_path / "weights").link(read_paper(read_sources(TEX).files))
    assert len(linked.links) == 3
    assert all(0 <= score <= 1 for score in (*linked.choices, *linked.boards, linked.draft.reports))


def test_a_folder_without_the_papers_is_told(tmp_path):
    gold = write_papers(tmp_path, 4)
    with pytest.raises(UsageError, match="no e-print of the annotated papers"):
        learn(tmp_path / "elsewhere", [gold], {}, tmp_path / "weights", print)
