"""The command line as people meet it: a process, its output and its exit code."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from warehouse.cli.app import app

PAPERHOUSE = Path(sys.executable).parent / "paperhouse"


@pytest.fixture
def paperhouse(settings):
    """Runs `paperhouse ARGUMENTS`; returns the finished process."""

    def call(*arguments, home=settings.home):
        environment = os.environ | {"PAPERHOUSE_HOME": str(home)}
        return subprocess.run(
            [PAPERHOUSE, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
        )

    return call


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["run"],
        ["land"],
        ["parse"],
        ["check"],
        ["load"],
        ["build"],
        ["audit"],
        ["publish"],
        ["status"],
        ["show"],
        ["explain"],
        ["evaluate", "claims"],
        ["metrics"],
    ],
)
def test_every_command_explains_itself(paperhouse, command):
    done = paperhouse(*command, "--help")
    assert done.returncode == 0
    assert "Usage: paperhouse" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--source", "nope", "x.txt"], "there is no source 'nope'"),
        (["run", "nowhere.txt"], "no such file: nowhere.txt"),
        (["run", "--listed-on", "yesterday", "x.txt"], "'yesterday' is not a day"),
        (["airflow", "run", "nowhere.txt"], "no such file: nowhere.txt"),
        (["parse", "0123"], "there is no batch '0123'"),
        (["show", "anything"], "nothing is published"),
        (["dance"], "No such command"),
    ],
)
def test_wrong_use_exits_with_2_and_no_traceback(paperhouse, arguments, message):
    done = paperhouse(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["release", "withdraw"])
def test_a_decision_requires_a_reason(paperhouse, command):
    done = paperhouse(command, "0123")
    assert done.returncode == 2
    assert '--reason "…"' in done.stderr
    for option in ("--reason", "--because"):  # the latter is the spelling of releases before 0.4
        assert "there is no batch '0123'" in paperhouse(command, "0123", option, "it is right").stderr


def test_commands_are_grouped(paperhouse):
    text = paperhouse("--help").stdout
    assert re.findall(r"╭─ (\w+) ", text) == ["Options", "Pipeline", "Batches", "Steps", "Read", "Serve", "Operate"]
    assert "--mend" not in paperhouse("doctor", "--help").stdout


def commands_of(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, (*words, name))
        else:
            yield (*words, name), command


COMMANDS = dict(commands_of(typer.main.get_command(app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example_that_it_takes(words):
    command = COMMANDS[words]
    program, *arguments = shlex.split(re.fullmatch("Example: `(.+)`", command.epilog)[1])
    assert (program, *arguments[: len(words)]) == ("paperhouse", *words)
    with command.make_context("paperhouse", arguments[len(words) :]) as context:
        assert not context.args or command.context_settings.get("allow_extra_args")


def test_a_wrong_setting_exits_with_2(paperhouse, monkeypatch):
    monkeypatch.setenv("PAPERHOUSE_DBT_THREADS", "many")
    done = paperhouse("status")
    assert done.returncode == 2
    assert "dbt_threads" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failed_check_exits_with_1(paperhouse, tmp_path):
    (tmp_path / "empty.txt").touch()
    done = paperhouse("run", tmp_path / "empty.txt")
    assert done.returncode == 1
    assert "failed its check and was not loaded" in done.stderr
    assert "the file is empty" in done.stderr
    assert "data_docs/batches/" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_listing_is_called_what_it_is(paperhouse, tmp_path):
    (tmp_path / "page.txt").write_text("<!DOCTYPE html><title>503 Service Unavailable</title>", "utf-8")
    message = 'it is an HTML page, "503 Service Unavailable"'
    assert message in paperhouse("run", tmp_path / "page.txt").stderr
    assert message in paperhouse("sources", "describe", tmp_path / "page.txt").stdout


def test_no_text_is_a_formula_in_a_spreadsheet(built, tmp_path):
    file = tmp_path / "rows.csv"
    query = """select unnest(['=1+1', '+1', '-1', '@x', 'plain', null]) as "a ""b", -1.5 as n"""
    settings, _ = built
    environment = {"PAPERHOUSE_HOME": str(settings.home)}
    command = [PAPERHOUSE, "sql", "--mode", "spreadsheet", "--output", str(file), query]
    subprocess.run(command, env=environment, check=True)
    with file.open(newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ['a "b', "n"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+1", "'-1", "'@x", "plain", ""]
    assert {row[1] for row in rows[1:]} == {"-1.5"}


def test_csv_is_added_to_what_a_file_has(built, paperhouse, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("precious\n", "utf-8")
    with file.open("a", encoding="utf-8") as output:
        for number in (1, 2):
            environment = os.environ | {"PAPERHOUSE_HOME": str(built[0].home)}
            subprocess.run(
                [PAPERHOUSE, "sql", "--mode", "csv", f"select {number} as n"],
                env=environment, stdout=output, check=True,
            )  # fmt: skip
    assert file.read_text("utf-8").split() == ["precious", "n", "1", "n", "2"]


def test_a_home_that_cannot_be_made_exits_with_1(paperhouse, tmp_path, sample):
    (tmp_path / "file").touch()
    done = paperhouse("land", sample, home=tmp_path / "file")
    assert done.returncode == 1
    assert "a file is where a folder should be" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_steps_one_by_one(paperhouse, sample):
    batches = json.loads(paperhouse("land", sample, "--json").stdout)
    assert len(batches) == 2
    assert [each["batch"] for each in json.loads(paperhouse("parse", "--json").stdout)] == batches
    assert paperhouse("check").stdout.count("passed") == 2
    assert paperhouse("load", batches[0], batches[1]).stdout == "".join(f"{batch}: loaded\n" for batch in batches)
    assert paperhouse("build").stdout.startswith("build 1: full")
    assert "passed" in paperhouse("audit").stdout
    assert paperhouse("publish").stdout.startswith("publication 1 in ")
    assert paperhouse("parse").stdout == "no open loads\n"


def test_run_prints_json_and_nothing_else(built, paperhouse, sample):
    done = paperhouse("status", "--json", home=built[0].home)
    state = json.loads(done.stdout)
    assert done.stderr == ""
    assert state["publication"]["row_counts"]["fct_papers"] == 61
    assert {load["outcome"] for load in state["loads"]} == {"loaded"}
    assert state["rejects"] == [{"reason": "abstract_without_title", "reject_count": 1}]


def test_an_empty_inbox_is_no_fault(paperhouse):
    done = paperhouse("run")
    assert done.returncode == 0
    assert "nothing new in" in done.stdout


def test_status_in_words(built, paperhouse):
    assert "fct_claimed_metrics" in paperhouse("status", home=built[0].home).stdout
    assert "nothing is published yet" in paperhouse("status").stdout


def test_show(built, paperhouse):
    def show(*words):
        return paperhouse("show", *words, home=built[0].home)

    assert "obtains ⟦28.4⟧ BLEU" in show("attention", "all", "you", "need").stdout
    paper = json.loads(show("lora: low-rank", "--json").stdout)
    assert paper["links"][0]["url"] == "https://github.com/microsoft/LoRA"
    assert show(paper["paper_id"]).stdout == show("lora: low-rank").stdout
    assert len(show("language models").stdout.splitlines()) > 3
    assert show("no such words").returncode == 2


def test_status_while_a_step_runs_is_of_the_publication(warehouse_copy, paperhouse):
    from warehouse.storage.database import write_lock

    with write_lock(warehouse_copy, "a long step"):
        state = json.loads(paperhouse("status", "--json", home=warehouse_copy.home).stdout)
    assert "'a long step'" in state["busy"]
    assert len(state["loads"]) == 2
