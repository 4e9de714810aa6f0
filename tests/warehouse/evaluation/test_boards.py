"""How sure a row of a board is: learned from judged rows, and counted."""

import csv
import json

import pytest

from warehouse.errors import UsageError
from warehouse.evaluation.boards import learn_boards, read_judged, score_boards
from warehouse.settings import PROJECT
from warehouse.storage.publication import open_publication

RIGHT = dict.fromkeys(("level", "metric", "dataset", "own", "board"), True)


def judged(connection, is_right):
    """All rows of boards that rest on a claim, judged by a rule of the test."""
    query = """
        select coalesce(papers.arxiv_id, papers.title), board.dataset, board.metric, board.value_text, board.is_sure
        from leaderboard as board inner join fct_papers as papers using (paper_id) where claim_id is not null
        and result_id is null order by all
    """
    for paper, dataset, metric, value, is_sure in connection.execute(query).fetchall():
        row = {"dataset": dataset, "metric": metric, "value": value}
        right = RIGHT | {"metric": is_right(row)}
        yield {"paper": paper, "split": "tune", "evidence": "claim", "row": row, "right": right}, is_sure


def write(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_rows_that_are_shown_and_right_are_counted(whole_sample, tmp_path):
    with open_publication(whole_sample) as connection:
        rows = list(judged(connection, lambda row: row["dataset"] == "ImageNet"))
        gone = {"paper": "nobody", "split": "tune", "evidence": "claim", "row": rows[0][0]["row"], "right": RIGHT}
        (shown,) = score_boards(connection, write(tmp_path / "g", [gone, *(row for row, _ in rows)])).values()
    assert (shown.rows, shown.gone) == (len(rows) + 1, 1)
    assert shown.shown == sum(is_sure for _, is_sure in rows)
    assert shown.shown_right == sum(is_sure for row, is_sure in rows if row["row"]["dataset"] == "ImageNet")


def test_weights_follow_what_was_judged(whole_sample, tmp_path):
    pytest.importorskip("sklearn")
    with open_publication(whole_sample) as connection:
        rows = [row for row, _ in judged(connection, lambda row: row["value"] > "5")]
        unread = [row | {"split": "test"} for row in rows]
        learned = learn_boards(connection, write(tmp_path / "g", rows + unread), tmp_path / "weights.csv")
        with pytest.raises(UsageError, match="no row of"):
            learn_boards(connection, write(tmp_path / "u", unread), tmp_path / "weights.csv")
    assert (learned.rows, learned.lost) == (len(rows), 0)
    weights = dict(csv.reader((tmp_path / "weights.csv").open(encoding="utf-8")))
    assert {"sign", "any", "confidence"} <= set(weights)


def test_what_is_no_judged_row_is_named(tmp_path):
    row = {"dataset": "d", "metric": "m", "value": "1"}
    judged_row = {"paper": "p", "split": "tune", "evidence": "claim", "row": row, "right": RIGHT}
    with pytest.raises(UsageError, match="line 2"):
        read_judged(write(tmp_path / "g", [judged_row, {"paper": "p"}]))


def test_the_judged_rows_of_the_project_are_readable():
    rows = read_judged(PROJECT / "tests" / "gold" / "board_rows.jsonl")
    assert {row["split"] for row in rows} == {"tune", "test", "heads", "fresh", "last"}
    assert len(rows) == 1240
