"""Corrections through the real steps: what they say wins, until it is taken back, whatever comes in between."""

import pytest
import yaml

from tests.warehouse.steps.test_steps import marts
from tests.warehouse.steps.test_tables import query
from transforms.claims import extract
from warehouse.errors import UsageError
from warehouse.evaluation.corrected import count_corrections
from warehouse.readers.review import read_queue
from warehouse.steps.audit import audit
from warehouse.steps.build import build
from warehouse.steps.check import check
from warehouse.steps.correct import answer, write_correction
from warehouse.steps.land import land
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import rebuild, run
from warehouse.steps.publish import publish
from warehouse.storage.publication import open_publication

TITLE = "On Sorting Stones"
ABSTRACT = "We sort stones by weight. It reaches 91.5% accuracy on ImageNet, and 80.2% accuracy on MNIST. " * 1
SAID = {"author": "Ada", "date": "2026-03-01", "reason": "Read in the paper."}
WRONG = {"paper": TITLE, "claim": "91.5%", "verdict": "wrong", **SAID}


def claims(settings):
    return query(
        settings,
        "select value_text, metric, condition, verdict, confidence in (0, 1) from fct_claimed_metrics "
        "order by char_start",
    )


@pytest.fixture
def correct(settings, tmp_path):
    count = 0

    def run_with(*corrections):
        nonlocal count
        count += 1
        file = tmp_path / f"corrections-{count}.yml"
        file.write_text(yaml.safe_dump(list(corrections)), "utf-8")
        return run(settings, "corrections", [file])

    return run_with


@pytest.fixture
def published(settings, listing):
    assert run(settings, "hf_listing", [listing((TITLE, ABSTRACT))]).failures == []
    return settings


def test_what_a_person_says_wins_and_can_be_taken_back(published, correct):
    assert claims(published) == [("91.5%", "accuracy", None, None, False), ("80.2%", "accuracy", None, None, False)]
    assert query(published, "select value from leaderboard order by all") == [(80.2,), (91.5,)]
    correct(
        WRONG, {"paper": TITLE, "claim": "80.2%", "verdict": "changed", "should_be": {"condition": "5-shot"}, **SAID}
    )
    assert claims(published) == [
        ("91.5%", "accuracy", None, "wrong", True),
        ("80.2%", "accuracy", "5-shot", "changed", True),
    ]
    assert query(published, "select value, condition, confidence, is_sure from leaderboard") == [
        (80.2, "5-shot", 1, True)
    ]
    with open_publication(published) as connection:
        assert count_corrections(connection) == [
            {
                "target": "claim", "judged": 2, "right_count": 0, "wrong_count": 1, "changed_count": 1,
                "share_right": 0.0,
            }
        ]  # fmt: skip
    grown = marts(published)
    build(published, full_refresh=True)
    assert marts(published) == grown
    correct(WRONG | {"verdict": "taken_back", "date": "2026-03-02"})
    assert claims(published)[0] == ("91.5%", "accuracy", None, None, False)
    states = query(published, "select verdict, state from fct_corrections order by all")
    assert states == [("changed", "applied"), ("taken_back", "taken_back"), ("wrong", "superseded")]


def test_the_later_of_two_holds_in_any_order_of_loading(settings, listing, tmp_path):
    files = [("hf_listing", listing((TITLE, ABSTRACT)))]
    for day, verdict in (("2026-03-01", "wrong"), ("2026-03-02", "right")):
        file = tmp_path / f"corrections-{verdict}.yml"
        file.write_text(yaml.safe_dump([WRONG | {"date": day, "verdict": verdict}]), "utf-8")
        files.append(("corrections", file))
    seen = []
    for number, order in enumerate([files, files[::-1]]):
        home = settings.model_copy(update={"home": tmp_path / f"home{number}"})
        for source, file in order:
            for batch in land(home, source, [file]):
                for step in (parse, check, load):
                    step(home, batch)
        for finish in (build, audit, publish):
            finish(home)
        seen.append((claims(home), query(home, "select verdict, state from fct_corrections order by all")))
    assert seen[0][0][0] == ("91.5%", "accuracy", None, "right", True)
    assert seen[0][1] == [("right", "applied"), ("wrong", "superseded")]
    assert all(each == seen[0] for each in seen)


def test_it_outlives_a_new_extractor_and_a_new_text(published, correct, listing, monkeypatch):
    correct(WRONG)
    monkeypatch.setattr(extract, "EXTRACTOR_VERSION", "new")
    assert rebuild(published).failures == []
    assert claims(published)[0] == ("91.5%", "accuracy", None, "wrong", True)
    longer = "We have more to say, and all of it stands before the rest of what we said. " + ABSTRACT
    run(published, "hf_listing", [listing((TITLE, longer), name="later.txt")])
    assert ("91.5%", "accuracy", None, "wrong", True) in claims(published)
    gone = longer.replace("91.5%", "92.5%") + "And it is all new from here on, so that this text is the longer one."
    run(published, "hf_listing", [listing((TITLE, gone), name="last.txt")])
    assert query(published, "select state from fct_corrections") == [("not_found",)]


def test_names_that_are_one_share_a_board_and_a_name_that_is_none_has_none(published, correct):
    correct({"same": {"dataset": ["ImageNet", "MNIST"]}, **SAID})
    assert query(published, "select distinct dataset from leaderboard") == [("ImageNet",)]
    assert query(published, "select distinct datasets from fct_claimed_metrics") == [(["ImageNet"],)]
    renamed = marts(published)
    build(published, full_refresh=True)
    assert marts(published) == renamed
    correct({"no_name": {"dataset": "ImageNet"}, **SAID})
    assert query(published, "select distinct dataset from leaderboard") == []


def test_an_unknown_metric_that_is_another_is_ranked_as_that(published, correct):
    missing = {"task": "Sorting", "dataset": "ImageNet", "metric": "stone score", "value": "0.93", "model": "Gneiss"}
    correct({"paper": TITLE, "missing": missing, **SAID})
    assert query(published, "select rank from leaderboard where metric = 'stone score'") == [(None,)]
    correct({"same": {"metric": ["accuracy", "stone score"]}, **SAID})
    assert query(published, "select metric, unit, value, rank from leaderboard where model = 'Gneiss'") == [
        ("accuracy", "percent", 93.0, 1)
    ]


def test_of_several_datasets_one_may_be_wrong(settings, listing, correct):
    both = "We sort stones by weight and size. It reaches 91.5% accuracy on ImageNet and MNIST, which is a lot. "
    run(settings, "hf_listing", [listing((TITLE, both))])
    assert query(settings, "select datasets from fct_claimed_metrics") == [(["ImageNet", "MNIST"],)]
    correct(WRONG | {"dataset": "MNIST"})
    assert query(settings, "select dataset from leaderboard") == [("ImageNet",)]
    correct(WRONG | {"dataset": "ImageNet", "verdict": "right"})
    assert query(settings, "select dataset, is_sure, verdict from leaderboard") == [("ImageNet", True, "right")]
    assert query(settings, "select dataset, state from fct_corrections order by all") == [
        ("ImageNet", "applied"),
        ("MNIST", "applied"),
    ]


def test_a_correction_of_an_unknown_paper_makes_none(published, correct):
    correct(WRONG | {"paper": "2401.09999"}, WRONG | {"paper": "A Title That Nobody Has"})
    assert query(published, "select title from fct_papers") == [(TITLE,)]
    assert query(published, "select distinct state from fct_corrections") == [("not_found",)]


def test_a_missing_result_is_reported(published, correct):
    missing = {"task": "Sorting", "dataset": "ImageNet", "metric": "accuracy", "value": "93.0", "model": "Gneiss"}
    correct({"paper": TITLE, "missing": missing, **SAID})
    assert query(published, "select rank, value, evidence_kind from leaderboard where model = 'Gneiss'") == [
        (1, 93.0, "reported")
    ]


def test_a_malformed_file_is_left_out(published, correct, tmp_path):
    file = tmp_path / "corrections-bad.yml"
    file.write_text("- a\n  b: [", "utf-8")
    (failure,) = run(published, "corrections", [file]).failures
    assert "line 2" in failure or "broken" in failure
    assert len(claims(published)) == 2


def test_the_queue_gives_items_whose_answers_are_corrections(settings, listing):
    other = ("On Painting Walls", "We paint walls at night. It reaches 88.1% accuracy on ImageNet, which is less. ")
    run(settings, "hf_listing", [listing((TITLE, ABSTRACT), other)])
    with open_publication(settings) as connection:
        items = read_queue(connection, set(), 10)
        assert read_queue(connection, {item["item_id"] for item in items}, 10) == []
    item = next(each for each in items if each["value_text"] == "91.5%")
    assert item["why"] == "head of a board, and no leaderboard reports it"
    with pytest.raises(UsageError, match="no author"):
        answer(item, "right", " ", "", {})
    with pytest.raises(UsageError, match="none of right"):
        answer(item, "changed", "Ada", "", {})
    write_correction(settings, answer(item, "right", "Ada", "", {}))
    file = write_correction(settings, answer(item, "changed", "Ada", "It says so.", {"condition": "5-shot"}))
    assert len(yaml.safe_load(file.read_text("utf-8"))) == 2
    assert run(settings, "corrections", []).failures == []
    assert claims(settings)[1] == ("91.5%", "accuracy", "5-shot", "changed", True)
