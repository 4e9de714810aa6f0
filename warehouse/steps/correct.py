"""Writes what people say of numbers into a file of corrections in the inbox, one a day; ingest takes it from there."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from transforms.formats import Upstream
from transforms.sources.corrections import read_correction
from warehouse.clock import now
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.files import write_atomically
from warehouse.storage.locks import file_lock
from warehouse.vocabularies import read_vocabulary

SOURCE = "corrections"
ANSWERS = ("right", "wrong", "changed")
_CHANGES = ("metric", "dataset", "condition", "value", "subject")


def answer(item: dict[str, Any], verdict: str, author: str, reason: str, should_be: dict[str, str]) -> dict[str, Any]:
    """An answer to an item of the review queue as a correction. Raises UsageError where it says too little."""
    known = {row["metric"] for row in read_vocabulary().rows("metrics")}
    new = {name: text.strip() for name in _CHANGES if (text := should_be.get(name, "")).strip()}
    if not author.strip():
        raise UsageError("the answer has no author", "Say who you are.")
    said = {"author": author.strip(), "date": now().date(), "reason": reason.strip() or "Read in the paper."}
    if item["target"] == "metric":
        if new.get("metric") not in known:
            raise UsageError(
                "the answer names no metric that is known", "Name one as dbt_project/seeds/metrics.csv has it."
            )
        return {"same": {"metric": [new["metric"], item["metric"]]}, **said}
    if verdict not in ANSWERS or (verdict == "changed") != bool(new):
        raise UsageError("the answer is none of right, wrong or changed", "Say what it should be, and only then.")
    place = {"at": item["char_start"]} if item["target"] == "claim" and item["char_start"] is not None else {}
    change = {"should_be": new} if new else {}
    row = {name: item[name] for name in ("dataset", "metric", "model") if item.get(name)}
    named = {"paper": item["paper"], item["target"]: item["value_text"], **place, **row, "verdict": verdict}
    correction = named | change | said
    try:
        read_correction(correction, Upstream())
    except ValueError as error:
        raise UsageError(f"the answer is no correction: {error}", "See docs/corrections.md.") from None
    return correction


def asked_of(item: dict[str, Any]) -> tuple[str, ...]:
    """What an answer to an item may change."""
    return ("metric",) if item["target"] == "metric" else _CHANGES


def write_correction(settings: Settings, correction: dict[str, Any]) -> Path:
    """Appends the correction to the file of its day in the inbox of the source `corrections`."""
    day: date = correction["date"]
    file = settings.inbox / SOURCE / f"corrections-{day.isoformat()}.yml"
    lock = settings.build / "locks" / "corrections"
    with file_lock(lock, "the file of corrections", "review", settings.lock_timeout_seconds):
        before = file.read_text("utf-8") if file.exists() else ""
        text = before + yaml.safe_dump([correction], allow_unicode=True, sort_keys=False)
        write_atomically(file, lambda path: path.write_text(text, "utf-8"))
    return file
