"""A batch: one landed file of one source, and the folder of what the steps made of it."""

from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path

from warehouse.errors import StepError, require_one
from warehouse.settings import Settings
from warehouse.storage.files import DamagedFileError, read_json, write_json
from warehouse.storage.locks import file_lock

FRAMES = (
    "papers",
    "claims",
    "links",
    "listed_links",
    "results",
    "terms",
    "link_checks",
    "corrections",
    "tables",
    "table_cells",
    "table_results",
    "table_references",
    "rejects",
)


@dataclass(frozen=True)
class Batch:
    """A landed file, as its receipt in the landing zone describes it. The id follows from source, bytes and day of
    listing."""

    batch_id: str
    source: str
    sha256: str
    byte_count: int
    original_name: str
    listed_on: date | None
    landed_at: datetime

    def landed_file(self, settings: Settings) -> Path:
        return settings.landing / self.source / self.sha256[:2] / self.sha256

    def folder(self, settings: Settings) -> Path:
        return settings.build / "batches" / self.batch_id

    def frames(self, settings: Settings, fingerprint: str) -> Path:
        """The folder of the frames that a parse of that fingerprint left."""
        return frames_folder(self.folder(settings), fingerprint)

    def note(self, settings: Settings, step: str) -> Path:
        """The JSON file in which a step leaves its result for the next."""
        return self.folder(settings) / f"{step}.json"


def frames_folder(folder: Path, fingerprint: str) -> Path:
    """Where a parse of that fingerprint leaves its frames, below a batch's folder."""
    return folder / f"frames-{fingerprint}"


def piece_file(frames: Path, name: str, number: int) -> Path:
    """What a frame holds of one piece of the landed file."""
    return frames / f"{name}-{number:05}.parquet"


def frame_files(frames: Path, name: str) -> list[Path]:
    """The Parquet files of a frame: one for each piece of the landed file, but for those that hold none of it."""
    return sorted(frames.glob(f"{name}-*.parquet"))


def batch_lock(settings: Settings, batch: Batch, step: str) -> AbstractContextManager[None]:
    """Holds the batch's folder and pages for one step: two runs of the same file do not write over each other."""
    file = settings.build / "locks" / f"{batch.batch_id}.lock"
    return file_lock(file, f"batch {batch.batch_id} ({batch.original_name})", step, settings.lock_timeout_seconds)


def receipt_path(settings: Settings, batch_id: str) -> Path:
    return settings.landing / "receipts" / f"{batch_id}.json"


def write_receipt(settings: Settings, batch: Batch) -> None:
    write_json(receipt_path(settings, batch.batch_id), asdict(batch))


def read_batch(settings: Settings, batch_id: str) -> Batch:
    """The batch of that id, or of the only id that begins so. Raises UsageError where there is none or more than
    one, StepError where its receipt cannot be read."""
    found = (
        [receipt_path(settings, batch_id)]
        if receipt_path(settings, batch_id).exists()
        else _beginning(settings, batch_id)
    )
    return _read_receipt(require_one(found, "batch", "batches", batch_id, "`paperhouse status` lists the batches."))


def _read_receipt(receipt: Path) -> Batch:
    again = "Land the file again, which writes the receipt anew: paperhouse run --source NAME FILE"
    try:
        facts = read_json(receipt)
        known = {each.name: facts[each.name] for each in fields(Batch)}  # another release may have written more
        listed_on = facts["listed_on"] and date.fromisoformat(facts["listed_on"])
        return Batch(**known | {"listed_on": listed_on, "landed_at": datetime.fromisoformat(facts["landed_at"])})
    except DamagedFileError as error:
        raise StepError(f"the receipt {error.message}", again) from error
    except (KeyError, TypeError, ValueError) as error:
        problem = f"lacks {error.args[0]}" if isinstance(error, KeyError) else f"cannot be read: {error}"
        raise StepError(f"the receipt {receipt} {problem}", again) from error


def read_all_batches(settings: Settings) -> list[Batch]:
    """Every batch that has ever landed. Raises StepError where a receipt cannot be read."""
    return [_read_receipt(path) for path in _receipts(settings)]


def read_readable_batches(settings: Settings) -> tuple[list[Batch], list[str]]:
    """The batches whose receipts can be read, and what is wrong with each of the others."""
    batches, problems = [], []
    for path in _receipts(settings):
        try:
            batches.append(_read_receipt(path))
        except StepError as error:
            problems.append(error.message)
    return batches, problems


def _receipts(settings: Settings) -> list[Path]:
    return sorted((settings.landing / "receipts").glob("*.json"))


def _beginning(settings: Settings, prefix: str) -> list[Path]:
    return [path for path in (settings.landing / "receipts").glob("*.json") if prefix and path.stem.startswith(prefix)]
