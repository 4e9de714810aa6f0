"""Packages of the npm registry that an export brings along: fetched once, checked against vendor.yml, wrapped for pages
that are opened from disk, where a browser lets a script load scripts and nothing else."""

import base64
import hashlib
import json
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import yaml

from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.files import write_atomically

_PACKAGES = Path(__file__).with_name("vendor.yml")


def vendor(settings: Settings, folder: Path) -> None:
    """arrow.js, duckdb.js and engine.js with their licences, in the folder.

    Raises UsageError where the registry does not give a package, or gives another than was tried.
    """
    folder.mkdir()
    files: dict[str, bytes] = {}
    for package in yaml.safe_load(_PACKAGES.read_text("utf-8")):
        with tarfile.open(fileobj=BytesIO(_fetch(settings, package)), mode="r:gz") as archive:
            for name, target in package["files"].items():
                files[target] = archive.extractfile(name).read()  # type: ignore[union-attr]  # its sum is known
    for name in [name for name in files if name == "arrow.js" or name.endswith(".txt")]:
        (folder / name).write_bytes(files[name])
    (folder / "duckdb-LICENSE.txt").write_text("DuckDB-WASM: MIT, https://github.com/duckdb/duckdb-wasm\n", "utf-8")
    # A module of Node as a script: what it exports as a global, what it requires from arrow.js.
    (folder / "duckdb.js").write_bytes(
        b"var duckdb = (() => { const module = { exports: {} }, exports = module.exports, require = () => Arrow;\n"
        + files["duckdb.cjs"]
        + b"\nreturn module.exports; })();\n"
    )
    (folder / "engine.js").write_text(
        f"var engine = {json.dumps({'worker': files['worker.js'].decode(), 'wasm': as_text(files['duckdb.wasm'])})};\n",
        "utf-8",
    )


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _fetch(settings: Settings, package: dict[str, Any]) -> bytes:
    """The package's archive, kept in the home for the next export."""
    kept: Path = settings.home / "npm" / package["path"].rpartition("/")[2]
    if kept.exists() and _sum(content := kept.read_bytes()) == package["sha512"]:
        return content
    url = f"{settings.npm_registry.rstrip('/')}/{package['path']}"
    way_out = "Export without the page for queries: paperhouse web --export FOLDER --no-query"
    try:
        answer = httpx2.get(url, timeout=settings.http_read_timeout_seconds, follow_redirects=True)
        answer.raise_for_status()
    except httpx2.HTTPError as error:
        raise UsageError(
            f"{package['name']} does not come from {url}: {error or type(error).__name__}", way_out
        ) from None
    content = bytes(answer.content)
    if _sum(content) != package["sha512"]:
        raise UsageError(f"{url} is not the {package['name']} {package['version']} that paperhouse knows", way_out)
    write_atomically(kept, lambda temporary: temporary.write_bytes(content))
    return content


def _sum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha512(content).digest()).decode("ascii")
