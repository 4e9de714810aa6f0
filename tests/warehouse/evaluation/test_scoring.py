import json
import re
import subprocess
import sys

import duckdb
import pytest

from transforms.claims.scorer import read_scorer
from transforms.papers import normalise
from warehouse.errors import UsageError
from warehouse.evaluation.export import export_claims
from warehouse.evaluation.scoring import SPLITS, evaluate, published_texts, read_gold, validate_gold
from warehouse.evaluation.training import train
from warehouse.settings import PROJECT
from warehouse.steps.pipeline import run
from warehouse.storage.connection import rows
from warehouse.storage.publication import open_publication
from warehouse.upstream.sources import read_source

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


def test_papers_that_are_known_by_their_tables_alone_have_no_text():
    with duckdb.connect() as connection:
        connection.execute(
            "create table fct_papers as select 1 as paper_id, null::varchar as title, null::varchar as abstract"
        )
        connection.execute("insert into fct_papers values (2, 'Attention is all you need', 'Recurrence is dropped.')")
        assert published_texts(connection, {"attention is all you need": []}).height == 1


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
        (tmp_path / "predicted.jsonl").write_text("\n".join(export_claims(connection, optional=False)))
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


def published_claims(built):
    """The published claims as annotations, each with its paper's title."""
    with open_publication(built[0]) as connection:
        return rows(
            connection,
            "select papers.title, claims.section, char_start, char_end, value_text, value, unit, kind, direction, "
            "bound, metric_text as metric, subject, dataset_texts as datasets from fct_claimed_metrics as claims "
            "join fct_papers as papers using (paper_id) where not is_optional order by claim_id",
        )


@pytest.fixture
def published_gold(built, tmp_path):
    """A gold file whose answers are what is published."""
    papers = {}
    for claim in published_claims(built):
        papers.setdefault(claim.pop("title"), []).append(claim)
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps({"title": title, "claims": each}) + "\n" for title, each in papers.items()))
    return file


def test_annotations_of_what_is_published_have_no_problem(built, published_gold):
    with open_publication(built[0]) as connection:
        assert validate_gold(connection, published_gold) == []


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"unit": "furlongs"}, "unit is 'furlongs', not one of"),
        ({"char_start": 0}, "does not stand at its place"),
        ({"datasets": ["NeverWritten"]}, "the dataset NeverWritten does not stand in the text"),
        ({"value": "3"}, "value is no number"),
        ({"kind": {"any": ["level", "jump"]}}, "kind is"),
    ],
)
def test_a_wrong_annotation_is_reported(built, published_gold, columns, problem):
    papers = [json.loads(line) for line in published_gold.read_text().splitlines()]
    papers[0]["claims"][0] |= columns
    published_gold.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    with open_publication(built[0]) as connection:
        (found,) = validate_gold(connection, published_gold)
    assert problem in found


def test_splits_are_disjoint_and_hold_all(built, published_gold):
    with open_publication(built[0]) as connection:
        whole = evaluate(connection, "claims", published_gold).scores.gold
        parts = [evaluate(connection, "claims", published_gold, split=name).scores.gold for name in SPLITS]
    assert sum(parts) == whole
    assert parts[0] > parts[1]


def test_weights_are_learnt_and_used(built, published_gold, tmp_path):
    """What is learnt from the extractor's own claims picks them again."""
    with open_publication(built[0]) as connection:
        training = train(connection, [published_gold], tmp_path / "weights.csv")
    assert training.examples > 20
    assert min(training.shares.values()) > 0.7
    scorer = read_scorer(tmp_path / "weights.csv")
    assert scorer.score("metric", ["rule"]) > scorer.score("metric", [])


def test_weights_need_texts(built, tmp_path):
    (tmp_path / "gold.jsonl").write_text('{"title": "Never Written", "claims": []}\n')
    with open_publication(built[0]) as connection, pytest.raises(UsageError, match="no annotated paper"):
        train(connection, [tmp_path / "gold.jsonl"], tmp_path / "weights.csv")


def test_the_projects_own_annotations_stand_in_the_shared_texts(shared):
    """Without a publication, which takes a minute: the texts as the parsers give them."""
    texts = {}
    for name, folder in (("hf_daily", "hf_daily"), ("conference", "paperlists")):
        for file in sorted((shared / "data" / folder).glob("*.json")):
            papers = normalise(read_source(name).parse(file.read_bytes()).records, name)
            for title, abstract in papers.select("title", "abstract").iter_rows():
                texts.setdefault(title, (title, abstract))
    papers = [json.loads(line) for line in (PROJECT / "tests/gold/claims.jsonl").read_text("utf-8").splitlines()]
    assert len(papers) == 704
    for paper in papers:
        title, abstract = texts[paper["title"]]
        for claim in paper["claims"]:
            text = title if claim["section"] == "title" else abstract
            assert text[claim["char_start"] : claim["char_end"]] == claim["value_text"], (title, claim)
