"""What people decided of a batch against its check or audit, and why. Kept in the landing zone, so that a rebuild
decides alike."""

import getpass
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.clock import now
from warehouse.errors import UsageError
from warehouse.settings import Settings
from warehouse.storage.files import read_json, write_json
from warehouse.storage.locks import file_lock


@dataclass(frozen=True)
class Decision:
    """verdict: 'release' (load it although its check fails), 'withdraw' (delete its rows) or 'retry' (validate it
    again, as if nothing was decided)."""

    verdict: str
    because: str
    by: str
    at: datetime

    @property
    def columns(self) -> dict[str, str]:
        """As columns of raw.loads."""
        return {"because": self.because, "decided_by": self.by}


def decide(settings: Settings, batch_id: str, verdict: str, because: str) -> Decision:
    """Records a decision; the last one counts. Raises UsageError where no reason is given."""
    if not because.strip():
        raise UsageError(f"to {verdict} a batch needs a reason", 'Give it with --reason "…"; it is recorded.')
    decision = Decision(verdict, because.strip(), _user(), now())
    with file_lock(
        settings.build / "locks" / "decisions.lock", "the record of decisions", verdict, settings.lock_timeout_seconds
    ):
        write_json(_file(settings, batch_id), [*_recorded(settings, batch_id), asdict(decision)])
    return decision


def read_decision(settings: Settings, batch_id: str, verdict: str) -> Decision | None:
    """The batch's last decision, where it is of that verdict."""
    recorded = _recorded(settings, batch_id)
    if not recorded or recorded[-1]["verdict"] != verdict:
        return None
    return Decision(**recorded[-1] | {"at": datetime.fromisoformat(recorded[-1]["at"])})


def _recorded(settings: Settings, batch_id: str) -> list[dict[str, Any]]:
    return read_json(_file(settings, batch_id)) or []


def _file(settings: Settings, batch_id: str) -> Path:
    return settings.landing / "decisions" / f"{batch_id}.json"


def _user() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return str(os.getuid())
