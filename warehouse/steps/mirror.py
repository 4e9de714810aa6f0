"""Mirror: the publication → a bucket or a folder, where others read one whole publication at a time.

    current.json                  what to read now: version, published_at, database, and the files of each table
    publications/41.json          the same of each publication that is kept
    databases/SHA256.duckdb
    parquet/TABLE/SHA256.parquet  a segment, of all publications that have it

A file's name is that of its content, so what is there already is not sent again; current.json is written last.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from warehouse.errors import StepError, UsageError
from warehouse.log import logged
from warehouse.settings import Settings
from warehouse.storage.locks import file_lock
from warehouse.storage.publication import list_versions, read_manifest

CURRENT = "current.json"
_PUBLICATION = re.compile(r"publications/(\d+)\.json")
# What we write, and may remove: a folder can hold what is of others too.
_OURS = re.compile(rf"{_PUBLICATION.pattern}|databases/[0-9a-f]{{64}}\.duckdb|parquet/\w+/[0-9a-f]{{64}}\.parquet")
_RETRY = {"max_retries": 5, "retry_timeout": timedelta(minutes=3)}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Mirrored:
    """sent_files, sent_bytes: what was not there yet. removed_files: what only publications needed that are kept no
    longer."""

    version: int
    address: str
    sent_files: int
    sent_bytes: int
    removed_files: int


def mirror(settings: Settings, on_progress: Progress = lambda *_: None) -> Mirrored:
    """Copies the publication of now to PAPERHOUSE_MIRROR. on_progress: called with the files that are sent, and all
    that are not there yet.

    Raises UsageError where there is no mirror, nothing to copy, or a later publication there; StepError where the
    mirror cannot be reached: what it had before stays as it was, and files that arrived are not sent again.
    """
    if not settings.mirror:
        raise UsageError("no mirror is set", "Set PAPERHOUSE_MIRROR, as in s3://BUCKET/PREFIX, or to a folder.")
    manifest = read_manifest(settings)
    if manifest is None:
        raise UsageError("nothing is published yet", "Next: paperhouse run --source NAME PATH")
    lock = settings.build / "locks" / "mirror"
    with (
        logged(settings, "mirror", version=manifest["version"]) as entry,
        file_lock(lock, "the mirror", "mirror", settings.lock_timeout_seconds),
    ):
        try:
            mirrored = _copy(settings, manifest, on_progress)
        except (BaseError, OSError) as error:
            hint = "It is published here all the same. Next, once the mirror answers: paperhouse mirror"
            message = f"{settings.mirror} does not take publication {manifest['version']}: {error}"
            raise StepError(message, hint) from error
        entry.update(sent_files=mirrored.sent_files, sent_bytes=mirrored.sent_bytes)
    return mirrored


def _open(settings: Settings) -> ObjectStore:
    """The store of an address. Raises UsageError where obstore knows none such."""
    if "://" not in settings.mirror:
        folder = Path(settings.mirror).expanduser().absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return from_url(folder.as_uri())
    config = {name: value.get_secret_value() for name, value in settings.mirror_store.items()}
    options: Any = {"config": config, "retry_config": _RETRY}
    if config.get("endpoint", "").startswith("http://"):
        options["client_options"] = {"allow_http": True}
    try:
        return from_url(settings.mirror, **options)
    except (BaseError, ValueError) as error:
        hint = "s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://ACCOUNT/CONTAINER/PREFIX, or a folder"
        raise UsageError(f"PAPERHOUSE_MIRROR={settings.mirror} is no address: {error}", hint) from None


def _copy(settings: Settings, manifest: dict[str, Any], on_progress: Progress) -> Mirrored:
    store = _open(settings)
    _refuse_later(settings, store, manifest)
    there = {meta["path"]: meta["size"] for meta in _list(store)}
    files = _name_files(manifest)
    missing = {name: facts for name, facts in files.items() if there.get(name) != facts["byte_count"]}
    folder = list_versions(settings) / str(manifest["version"])
    for done, (name, facts) in enumerate(missing.items()):
        on_progress(done, len(missing))
        obstore.put(store, name, folder / facts["file"])
    on_progress(len(missing), len(missing))
    described = json.dumps(_describe(manifest), indent=1).encode()
    obstore.put(store, f"publications/{manifest['version']}.json", described)
    obstore.put(store, CURRENT, described)
    size = sum(facts["byte_count"] for facts in missing.values())
    return Mirrored(manifest["version"], settings.mirror, len(missing), size, _remove_old(settings, store))


def _refuse_later(settings: Settings, store: ObjectStore, manifest: dict[str, Any]) -> None:
    try:
        there = _read(store, CURRENT)
    except FileNotFoundError:
        return
    except ValueError:
        there = None
    if not isinstance(there, dict) or "version" not in there or "published_at" not in there:
        raise UsageError(
            f"{settings.mirror} has a {CURRENT} that paperhouse did not write",
            "Set PAPERHOUSE_MIRROR to an address of its own.",
        )
    if datetime.fromisoformat(there["published_at"]) > datetime.fromisoformat(manifest["published_at"]):
        message = (
            f"{settings.mirror} has publication {there['version']} of {there['published_at']}, which is later than "
            f"publication {manifest['version']} here, of {manifest['published_at']}"
        )
        raise UsageError(message, "It is of another home. Set PAPERHOUSE_MIRROR to an address of this home's own.")


def _name_files(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The name in the mirror of each of the publication's files."""
    found = {_name_database(manifest): manifest["database"]}
    for table, facts in manifest["tables"].items():
        found |= {_name_segment(table, file): file for file in facts["files"]}
    return found


def _name_database(manifest: dict[str, Any]) -> str:
    return f"databases/{manifest['database']['sha256']}.duckdb"


def _name_segment(table: str, file: dict[str, Any]) -> str:
    return f"parquet/{table}/{file['sha256']}.parquet"


def _describe(manifest: dict[str, Any]) -> dict[str, Any]:
    """What readers need of a manifest; the addresses are relative to the mirror's."""
    return {
        "version": manifest["version"],
        "published_at": manifest["published_at"],
        "database": _name_database(manifest),
        "tables": {
            table: {
                "row_count": facts["row_count"],
                "files": [_name_segment(table, file) for file in facts["files"]],
            }
            for table, facts in manifest["tables"].items()
        },
    }


def _remove_old(settings: Settings, store: ObjectStore) -> int:
    """Removes the files that no publication needs which is one of the last, or was the last until lately; returns how
    many."""
    listed = _list(store)
    numbered = [(int(found[1]), meta) for meta in listed if (found := _PUBLICATION.fullmatch(meta["path"]))]
    publications = [meta for _, meta in sorted(numbered, key=lambda each: (each[1]["last_modified"], each[0]))]
    last = publications[-1]["last_modified"]
    successors = [*(meta["last_modified"] for meta in publications[1:]), last]
    kept = {CURRENT}
    for place, (meta, successor) in enumerate(zip(publications, successors, strict=True)):
        is_last = place >= len(publications) - settings.publications_kept
        if is_last or (last - successor).total_seconds() < settings.publication_grace_seconds:
            described = _read(store, meta["path"])
            segments = (file for facts in described["tables"].values() for file in facts["files"])
            kept |= {meta["path"], described["database"], *segments}
    removed = [meta["path"] for meta in listed if _OURS.fullmatch(meta["path"]) and meta["path"] not in kept]
    if removed:
        obstore.delete(store, removed)
    return len(removed)


def _list(store: ObjectStore) -> list[Any]:
    """What obstore knows of each file: path, size, last_modified."""
    return [meta for batch in obstore.list(store) for meta in batch]


def _read(store: ObjectStore, name: str) -> Any:
    return json.loads(bytes(obstore.get(store, name).bytes()))
