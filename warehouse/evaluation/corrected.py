"""What people say of numbers, counted: how many of those that they looked at are right as they were read."""

from typing import Any

import duckdb

from warehouse.storage.connection import rows

_COUNTS = """
select
    target, count(*) as judged, count(*) filter (verdict = 'right') as right_count,
    count(*) filter (verdict = 'wrong') as wrong_count, count(*) filter (verdict = 'changed') as changed_count,
    round(count(*) filter (verdict = 'right') / count(*), 3) as share_right
from fct_corrections
where state = 'applied' and verdict in ('right', 'wrong', 'changed')
group by target order by judged desc, target
"""


def count_corrections(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """For each target (claim, table, reported): judged, right_count, wrong_count, changed_count and share_right, of the
    corrections that hold."""
    return rows(connection, _COUNTS)
