import json
import re
import subprocess
import sys

import pytest

from warehouse.errors import UsageError
from warehouse.readers.evaluate import evaluate, exported_claims, read_gold
from warehouse.steps.pipeline import run
from warehouse.storage.publication import open_publication

GOLD = {
    "title": "Attention is all you need",
    "claims": [{"value": 28.4, "unit": "score", "kind": "level", "datasets": ["WMT 2014"]}],
}


def test_gold_papers_are_found_by_title(built, tmp_path):
    (tmp_path / "gold.jsonl").write_text(
        json.dumps(GOLD) + "\n" + json.dumps({"title": "Never Written", "claims": []}) + "\n"
    )
    with open_publication(built[0]) as connection:
        evaluation = evaluate(connection, "claims", tmp_path / "gold.jsonl", folds=2)
    assert (evaluation.scores.gold, evaluation.scores.matched, evaluation.absent) == (1, 1, ["never written"])
    assert sorted(part.gold for part in evaluation.parts) == [0, 1]


@pytest.mark.parametrize("line", ["no json", "[]", '{"title": "x"}', '{"claims": []}'])
def test_a_bad_line_is_named(tmp_path, line):
    (tmp_path / "gold.jsonl").write_text(json.dumps(GOLD) + "\n" + line + "\n")
    with pytest.raises(UsageError, match=r"line 2 of .*gold\.jsonl"):
        read_gold(tmp_path / "gold.jsonl", "claims")


def test_a_missing_file_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_gold(tmp_path / "nothing.jsonl", "claims")


def test_scores_and_exports_agree_with_the_shared_scorer(settings, shared, real_listing, tmp_path):
    """The project's own scorer on its own extractor, and the scorer beside the gold files on the export: equal to three
    digits."""
    run(settings, "hf_listing", [real_listing])
    with open_publication(settings) as connection:
        assert connection.execute(
            "select count(*), count(abstract), sum(repo_link_count) from fct_papers"
        ).fetchone() == (243, 243, 55)
        assert connection.execute(
            "select min(rank), max(rank), count(distinct rank) from paper_listings"
        ).fetchone() == (1, 243, 243)
        assert connection.execute(
            "select count(*) from fct_papers where title like 'Subscribe%' or title like 'Get trending%'"
        ).fetchone() == (0,)
        (tmp_path / "predicted.jsonl").write_text("\n".join(exported_claims(connection, optional=False)))
        evaluation = evaluate(connection, "claims", shared / "gold" / "dev_claims.jsonl")
        links = evaluate(connection, "links", shared / "gold" / "dev_links.jsonl").scores.summary()
    command = [
        sys.executable,
        shared / "gold" / "score_claims.py",
        "claims",
        shared / "gold" / "dev_claims.jsonl",
        tmp_path / "predicted.jsonl",
    ]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    summary = evaluation.scores.summary()
    assert evaluation.absent == []
    assert re.findall(r"F1 ([\d.]+)", theirs) == [f"{summary[name]:.3f}" for name in ("found", "strict", "full")]
    assert re.search(r"right among found: (.*)", theirs)[1] == "  ".join(
        f"{name} {share:.3f}" for name, share in summary["fields"].items()
    )
    assert (summary["found"] >= 0.95, summary["strict"] >= 0.9, summary["full"] >= 0.8) == (True, True, True)
    assert (links["found"], links["fields"]) == (1, {"kind": 1, "availability": 1})
