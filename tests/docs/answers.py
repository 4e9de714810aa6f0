"""The queries in the docs and their answers: `python -m tests.docs.answers PAGE…` writes the answers of the publication
below the queries."""

import re
import sys
from datetime import date, datetime
from pathlib import Path

from warehouse.settings import Settings
from warehouse.storage.publication import open_publication

EXAMPLE = re.compile(r"```sql\n(.*?)```\n((?:\n(?:\|[^\n]*\n)+)?)", re.S)


def markdown(connection, query):
    """The query's answer as a Markdown table."""
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    rows = [[cell(value) for value in row] for row in result.fetchall()]
    return "".join(f"| {' | '.join(row)} |\n" for row in [names, ["---"] * len(names), *rows])


def cell(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if value is None else str(value).replace("|", "\\|")


def main():
    with open_publication(Settings()) as connection:
        for page in map(Path, sys.argv[1:]):
            answered = EXAMPLE.sub(
                lambda match: f"```sql\n{match[1]}```\n\n{markdown(connection, match[1])}", page.read_text("utf-8")
            )
            page.write_text(answered, "utf-8")


if __name__ == "__main__":
    main()
