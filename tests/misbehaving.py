"""A real HTTP server on 127.0.0.1 that gives what a test has scripted, well or badly."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Act = Callable[[BaseHTTPRequestHandler], None]


def answer(body: bytes, content_type: str = "application/json", status: int = 200, **headers: str) -> Act:
    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    return act


def status(code: int, **headers: str) -> Act:
    return answer(b"", "text/plain", code, **headers)


def unchanged_after(etag: str, body: bytes, content_type: str = "application/json") -> Act:
    """The body with an ETag, and 304 for whoever has it."""

    def act(request: BaseHTTPRequestHandler) -> None:
        known = request.headers.get("If-None-Match") == etag
        (status(304, ETag=etag) if known else answer(body, content_type, ETag=etag))(request)

    return act


def cut(body: bytes, content_type: str = "application/json") -> Act:
    """Promises the body and hangs up in the middle of it."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(body) * 2))
        request.end_headers()
        request.wfile.write(body)
        request.close_connection = True

    return act


def drip(seconds: float, content_type: str = "application/json") -> Act:
    """A byte now and then, for so long."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", content_type)
        request.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                request.wfile.write(b" ")
                request.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    return act


def endless(content_type: str = "application/json", says_length: bool = False) -> Act:
    """Two gigabytes."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", content_type)
        if says_length:
            request.send_header("Content-Length", str(2 << 30))
        request.end_headers()
        block = b" " * (1 << 20)
        for _ in range(2 << 10):
            try:
                request.wfile.write(block)
            except OSError:
                return

    return act


def bomb(content_type: str = "application/json") -> Act:
    """Two hundred megabytes of spaces in two hundred kilobytes of gzip."""
    return answer(gzip.compress(b" " * 200_000_000, 9), content_type, Content_Encoding="gzip")


@dataclass
class Server:
    """What to do at each path: the acts one after the other, the last one for ever; a function of the query
    otherwise."""

    url: str
    acts: dict[str, list[Act]] = field(default_factory=dict)
    by_query: dict[str, Callable[[dict[str, str]], Act]] = field(default_factory=dict)
    # path with query ("HEAD /…" of a HEAD), headers, when
    requests: list[tuple[str, dict[str, str], float]] = field(default_factory=list)

    def at(self, path: str, *acts: Act) -> str:
        self.acts[path] = list(acts)
        return self.url + path


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_head = self.command == "HEAD"
            server.requests.append(
                (f"HEAD {self.path}" if is_head else self.path, dict(self.headers), time.monotonic())
            )
            parts = urlsplit(self.path)
            if parts.path in server.by_query:
                server.by_query[parts.path](dict(parse_qsl(parts.query)))(self)
                return
            acts = server.acts.get(parts.path) or [status(404)]
            (acts.pop(0) if len(acts) > 1 else acts[0])(self)

        do_HEAD = do_GET  # noqa: N815 - its name in http.server

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # clients that hang up are what is tested

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        server = Server(f"http://127.0.0.1:{listening.server_port}")
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        listening.shutdown()
