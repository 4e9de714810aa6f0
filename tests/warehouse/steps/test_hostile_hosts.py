"""A host that answers in every bad way, and URLs that no one can ask for: each link has its answer or its problem, in
bounded time, and no link keeps the others from theirs."""

import json
import time
from dataclasses import asdict

import pytest

from tests.misbehaving import answer, cut, drip, serving, status
from tests.warehouse.steps.test_steps import PROSE
from transforms.identity.urls import canonicalize
from warehouse.settings import Settings
from warehouse.steps import check_links as step
from warehouse.steps.check import check
from warehouse.steps.check_links import ask_hosts, choose_links, land_answers
from warehouse.steps.load import load
from warehouse.steps.parse import parse
from warehouse.steps.pipeline import run
from warehouse.upstream.http import site
from warehouse.upstream.link_hosts import Link

MALFORMED = (
    "https://example..com/code",
    "https://.example.org/code",
    f"https://{'a' * 70}.example.org/x",
    "https://example.org:99999/x",
    "https://example.org:port/x",
    "https://\u202eexample\u202c.org/x",
    "http://[bad/",
)


def endless_headers(seconds):
    """A header line now and then, for so long."""

    def act(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                request.wfile.write(b"X-Line: 1\r\n")
                request.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    return act


BAD = {
    "rest-forever": status(429, Retry_After="9" * 400),
    "rest-years": status(503, Retry_After="99999999999999"),
    "rest-instant": status(429, Retry_After="Fri, 31 Dec 9999 23:59:59 -1400"),
    "rest-nonsense": status(503, Retry_After="soon"),
    "reset-forever": status(403, x_ratelimit_remaining="0", x_ratelimit_reset="9" * 40),
    "to-malformed": status(302, Location="http://[bad/"),
    "to-port": status(302, Location="http://127.0.0.1:99999/"),
    "to-label": status(302, Location=f"http://{'a' * 70}.example/"),
    "to-file": status(302, Location="file:///etc/passwd"),
    "drips-headers": endless_headers(60),
    "drips-body": drip(60),
    "cut": cut(b"half"),
    "odd-encoding": answer(b"no gzip", "text/html", Content_Encoding="gzip"),
    "odd-length": status(200, Content_Range="bytes */-1"),
}


@pytest.fixture
def settings(tmp_path):
    return Settings(
        home=tmp_path / "it's a home",
        contact="test@example.org",
        http_allow_private_hosts=True,
        http_first_wait_seconds=0.01,
        http_longest_wait_seconds=0.5,
        link_check_timeout_seconds=0.5,
        link_checks_per_second=1000,
    )


def choose(settings, urls):
    """Leaves the choice that a run would go on with."""
    folder = settings.fetch_state / "link_checks"
    folder.mkdir(parents=True)
    links = [Link(url, url, step.OTHER, None, None, None, None) for url in urls]
    (folder / "chosen.jsonl").write_text("".join(json.dumps(asdict(link)) + "\n" for link in links), "utf-8")


def ask(settings, urls):
    choose(settings, urls)
    ask_hosts(settings, step.OTHER)
    answers = {line["url"]: line for line in step._read_answers(settings, step.OTHER)}
    for batch in land_answers(settings):
        parse(settings, batch)
        check(settings, batch)
        load(settings, batch)
    assert not (settings.fetch_state / "link_checks" / "chosen.jsonl").exists()
    return answers


@pytest.mark.parametrize("name", BAD)
def test_no_answer_stops_the_links_after_it(name, settings):
    with serving() as good, serving() as bad:
        fine = good.at("/fine", answer(b"<p>Stones</p>", "text/html"))
        start = time.monotonic()
        answers = ask(settings, [bad.at(f"/{name}", BAD[name]), fine])
        assert time.monotonic() - start < 15
    assert answers[fine]["http_status"] == 200
    for rest in (settings.fetch_state / "hosts").glob("*.rest"):
        assert rest.stat().st_mtime < time.time() + 86_401, "a host may ask for a day at most"


@pytest.mark.trust
def test_every_status_is_an_answer(settings):
    with serving() as host:
        # 429 asks for rest: a site's other links are left for a later run then.
        urls = [host.at(f"/status-{code}", status(code)) for code in range(200, 600) if code != 429]
        asked = settings.model_copy(update={"http_first_wait_seconds": 0.0})
        answers = ask(asked, urls)
    assert len(answers) == len(urls)


def test_malformed_urls_are_problems_of_their_own(settings):
    with serving() as good:
        fine = good.at("/fine", answer(b"<p>Stones</p>", "text/html"))
        answers = ask(settings, [*MALFORMED, fine])
    assert answers[fine]["http_status"] == 200
    assert all("problem" in answers[url] for url in MALFORMED)


@pytest.mark.parametrize("url", MALFORMED)
def test_malformed_urls_are_no_links(url):
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit has words of its own
        canonicalize(url)


def test_an_abstract_with_malformed_urls_is_read(settings, listing):
    page = listing(("On Sorting Stones", f"{PROSE} See {' and '.join(MALFORMED)} and https://example.org/fine."))
    assert set(run(settings, "hf_listing", [page]).outcomes.values()) == {"loaded"}
    choose_links(settings)
    assert {site(link.url) for link in step._read_chosen(settings)} == {"example.org", "github.com"}
