"""The ids that papers were published under, each with the mentions of its paper. Kept in the landing zone, so that an
id leads to its paper for ever, through a rebuild too.

A publication adds a file of what is new to landing/ids: (paper_id, mention_id, position), position 0 being the paper's
first mention. An id stands for the paper of the first of its mentions that is still there.
"""

from pathlib import Path

import duckdb

from warehouse.errors import StepError
from warehouse.settings import Settings
from warehouse.storage.connection import quoted, scalar
from warehouse.storage.files import write_atomically
from warehouse.storage.publication import find_current_folder

_COLUMNS = "paper_id, mention_id, position"

_NEW = """
from raw.mention_papers as papers inner join raw.mentions as mentions using (mention_id)
anti join raw.published_ids as published
    on papers.paper_id = published.paper_id and papers.mention_id = published.mention_id
select
    papers.paper_id, papers.mention_id,
    row_number() over (
        partition by papers.paper_id order by landed_at, own_id like 'title:%', own_id, papers.mention_id
    ) - 1 as position
"""

# What a publication says that was made before ids were kept. A record that it has in two papers says nothing.
_OF_PUBLICATION = """
with records as (
    select source, source_record_id, any_value(paper_id) as paper_id
    from last_publication.marts.paper_aliases
    group by all having count(distinct paper_id) = 1
)
select
    paper_id, mention_id,
    row_number() over (partition by paper_id order by landed_at, own_id like 'title:%', own_id, mention_id) - 1
        as position
from records inner join (
    select mention_id, source, source_record_id, min(landed_at) as landed_at, arg_min(own_id, (landed_at, own_id)) as
        own_id
    from raw.papers group by all
) as mentions using (source, source_record_id)
"""

_ANCHORS = """
create or replace temp table anchors as
with numbered as (
    select paper_id, mention_id, position, number, min(number) over (partition by paper_id) as first_number
    from raw.published_ids
    where paper_id in (select paper_id from raw.published_ids where mention_id in (from affected))
)
select paper_id as published_id, mention_id, first_number as number
from numbered semi join raw.mentions using (mention_id)
qualify row_number() over (partition by paper_id order by number, position, mention_id) = 1
"""


def ids_folder(settings: Settings) -> Path:
    return settings.landing / "ids"


def load_published_ids(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Brings raw.published_ids up to the files of the landing zone. Raises StepError where one cannot be read."""
    known = scalar(connection, "select coalesce(max(number), 0) from raw.published_ids")
    if not known and not _files(settings) and (find_current_folder(settings) / "paperhouse.duckdb").exists():
        _take_from_publication(settings, connection)
    _read_files(settings, connection, known)


def _read_files(settings: Settings, connection: duckdb.DuckDBPyConnection, after: int = 0) -> None:
    for file in _files(settings):
        if (number := int(file.stem)) > after:
            try:
                connection.execute(
                    f"insert into raw.published_ids by name select {_COLUMNS}, ? as number from read_parquet(?)",
                    [number, str(file)],
                )
            except duckdb.Error as error:
                raise StepError(
                    f"{file}, the ids that papers were published under, cannot be read: {error}",
                    "Restore it from a backup. Where there is none, delete it: papers that have other ids by now are "
                    "no longer found by those.",
                ) from error


def record_published_ids(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps the ids that the next publication has, before anyone sees them."""
    load_published_ids(settings, connection)
    _keep(settings, connection, _NEW)
    load_published_ids(settings, connection)


def require_published_ids(settings: Settings) -> None:
    """Raises StepError where a file of them cannot be read."""
    with duckdb.connect() as connection:
        connection.execute(
            "create schema raw; create table raw.published_ids (paper_id varchar, mention_id varchar, "
            "number bigint, position bigint)"
        )
        _read_files(settings, connection)


def find_anchors(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temporary table anchors of what the temporary table affected has: for each published id the mention
    whose paper it leads to (published_id, mention_id, number of its first publication)."""
    connection.execute(_ANCHORS)


def _take_from_publication(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    file = (find_current_folder(settings) / "paperhouse.duckdb").resolve()
    try:
        connection.execute(f"attach {quoted(str(file))} as last_publication (read_only)")
    except duckdb.Error:
        return  # damaged: doctor reports it, and the next publication takes its place
    try:
        _keep(settings, connection, _OF_PUBLICATION)
    finally:
        connection.execute("detach last_publication")


def _keep(settings: Settings, connection: duckdb.DuckDBPyConnection, query: str) -> None:
    connection.execute(f"create or replace temp table new_ids as {query}")
    if scalar(connection, "select count(*) from new_ids"):
        number = max((int(file.stem) for file in _files(settings)), default=0) + 1
        write_atomically(
            ids_folder(settings) / f"{number:06}.parquet",
            lambda file: connection.execute(
                f"copy (from new_ids order by paper_id, position) to {quoted(str(file))} (format parquet, compression "
                "zstd)"
            ),
        )


def _files(settings: Settings) -> list[Path]:
    return sorted(file for file in ids_folder(settings).glob("*.parquet") if file.stem.isdecimal())
