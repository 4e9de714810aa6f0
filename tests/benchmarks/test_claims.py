"""The benchmarks run; how fast is for their own command to tell."""

import json
import subprocess
import sys

import pytest

from benchmarks.corpus import corpus, snapshot_texts
from warehouse.settings import PROJECT


def test_a_corpus_is_the_same_every_time_and_every_paper_new():
    texts = corpus(50)
    assert texts.equals(corpus(50))
    assert texts["abstract"].n_unique() == 50


def test_a_snapshot_gives_texts_without_line_breaks(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"id": "1", "title": "A\n title", "abstract": "  One.\nTwo.\n"}) + "\n"
    )
    assert snapshot_texts(tmp_path / "a.jsonl").rows() == [("0", "A title", "One. Two.")]


@pytest.mark.parametrize("arguments", [["--papers", "60", "--few", "2"]])
def test_the_benchmark_of_claims_prints_its_table(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.claims", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
    )
    assert done.returncode == 0, done.stderr
    assert "quantulum3" in done.stdout
    assert "peak memory" in done.stdout
