"""Links are checked at real servers on loopback: one answers as GitHub's REST API is recorded to, one has pages; both
misbehave."""

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta

import polars as pl
import pytest

from tests.misbehaving import answer, drip, serving, status
from warehouse.clock import now
from warehouse.digest.letters import as_html, as_text, digest
from warehouse.digest.subscribers import Subscriber
from warehouse.errors import StepError, UsageError
from warehouse.settings import Settings
from warehouse.steps import check_links as step
from warehouse.steps.check import check
from warehouse.steps.check_links import ask_hosts, check_links, choose_links, land_answers, list_link_groups
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import run, run_link_checks
from warehouse.storage.batches import frame_files, read_batch
from warehouse.storage.connection import rows
from warehouse.storage.publication import open_publication
from warehouse.upstream import link_hosts

REPOSITORIES = ("alive", "named", "dead", "taken", "blocked", "portal", "slow", "dies", "returns", "moves")
PAGES = ("fine", "other", "slash", "headless", "members", "robots", "law", "loop", "broken", "absent")
ABSTRACT = "We sort stones of all weights and colours by hand, on three shores, and say how long it takes to do so."


@pytest.fixture(scope="module")
def servers():
    with serving() as github, serving() as web:
        yield github, web


@pytest.fixture(scope="module")
def published(servers, tmp_path_factory):
    """A warehouse whose papers link to both servers, made once."""
    settings = Settings(home=tmp_path_factory.mktemp("links") / "published")
    sentences = [
        "Code will be released at https://github.com/stones/comes.",
        *(f"Code: https://github.com/stones/{name}." for name in REPOSITORIES),
        *(f"See {servers[1].url}/{name} for more." for name in PAGES),
    ]
    page = settings.home.parent / "page.txt"
    page.write_text("".join(f"On Sorting Stones {n}\n{ABSTRACT} {each}\n" for n, each in enumerate(sentences)), "utf-8")
    assert run(settings, "hf_listing", [page]).failures == []
    return settings


@pytest.fixture
def github(servers):
    servers[0].acts.clear()
    servers[0].requests.clear()
    return servers[0]


@pytest.fixture
def web(servers):
    servers[1].acts.clear()
    servers[1].requests.clear()
    return servers[1]


@pytest.fixture
def settings(published, github, web, tmp_path):
    shutil.copytree(published.home, tmp_path / "it's a home", symlinks=True)
    return Settings(
        home=tmp_path / "it's a home",
        contact="test@example.org",
        http_allow_private_hosts=True,
        http_first_wait_seconds=0.01,
        link_check_timeout_seconds=0.5,
        link_checks_per_second=1000,
        github_url=github.url,
        github_token="secret-token",
    )


def repository(name, **facts):
    """GitHub's answer for a repository, as its documentation records it, cut to a part of its fields."""
    about = {
        "id": 1296269,
        "name": name.partition("/")[2],
        "full_name": name,
        "owner": {"login": name.partition("/")[0], "id": 1, "type": "User"},
        "private": False,
        "html_url": f"https://github.com/{name}",
        "description": "Stones, sorted",
        "fork": False,
        "url": f"https://api.github.com/repos/{name}",
        "forks_count": 9,
        "stargazers_count": 80,
        "default_branch": "main",
        "archived": False,
        "disabled": False,
        "pushed_at": "2026-01-26T19:06:43Z",
        "license": {"key": "mit", "name": "MIT License", "spdx_id": "MIT", "node_id": "MDc6TGljZW5zZW1pdA=="},
    }
    return json.dumps(about | facts).encode()


def message(text):
    return json.dumps({"message": text, "documentation_url": "https://docs.github.com/rest", "status": "404"}).encode()


def checked(settings, most=None):
    """Checks links, and loads the answers: end of the URL → the row."""
    found = {}
    for batch_id in check_links(settings, most):
        note = parse(settings, batch_id)
        check(settings, batch_id)
        load(settings, batch_id)
        frames = read_batch(settings, batch_id).frames(settings, note.fingerprint)
        for row in pl.read_parquet(frame_files(frames, "link_checks")).iter_rows(named=True):
            found[row["url"].rpartition("/")[2]] = row
    return found


def states(found, names):
    return {name: found[name]["state"] for name in names}


def chosen(settings):
    file = settings.fetch_state / "link_checks" / "chosen.jsonl"
    return [json.loads(line)["url"].rpartition("/")[2] for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
def later(monkeypatch):
    """Moves the clock of the checks."""

    def move(days):
        for module in (step, link_hosts):
            monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=days))

    return move


def test_repositories_are_asked_for_by_github_s_api(settings, github):
    github.at("/repos/stones/alive", answer(repository("stones/alive"), ETag='"a1"'))
    github.at("/repos/stones/named", status(301, Location=f"{github.url}/repositories/7"))
    github.at("/repositories/7", answer(repository("stones/renamed", archived=True, license=None)))
    github.at("/repos/stones/dead", answer(message("Not Found"), status=404))
    github.at("/repos/stones/taken", answer(message("Repository access blocked"), status=451))
    github.at("/repos/stones/blocked", answer(message("Repository access blocked"), status=403))
    github.at("/repos/stones/portal", answer(b"<html>Log in to the hotel</html>", "text/html"))
    github.at("/repos/stones/slow", drip(3))
    found = checked(settings)
    assert states(found, REPOSITORIES[:7]) == {
        "alive": "available",
        "named": "moved",
        "dead": "gone",
        "taken": "gone",
        "blocked": "gone",
        "portal": "unknown",
        "slow": "unknown",
    }
    alive = found["alive"]
    assert (alive["stars"], alive["forks"], alive["licence"], alive["is_archived"]) == (80, 9, "MIT", False)
    assert alive["last_commit_at"].isoformat() == "2026-01-26T19:06:43+00:00"
    assert found["named"]["redirected_to"] == "https://github.com/stones/renamed"
    assert found["named"]["is_archived"]
    assert "text/html that describes no repository" in found["portal"]["problem"]
    assert {headers["Authorization"] for _, headers, _ in github.requests} == {"Bearer secret-token"}


def test_what_did_not_change_is_asked_for_by_its_etag(settings, github, later):
    asked = []

    def act(request):
        asked.append(request.headers.get("If-None-Match"))
        known = asked[-1] == '"a1"'
        (status(304, ETag='"a1"') if known else answer(repository("stones/alive"), ETag='"a1"'))(request)

    github.at("/repos/stones/alive", act)
    found = [checked(settings)["alive"]]
    assert check_links(settings) == []  # nothing is due on the same day
    for days in (8, 16):
        later(days)
        found.append(checked(settings)["alive"])
    assert asked == [None, '"a1"', '"a1"']
    assert [(row["http_status"], row["state"], row["stars"], row["licence"]) for row in found] == [
        (200, "available", 80, "MIT"),
        (304, "available", 80, "MIT"),
        (304, "available", 80, "MIT"),
    ]


def test_pages_are_asked_for_by_head_then_get(settings, web):
    web.at("/fine", status(200))
    web.at("/other", status(302, Location="/new-place/"))
    web.at("/new-place/", status(200))
    web.at("/slash", status(301, Location="/slash/"))
    web.at("/slash/", status(200))
    web.at("/headless", lambda request: status(405 if request.command == "HEAD" else 200)(request))
    web.at("/members", status(302, Location="/users/sign_in?back=1"))
    web.at("/users/sign_in", status(200))
    web.at("/robots", status(403))
    web.at("/law", status(451))
    web.at("/loop", status(302, Location="/loop"))
    web.at("/broken", status(500))
    found = checked(settings)
    assert states(found, PAGES) == {
        "fine": "available",
        "other": "moved",
        "slash": "available",
        "headless": "available",
        "members": "private",
        "robots": "unknown",
        "law": "gone",
        "loop": "unknown",
        "broken": "unknown",
        "absent": "gone",
    }
    assert found["other"]["redirected_to"].endswith("/new-place")
    assert found["robots"]["problem"] == "the answer has status 403"
    assert [path for path, _, _ in web.requests if path.endswith("/fine")] == ["HEAD /fine"]
    assert [path for path, _, _ in web.requests if path.endswith("/headless")] == ["HEAD /headless", "/headless"]


def test_a_host_that_wants_to_be_left_alone_is(settings, github, web, later):
    """What GitHub says at the end of its rate limit; the other sites are asked all the same."""
    reset = str(int(time.time()) + 3600)
    out = answer(message("API rate limit exceeded"), status=403, x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    for name in ("comes", *REPOSITORIES):
        github.at(f"/repos/stones/{name}", out)
    found = checked(settings)
    assert set(found) == set(PAGES)
    assert len(github.requests) == 1
    later(8)  # the turn of all links, while GitHub's hour is not over
    assert set(checked(settings)) == set(PAGES)
    assert len(github.requests) == 1


def test_a_site_that_gives_no_answer_is_given_up(settings, github):
    for name in ("comes", *REPOSITORIES):
        github.at(f"/repos/stones/{name}", status(503))
    found = checked(settings)
    assert set(states(found, ("comes", *REPOSITORIES)).values()) == {"unknown"}
    assert len(github.requests) == 6  # three links, each tried twice
    assert sum("not asked, as" in row["problem"] for row in found.values() if row["problem"]) == len(REPOSITORIES) - 2


def test_events_reach_readers_and_the_digest(settings, github, later):
    gone, there = answer(message("Not Found"), status=404), {}
    for name in ("dies", "returns", "comes", "moves"):
        there[name] = answer(repository(f"stones/{name}"))
    github.at("/repos/stones/dies", there["dies"], gone, gone)
    github.at("/repos/stones/returns", there["returns"], gone, there["returns"])
    github.at("/repos/stones/comes", gone, there["comes"])
    github.at("/repos/stones/moves", there["moves"], answer(repository("pebbles/moves")))
    for days in (0, 8, 16):
        later(days)
        assert list(run_link_checks(settings, None).outcomes.values()) == ["loaded"]
        with open_publication(settings) as connection:
            found = rows(connection, "select kind, parse_filename(url) as name from repo_link_events order by all")
            assert bool(found) == (days > 0)  # a first check is no event
    assert [(row["kind"], row["name"]) for row in found] == [
        ("came", "comes"),
        ("gone", "dies"),
        ("gone", "returns"),
        ("moved", "moves"),
        ("returned", "returns"),
    ]
    with open_publication(settings) as connection:
        query = "select state, stars, last_checked_at is not null as is_checked from fct_repo_links where name = 'dies'"
        assert rows(connection, query) == [{"state": "gone", "stars": 80, "is_checked": True}]
        news = digest(connection, Subscriber(email="ann@example.org", every="week"))
    assert [each["url"].rpartition("/")[2] for each in news.code] == ["comes"]
    assert [each["url"].rpartition("/")[2] for each in news.gone] == ["dies"]  # the other one is there again
    assert "CODE THAT IS GONE" in as_text(news, "unsubscribe")
    assert "Code that is gone" in as_html(news, "unsubscribe")


def test_the_budget_goes_to_what_matters_most_and_was_not_checked_for_longest(settings, later):
    assert choose_links(settings, 12) == 12
    names = chosen(settings)
    assert names[0] == "comes"  # a repository that was promised
    assert set(names[1:11]) == set(REPOSITORIES)
    assert names[11] in PAGES
    assert choose_links(settings, 3) == 12  # what was chosen is asked for first
    first = checked(settings, 12)
    choose_links(settings, 12)
    assert set(chosen(settings)) == set(PAGES) - set(first)
    land_answers(settings)
    later(400)
    choose_links(settings, 12)
    assert chosen(settings)[0] == "comes"


def test_without_a_token_github_is_asked_for_few(settings, monkeypatch):
    monkeypatch.setattr(step, "_MOST_WITHOUT_TOKEN", 4)
    choose_links(settings.model_copy(update={"github_token": None}))
    assert set(PAGES) < set(chosen(settings))
    assert len(chosen(settings)) == len(PAGES) + 4


def test_a_killed_walk_goes_on_where_it_was(settings, web):
    """Killed by SIGKILL in the middle; then each link has one answer."""

    def slow(request):
        time.sleep(0.1)
        status(200)(request)

    for name in PAGES:
        web.at(f"/{name}", slow)
    choose_links(settings)
    code = (
        "from warehouse.settings import Settings; from warehouse.steps.check_links import ask_hosts;"
        "ask_hosts(Settings(), 'other')"
    )
    kept = {name: getattr(settings, name) for name in settings.model_fields_set - {"github_token"}}
    environment = {f"PAPERHOUSE_{name.upper()}": str(value) for name, value in kept.items()}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    answers = settings.fetch_state / "link_checks" / "answers-other.jsonl"
    while not answers.exists() or answers.read_text("utf-8").count("{") < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with answers.open("a", encoding="utf-8") as file:
        file.write('{"url": "https://half')  # a line that was cut off
    done = len(web.requests)
    assert ask_hosts(settings, "other") == len(PAGES)
    assert len(web.requests) - done <= len(PAGES) - 2
    assert len(land_answers(settings)) == 1
    assert not list(answers.parent.glob("*.jsonl"))


def test_without_a_network_nothing_is_loaded(settings, github):
    settings = settings.model_copy(update={"github_url": "http://127.0.0.1:9"})
    with pytest.raises(StepError, match="none of 5 links could be asked for"):
        check_links(settings, 5)
    assert github.requests == []


def test_a_token_that_github_refuses_is_a_user_s_mistake(settings, github):
    github.at("/repos/stones/comes", answer(message("Bad credentials"), status=401))
    with pytest.raises(UsageError, match="GitHub refuses the token"):
        check_links(settings)


def test_nothing_is_published_yet(tmp_path):
    with pytest.raises(StepError, match="nothing is published yet"):
        check_links(Settings(home=tmp_path))


def test_each_known_site_is_asked_by_itself():
    assert {"github.com", "huggingface.co", "other"} <= set(list_link_groups())
