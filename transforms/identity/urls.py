"""One spelling for every way to write a URL."""

import re
from collections.abc import Set
from urllib.parse import urlsplit

FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
_BRANCH = re.compile(r"^(/[^/]+/[^/]+)/(?:-/)?(?:tree|blob|raw|releases|issues|wiki|src)(?:/.*)?$")


def canonical(url: str, known_hosts: Set[str] = frozenset()) -> str:
    """One spelling for every way to write a place: https, lower-case host, no .git, branch or final slash; known hosts
    without www.

    Raises ValueError where the URL has no valid host.

    >>> canonical("http://www.GitHub.com/a/b.git", {"github.com"})
    'https://github.com/a/b'
    >>> canonical("https: // github.com / a / b")
    'https://github.com/a/b'
    """
    url = "".join(url.split())
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.netloc.lower()
    if not parts.hostname or "." not in parts.hostname:
        raise ValueError(f"no host: {url}")
    if host.removeprefix("www.") in known_hosts:
        host = host.removeprefix("www.")
    path = parts.path.rstrip("/")
    if host in FORGES:
        path = _BRANCH.sub(r"\1", path)
    path = path.removesuffix(".git")
    scheme = "https" if parts.scheme.lower() in ("http", "https") else parts.scheme
    return f"{scheme}://{host}{path}" + (f"?{parts.query}" if parts.query else "")
