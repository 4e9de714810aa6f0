"""One spelling for every way to write a URL."""

import re
from collections.abc import Set
from urllib.parse import urlsplit

import idna

FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
_BRANCH = re.compile(r"^(/[^/]+/[^/]+)/(?:-/)?(?:tree|blob|raw|releases|issues|wiki|src)(?:/.*)?$")


_LABEL = re.compile(r"[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?")  # RFC 1035; with _, which some hosts have


def _is_host(name: str) -> bool:
    """Whether DNS can have the name, of two labels at least."""
    try:
        ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return False
    labels = ascii_name.lower().removesuffix(".").split(".")
    return len(labels) > 1 and len(ascii_name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def canonicalize(url: str, known_hosts: Set[str] = frozenset()) -> str:
    """One spelling for every way to write a place: https, lower-case host, no .git, branch or final slash; known hosts
    without www.

    Raises ValueError where the URL has no valid host, or an impossible port.

    >>> canonicalize("http://www.GitHub.com/a/b.git", {"github.com"})
    'https://github.com/a/b'
    >>> canonicalize("https: // github.com / a / b")
    'https://github.com/a/b'
    """
    url = "".join(url.split())
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.netloc.lower()
    if not parts.hostname or not _is_host(parts.hostname):
        raise ValueError(f"no host: {url}")
    if parts.port == 0:  # others that cannot be raise by themselves
        raise ValueError(f"no port: {url}")
    if host.removeprefix("www.") in known_hosts:
        host = host.removeprefix("www.")
    path = parts.path.rstrip("/")
    if host in FORGES:
        path = _BRANCH.sub(r"\1", path)
    path = path.removesuffix(".git")
    scheme = "https" if parts.scheme.lower() in ("http", "https") else parts.scheme
    return f"{scheme}://{host}{path}" + (f"?{parts.query}" if parts.query else "")
