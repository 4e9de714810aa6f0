"""The one HTTP client: polite, patient, and wary of what it is sent.

It names itself and a contact, keeps a host's rate across processes, tries again where that may help and waits as long
the time that a host asks for, sends conditional requests, and takes no more bytes, packed or unpacked, than it may. It
goes to http and https on public hosts alone.
"""

import math
import os
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx2
from filelock import FileLock
from publicsuffixlist import PublicSuffixList
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from warehouse.clock import now
from warehouse.errors import StepError, UsageError
from warehouse.settings import Settings
from warehouse.upstream.addresses import is_public

MAX_REDIRECTS = 5
MOST_SILENCE = 3  # a site that gave no answer so often in a row is not asked again in a run
_REDIRECTS = (301, 302, 303, 307, 308)
_RETRYABLE_STATUSES = (408, 425, 429, 500, 502, 503, 504)  # statuses that a later try may not meet
_LONGEST_HOST = 253  # characters of a name in DNS
_LONGEST_REST_SECONDS = 86_400.0  # whatever a host asks for: a later run asks again
T = TypeVar("T")


class FetchError(StepError):
    """A request failed for good, or for as many tries as there may be."""


class RateLimitError(FetchError):
    """The host wants to be left alone until an instant, in this process and in others."""


class _TransientError(Exception):
    """A request failed in a way that may pass. after_seconds: how long the server asked to wait, if it did."""

    def __init__(self, message: str, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


@dataclass(frozen=True)
class Answer:
    """What came of a request."""

    is_unchanged: bool  # since the validators were given: there is no body
    validators: dict[str, str]  # headers for the next conditional request


@dataclass(frozen=True)
class Reply:
    """What a host said of a place."""

    status: int
    url: str  # where redirects led
    headers: dict[str, str]  # their names in lower case
    content: bytes


class Client:
    """Asks hosts, so many times a second each. on_progress: called with each wait, in words."""

    def __init__(
        self, settings: Settings, requests_per_second: float, on_progress: Callable[[str], None] = lambda _: None
    ) -> None:
        if not settings.contact:
            raise UsageError(
                "no contact is set, and the hosts that are asked want to know whom to write to",
                "Set PAPERHOUSE_CONTACT to an e-mail address or a URL.",
            )
        self._settings, self._interval, self._on_progress = settings, 1 / requests_per_second, on_progress
        agent = f"paperhouse/{version('paperhouse')} ({settings.contact})"
        timeout = httpx2.Timeout(settings.http_read_timeout_seconds, connect=settings.http_connect_timeout_seconds)
        self._client = httpx2.Client(
            headers={"User-Agent": agent, "Accept-Encoding": "gzip, deflate"},
            timeout=timeout,
            follow_redirects=False,
            limits=httpx2.Limits(max_keepalive_connections=0),  # each request sees the address that it goes to
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def download(
        self, url: str, to: Path, content_types: list[str], validators: dict[str, str] | None = None
    ) -> Answer:
        """The answer's body, unpacked, into a file. Raises FetchError where it does not come."""
        return self._try(url, self._save, url, to, content_types, validators or {})

    def ask(self, method: str, url: str, headers: Mapping[str, str], most_bytes: int = 0) -> Reply:
        """What the host says, whatever its status, with no more of the body than that. Raises FetchError where it says
        nothing, or RateLimitError where it wants to be left alone."""
        return self._try(url, self._reply, method, url, headers, most_bytes)

    def _try(self, url: str, act: Callable[..., T], *args: Any) -> T:
        """The result of the act, tried as often as the settings say while what it meets may pass."""
        trying = Retrying(
            stop=stop_after_attempt(self._settings.http_attempts),
            wait=self._wait,
            retry=retry_if_exception_type((_TransientError, httpx2.TransportError)),
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            return trying(act, *args)
        except (_TransientError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise FetchError(
                f"{url} could not be fetched, in {self._settings.http_attempts} tries: {reason}",
                "A later run goes on from here.",
            ) from error
        except (ValueError, OverflowError) as error:  # of a URL or a header, ours or the host's
            raise FetchError(
                f"{url} cannot be fetched, as an address or a header on the way is malformed: {error}",
                "Open it in a browser: the host may have a fault.",
            ) from error

    def rest(self, attempt: int) -> None:
        """Waits before a suspect answer is fetched again."""
        time.sleep(self._back_off(attempt))

    def _wait(self, state: RetryCallState) -> float:
        """As long as the server asks, else by `_back_off`."""
        error = state.outcome and state.outcome.exception()
        asked = error.after_seconds if isinstance(error, _TransientError) else None
        return self._back_off(state.attempt_number) if asked is None else asked

    def _back_off(self, attempt: int) -> float:
        """Twice as long each time, with a random part, so that many clients do not come at once."""
        seconds = self._settings.http_first_wait_seconds * 2.0 ** (attempt - 1) * random.uniform(1, 1.5)  # noqa: S311
        return min(self._settings.http_longest_wait_seconds, seconds)

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        self._on_progress(f"{error or type(error).__name__}; again in {state.upcoming_sleep:.0f} s")

    def _save(self, url: str, to: Path, content_types: list[str], validators: dict[str, str]) -> Answer:
        with self._answered("GET", url, validators) as response:
            if response.status_code == 304:
                return Answer(True, validators)
            self._reject_status(response)
            self._reject_type(response, content_types)
            self._body(response, to)
            return Answer(False, find_validators(response.headers))

    def _reply(self, method: str, url: str, headers: Mapping[str, str], most_bytes: int) -> Reply:
        with self._answered(method, url, headers) as response:
            self._reject_rate_limit(response)
            self._reject_transient_status(response)
            content = b""
            for chunk in response.iter_bytes(1 << 14) if most_bytes else ():
                content += chunk
                if len(content) > most_bytes:
                    raise FetchError(f"{response.url} sends more than {most_bytes:,} bytes", "A later run asks again.")
            return Reply(response.status_code, str(response.url), dict(response.headers), content)

    @contextmanager
    def _answered(self, method: str, url: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        """The answer at the end of the redirects, before its body is read. Another host gets no credentials."""
        asked = urlsplit(url).netloc
        for _ in range(MAX_REDIRECTS + 1):
            self._reject_private_host(url)
            self._wait_for_rate_limit(url)
            is_other = urlsplit(url).netloc != asked
            given = {name: value for name, value in headers.items() if not (is_other and name == "Authorization")}
            with (
                self._deadline(url) as trace,
                self._client.stream(method, url, headers=given, extensions={"trace": trace}) as response,
            ):
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    yield response
                    return
                url = urljoin(url, response.headers["location"])
        raise FetchError(f"{url}: more than {MAX_REDIRECTS} redirects", "The source's `live.url` may have moved.")

    @contextmanager
    def _deadline(self, url: str) -> Iterator[Callable[[str, dict[str, Any]], None]]:
        """Ends a request that is not complete after http_deadline_seconds, however little the host sends at a time:
        timeouts are for each read. Gives a trace for httpx, which also rejects a private address once it is connected
        to: a name can lead elsewhere at the second look."""
        sockets: list[Any] = []
        is_over = threading.Event()

        def trace(event: str, facts: dict[str, Any]) -> None:
            if event.endswith(("connect_tcp.complete", "start_tls.complete")):
                stream = facts["return_value"]
                sockets.append(stream.get_extra_info("socket"))
                if peer := stream.get_extra_info("server_addr"):
                    self._reject_private_address(url, str(peer[0]))

        def end() -> None:
            is_over.set()
            for each in sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._settings.http_deadline_seconds, end)
        timer.daemon = True
        timer.start()
        late = _TransientError(f"{url} was not complete after {self._settings.http_deadline_seconds:.0f} s")
        try:
            yield trace
        except httpx2.TransportError as error:
            raise late if is_over.is_set() else error from error
        finally:
            timer.cancel()
        if is_over.is_set():  # an answer without a length just ends
            raise late

    def _reject_rate_limit(self, response: httpx2.Response) -> None:
        """Raises RateLimitError where no more requests are allowed for now, and leaves the site alone until then.

        The headers: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
        """
        if response.status_code not in (403, 429):
            return
        after, reset = _retry_after(response), response.headers.get("x-ratelimit-reset", "")
        if after is None and response.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            after = _bounded(float(reset) - now().timestamp())
        if after is None and response.status_code == 403:
            return
        seconds = self._settings.http_longest_wait_seconds if after is None else after
        self._start_backoff(str(response.url), now().timestamp() + seconds)

    def _body(self, response: httpx2.Response, to: Path) -> None:
        most, size = self._settings.http_most_bytes, 0
        with to.open("wb") as file:
            for chunk in response.iter_bytes(1 << 16):
                size += len(chunk)
                if size > most or response.num_bytes_downloaded > most:
                    raise FetchError(
                        f"{response.url} sends more than {most:,} bytes",
                        "Set PAPERHOUSE_HTTP_MOST_BYTES if that is right.",
                    )
                file.write(chunk)

    def _mark(self, url: str, name: str) -> Path:
        """A file of the site that all processes see."""
        folder = self._settings.fetch_state / "hosts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{site(url)}.{name}"

    def _start_backoff(self, url: str, instant: float) -> None:
        """Notes that the site is not to be asked before the instant, by any process, and gives up."""
        rest = self._mark(url, "rest")
        rest.touch()
        os.utime(rest, (instant, instant))
        self._reject_during_backoff(url)

    def _reject_during_backoff(self, url: str) -> None:
        rest = self._mark(url, "rest")
        until = rest.stat().st_mtime if rest.exists() else 0.0
        # One that is further away is of a clock that went back, or of a release that let hosts ask for years.
        if 0 < until - now().timestamp() <= _LONGEST_REST_SECONDS:
            at = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
            message = f"{url}: {site(url)} asks not to be asked before {at}"
            raise RateLimitError(message, "A later run goes on from here.")

    def _wait_for_rate_limit(self, url: str) -> None:
        """Waits until the site may be asked again. Raises FetchError where it asked for a longer rest."""
        self._reject_during_backoff(url)
        mark = self._mark(url, "last")
        with FileLock(f"{mark}.lock"):
            asked_at = mark.stat().st_mtime if mark.exists() else 0.0
            time.sleep(min(max(0.0, asked_at + self._interval - now().timestamp()), self._interval))
            mark.touch()

    def _reject_private_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{url} is not on http or https", "Nothing else is fetched, wherever a source leads.")
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 443, proto=socket.IPPROTO_TCP)
        except OSError as error:
            raise _TransientError(f"{parts.hostname} has no address: {error}") from error
        for *_, address in found:
            self._reject_private_address(url, str(address[0]))

    def _reject_private_address(self, url: str, address: str) -> None:
        if not self._settings.http_allow_private_hosts and not is_public(address):
            raise FetchError(
                f"{url} leads to {address}, which is not a public address",
                "Set PAPERHOUSE_HTTP_ALLOW_PRIVATE_HOSTS=true for a mirror of yours.",
            )

    def _reject_transient_status(self, response: httpx2.Response) -> None:
        """Raises RateLimitError where the host asks for a longer wait than ours may be."""
        if response.status_code in _RETRYABLE_STATUSES:
            after = _retry_after(response)
            if after is not None and after > self._settings.http_longest_wait_seconds:
                self._start_backoff(str(response.url), now().timestamp() + after)
            raise _TransientError(f"{response.url} answers {response.status_code}", after)

    def _reject_status(self, response: httpx2.Response) -> None:
        self._reject_transient_status(response)
        if response.status_code != 200:
            raise FetchError(
                f"{response.url} answers {response.status_code} {response.reason_phrase}",
                "The source's `live` config may be out of date.",
            )

    def _reject_type(self, response: httpx2.Response, content_types: list[str]) -> None:
        given = read_content_type(response.headers)
        if given not in content_types:
            raise _TransientError(
                f"{response.url} answers with {given or 'no content type'}, not with {' or '.join(content_types)}"
            )
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._settings.http_most_bytes:
            most = self._settings.http_most_bytes
            raise FetchError(
                f"{response.url} would send {int(length):,} bytes, and {most:,} are the most",
                "Set PAPERHOUSE_HTTP_MOST_BYTES if that is right.",
            )


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def site(url: str) -> str:
    """Who is asked, whichever of its hosts: arXiv counts requests over all of its interfaces. All malformed URLs are
    one site, which nobody can be asked for.

    >>> [site(url) for url in ("https://export.arxiv.org/api", "https://oaipmh.arxiv.org/oai", "http://127.0.0.1:8000/a")]
    ['arxiv.org', 'arxiv.org', '127.0.0.1_8000']
    >>> [site(url) for url in ("https://www.cs.ox.ac.uk/a", "https://ann.github.io", "https://example.org:99999")]
    ['ox.ac.uk', 'ann.github.io', 'malformed']
    """
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "malformed"
    if not name or len(name) > _LONGEST_HOST or not re.fullmatch(r"[\w.:-]+", name):
        return "malformed"
    is_address = name.replace(".", "").isdigit() or ":" in name
    whole = name.replace(":", "-") if is_address else _public_suffixes().privatesuffix(name) or name
    return f"{whole}_{port}" if port else whole


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds to wait, of a Retry-After header, which has seconds or an instant."""
    text = response.headers.get("retry-after", "").strip()
    try:
        return _bounded(
            float(text) if text.isdecimal() else (_aware(parsedate_to_datetime(text)) - now()).total_seconds()
        )
    except (TypeError, ValueError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    """As long as a host may ask to be left alone."""
    return min(max(0.0, seconds), _LONGEST_REST_SECONDS) if math.isfinite(seconds) else _LONGEST_REST_SECONDS


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def read_content_type(headers: Mapping[str, str]) -> str:
    """Without parameters, in lower case; empty where there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def find_validators(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers for the next conditional request, of an answer's, whose names are in lower case."""
    pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {header: headers[name] for header, name in pairs if name in headers}
