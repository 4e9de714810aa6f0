"""The HTTP client against a real server that misbehaves in each way that hosts do."""

import time
from email.utils import format_datetime

import pytest

from tests.misbehaving import answer, bomb, cut, drip, endless, serving, status, unchanged_after
from warehouse.clock import now
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.upstream.http import Client, FetchError

JSON = ["application/json"]
QUICK = {
    "contact": "test@example.org",
    "http_allow_private_hosts": True,
    "http_attempts": 3,
    "http_first_wait_seconds": 0.05,
    "http_read_timeout_seconds": 2,
    "http_deadline_seconds": 1,
    "http_most_bytes": 5_000_000,
}


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


@pytest.fixture
def get(tmp_path):
    """Downloads a URL and returns its body."""

    def download(url, rate=1000, validators=None, **settings):
        with Client(Settings(home=tmp_path, **QUICK | settings), rate) as client:
            download.answer = client.download(url, tmp_path / "body", JSON, validators)
            return (tmp_path / "body").read_bytes()

    return download


def test_a_client_says_who_it_is(server, get):
    assert get(server.at("/plain", answer(b"[1]"))) == b"[1]"
    assert server.requests[-1][1]["User-Agent"].endswith("(test@example.org)")
    with pytest.raises(UsageError, match="PAPERHOUSE_CONTACT"):
        get(server.url, contact="")


@pytest.mark.parametrize(
    ("faults", "seconds"),
    [
        ([status(429, Retry_After="1")], 1),
        ([status(503, Retry_After=format_datetime(now(), usegmt=True))], 0),
        ([status(503), status(502)], 0.1),
        ([cut(b"[1]")], 0),
        ([answer(b"<html>please wait</html>", "text/html")], 0),
        ([drip(3)], 1),
    ],
    ids=["429 with Retry-After", "503 with an instant", "503 and 502", "cut", "wrong type", "slow drip"],
)
def test_what_may_pass_is_tried_again(faults, seconds, server, get):
    start = time.monotonic()
    assert get(server.at("/passing", *faults, answer(b"[1]"))) == b"[1]"
    assert time.monotonic() - start >= seconds


def test_a_longer_rest_than_may_be_waited_is_kept_by_not_asking(server, get):
    url, before = server.at("/resting", status(429, Retry_After="2"), answer(b"[1]")), len(server.requests)
    for _ in range(2):
        with pytest.raises(FetchError, match="asks not to be asked before"):
            get(url, http_longest_wait_seconds=1)
    assert len(server.requests) - before == 1
    time.sleep(2.1)
    assert get(url, http_longest_wait_seconds=1) == b"[1]"


def test_it_gives_up_in_the_end(server, get):
    before = len(server.requests)
    with pytest.raises(FetchError, match=r"in 3 tries: .*answers 500"):
        get(server.at("/down", status(500)))
    assert len(server.requests) - before == 3


def test_what_will_not_pass_is_not_tried_again(server, get):
    before = len(server.requests)
    with pytest.raises(FetchError, match="answers 404"):
        get(server.url + "/nothing")
    assert len(server.requests) - before == 1


@pytest.mark.parametrize(
    "act", [endless(), endless(says_length=True), bomb()], ids=["2 GB", "2 GB, announced", "gzip bomb"]
)
def test_no_more_bytes_than_there_may_be(act, server, get, tmp_path):
    with pytest.raises(FetchError, match="5,000,000"):
        get(server.at("/huge", act))
    assert not (tmp_path / "body").exists() or (tmp_path / "body").stat().st_size <= 5_000_000


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/x", "gopher://127.0.0.1/"])
def test_redirects_lead_to_http_alone(target, server, get):
    with pytest.raises(FetchError, match="not on http or https"):
        get(server.at("/out", status(302, Location=target)))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "0.0.0.0", "localhost"])
def test_private_hosts_are_refused(host, get):
    with pytest.raises(FetchError, match="not a public address"):
        get(f"http://{host}/", http_allow_private_hosts=False)


def test_redirects_are_followed_and_bounded(server, get):
    server.at("/there", answer(b"[2]"))
    assert get(server.at("/here", status(301, Location="/there"))) == b"[2]"
    with pytest.raises(FetchError, match="more than 5 redirects"):
        get(server.at("/loop", status(302, Location="/loop")))


def test_what_has_not_changed_is_not_sent_again(server, get):
    url = server.at("/tagged", unchanged_after('"v1"', b"[1]"))
    get(url)
    assert not get.answer.is_unchanged
    get(url, validators=get.answer.validators)
    assert get.answer.is_unchanged


def test_a_host_is_asked_at_its_rate_by_all_processes(server, get):
    url = server.at("/often", answer(b"[]"))
    start = time.monotonic()
    for _ in range(3):
        get(url, rate=5)
    assert time.monotonic() - start >= 0.38  # two waits of 0.2 s, less the ticks of a file's time


def test_no_name_no_answer(get):
    with pytest.raises(FetchError, match="has no address"):
        get("http://no-such-host.invalid/", http_attempts=1)
