"""Mirror: the publication → a bucket or a folder, where others read one whole publication at a time.

    current.json                  what to read now: version, published_at, database, and the files of each table; and
                                  home, whose mirror this is
    publications/41.json          the same of each publication that is kept
    databases/SHA256.duckdb
    parquet/TABLE/SHA256.parquet  a segment, of all publications that have it

A file's name is that of its content, so what is there already is not sent again; current.json is written last.
"""

import json
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from warehouse.errors import StepError, UsageError
from warehouse.log import log_problem, logged
from warehouse.settings import Settings
from warehouse.storage.files import make_private
from warehouse.storage.locks import file_lock
from warehouse.storage.publication import list_versions, read_manifest, table_files

CURRENT = "current.json"
_PUBLICATION = re.compile(r"publications/(\d+)\.json")
# What we write, and may remove: a folder can hold what is of others too.
_OURS = re.compile(rf"{_PUBLICATION.pattern}|databases/[0-9a-f]{{64}}\.duckdb|parquet/\w+/[0-9a-f]{{64}}\.parquet")
_ADDRESS = re.compile(r"(s3|gs|az)://[^/@]+(/[^@]*)?")
_ADDRESSES = "Set it to s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or a folder"
_RETRY = {"max_retries": 5, "retry_timeout": timedelta(minutes=30)}
_CLIENT = {
    "allow_http": True,  # where the user's own endpoint is http://
    "connect_timeout": timedelta(seconds=30),
    "timeout": timedelta(minutes=10),  # of a part of 5 MB, also on a slow line
}

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

    Raises UsageError where there is no mirror, nothing to copy, or what is there is of another home; StepError where
    the mirror cannot be reached: what it had before stays as it was, and files that arrived are not sent again.
    """
    if not settings.mirror:
        raise UsageError("no mirror is set", "Set PAPERHOUSE_MIRROR, as in s3://BUCKET/PREFIX, or to a folder.")
    lock = settings.build / "locks" / "mirror"
    with (
        logged(settings, "mirror") as entry,
        file_lock(lock, "the mirror", "mirror", settings.lock_timeout_seconds),
    ):
        manifest = read_manifest(settings)
        if manifest is None:
            raise UsageError("nothing is published yet", "Next: paperhouse run --source NAME PATH")
        entry["version"] = manifest["version"]
        try:
            mirrored = _copy(settings, manifest, on_progress)
        except (BaseError, OSError) as error:
            hint = "It is published here all the same. Next, once the mirror answers: paperhouse mirror"
            message = f"{settings.mirror} does not take publication {manifest['version']}: {_shorten(error)}"
            raise StepError(message, hint) from error
        entry.update(sent_files=mirrored.sent_files, sent_bytes=mirrored.sent_bytes)
    return mirrored


def _open(settings: Settings) -> ObjectStore:
    """The store of an address. Raises UsageError where it is none, or the settings of the store do not do."""
    if ":" not in settings.mirror:
        return _open_folder(settings.mirror)
    if not _ADDRESS.fullmatch(settings.mirror):
        raise UsageError("PAPERHOUSE_MIRROR is no address that paperhouse can write to", f"{_ADDRESSES}.")
    options: Any = {
        "config": {name: value.get_secret_value() for name, value in settings.mirror_store.items()},
        "client_options": _CLIENT,
        "retry_config": _RETRY,
    }
    for name, value in options["config"].items():
        if "endpoint" in name.lower() and not re.fullmatch(r"https?://[^\s/]\S*", value):
            raise UsageError(f"the {name} of PAPERHOUSE_MIRROR_STORE is no URL", "Write it as https://HOST[:PORT].")
    try:
        return from_url(settings.mirror, **options)
    except (BaseError, ValueError) as error:
        hint = f"{_ADDRESSES}; what the store needs beside it goes into PAPERHOUSE_MIRROR_STORE."
        raise UsageError(f"PAPERHOUSE_MIRROR={settings.mirror} cannot be used: {_shorten(error)}", hint) from None


def _open_folder(name: str) -> ObjectStore:
    try:
        folder = Path(name).expanduser().absolute()
    except RuntimeError as error:  # ~ of a user that there is not
        raise UsageError(f"PAPERHOUSE_MIRROR={name} is no folder: {error}", f"{_ADDRESSES}.") from None
    folder.mkdir(parents=True, exist_ok=True)
    return from_url(folder.as_uri())


def _remove_cut(folder: Path) -> None:
    """Removes what a mirror that was killed left of files that were not whole yet, as obstore calls them until then."""
    for cut in folder.rglob("*#*"):
        if _OURS.fullmatch(cut.relative_to(folder).as_posix().partition("#")[0]):
            cut.unlink()


def _shorten(error: Exception) -> str:
    """What obstore says, without the structures of its library."""
    return str(error).partition("\n\nDebug source")[0].strip()


def _copy(settings: Settings, manifest: dict[str, Any], on_progress: Progress) -> Mirrored:
    store, home = _open(settings), _read_home(settings)
    _refuse_others(settings, store, home, manifest)
    if isinstance(store, LocalStore) and store.prefix:
        _remove_cut(Path(store.prefix))
    listed = _list(store)
    there = {meta["path"]: meta["size"] for meta in listed}
    files = _name_files(manifest)
    missing = {name: facts for name, facts in files.items() if there.get(name) != facts["byte_count"]}
    folder = list_versions(settings) / str(manifest["version"])
    for done, (name, facts) in enumerate(missing.items()):
        on_progress(done, len(missing))
        obstore.put(store, name, folder / facts["file"], max_concurrency=4)
    on_progress(len(missing), len(missing))
    description = f"publications/{manifest['version']}.json"
    described = json.dumps({"home": home} | _describe(manifest), indent=1).encode()
    obstore.put(store, description, described)
    obstore.put(store, CURRENT, described)
    size = sum(facts["byte_count"] for facts in missing.values())
    earlier = [meta for meta in listed if meta["path"] != description]
    removed = _remove_old(settings, store, earlier, {CURRENT, description, *files})
    return Mirrored(manifest["version"], settings.mirror, len(missing), size, removed)


def _read_home(settings: Settings) -> str:
    """By what a mirror tells the homes apart, made at first use."""
    make_private(settings.mirror_home_file, lambda: uuid.uuid4().hex)
    return settings.mirror_home_file.read_text("ascii").strip()


def _refuse_others(settings: Settings, store: ObjectStore, home: str, manifest: dict[str, Any]) -> None:
    """Raises UsageError where current.json is not one that this home wrote, before this publication."""
    own = "Set PAPERHOUSE_MIRROR to an address of its own."
    try:
        there = _read(store, CURRENT)
        is_later = datetime.fromisoformat(there["published_at"]) > datetime.fromisoformat(manifest["published_at"])
        theirs, version = there["home"], there["version"]
    except FileNotFoundError:
        return
    except (ValueError, TypeError, KeyError):
        raise UsageError(f"{settings.mirror} has a {CURRENT} that paperhouse did not write", own) from None
    if theirs != home:
        hint = f"{own} If that home is no more, delete {CURRENT} there: this one then takes its place."
        raise UsageError(f"{settings.mirror} is the mirror of another home, at publication {version}", hint)
    if is_later:
        message = f"{settings.mirror} has publication {version} of {there['published_at']}, which is later than "
        here = f"publication {manifest['version']} here, of {manifest['published_at']}"
        hint = f"Was this home restored from a backup? Then delete {CURRENT} there, and mirror again."
        raise UsageError(message + here, hint)


def _name_files(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The name in the mirror of each of the publication's files."""
    found = {_name_database(manifest): manifest["database"]}
    for table, facts in manifest["tables"].items():
        found |= {_name_segment(table, file): file for file in table_files(facts)}
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
                "files": [_name_segment(table, file) for file in table_files(facts)],
            }
            for table, facts in manifest["tables"].items()
        },
    }


def _remove_old(settings: Settings, store: ObjectStore, earlier: list[Any], needed: set[str]) -> int:
    """Removes the files that no publication needs which is one of the last, or was the last until lately; returns how
    many. Where the mirror does not let it, they stay until the next time.

    earlier: what was there before this publication; needed: what this publication needs.
    """
    try:
        last = obstore.head(store, CURRENT)["last_modified"]
        kept = needed | _find_kept(settings, store, earlier, last)
        removed = [meta["path"] for meta in earlier if _OURS.fullmatch(meta["path"]) and meta["path"] not in kept]
        if removed:
            obstore.delete(store, removed)
    except (BaseError, OSError) as error:
        log_problem(settings, "mirror", message=f"old files stay in {settings.mirror}: {_shorten(error)}")
        return 0
    return len(removed)


def _find_kept(settings: Settings, store: ObjectStore, earlier: list[Any], last: datetime) -> set[str]:
    """The files of the earlier publications that stay. last: when the publication of now was mirrored."""
    numbered = [(int(found[1]), meta) for meta in earlier if (found := _PUBLICATION.fullmatch(meta["path"]))]
    publications = [meta for _, meta in sorted(numbered, key=lambda each: (each[1]["last_modified"], each[0]))]
    successors = [*(meta["last_modified"] for meta in publications[1:]), last]
    kept: set[str] = set()
    for place, (meta, successor) in enumerate(zip(publications, successors, strict=False), 1):
        is_last = place > len(publications) + 1 - settings.publications_kept
        if is_last or (last - successor).total_seconds() < settings.publication_grace_seconds:
            kept |= {meta["path"], *_find_needed(store, meta["path"])}
    return kept


def _find_needed(store: ObjectStore, description: str) -> set[str]:
    """The files that a publication needs; none where somebody else wrote its description."""
    with suppress(ValueError, TypeError, KeyError):
        described = _read(store, description)
        return {described["database"], *(file for facts in described["tables"].values() for file in facts["files"])}
    return set()


def _list(store: ObjectStore) -> list[Any]:
    """What obstore knows of each file: path, size, last_modified."""
    return [meta for batch in obstore.list(store) for meta in batch]


def _read(store: ObjectStore, name: str) -> Any:
    return json.loads(bytes(obstore.get(store, name).bytes()))
