"""The pools that bound what DAGs do at once: writers, batches, and requests to a host."""

from typing import Any

from transforms.parallel import count_processors
from warehouse.settings import Settings
from warehouse.upstream.http import site
from warehouse.upstream.sources import read_live_sources

WRITE_POOL = "paperhouse_write"
BATCH_POOL = "paperhouse_batch"


def list_pools() -> dict[str, dict[str, Any]]:
    """Every pool that the DAGs use, as `airflow pools import` reads them from JSON: of one slot, but for that of parse
    and check."""
    urls = [source.config.live.url for source in read_live_sources() if source.config.live]
    hosts = sorted({*map(host_pool, urls), *list_link_groups().values()})
    why = {
        WRITE_POOL: "one writer to the build database at a time",
        **dict.fromkeys(hosts, "one request to the host at a time"),
    }
    why[BATCH_POOL] = "so many batches are parsed or checked at once"
    slots = {BATCH_POOL: Settings().batch_slots or count_processors()}
    return {
        name: {"slots": slots.get(name, 1), "description": text, "include_deferred": False}
        for name, text in why.items()
    }


def host_pool(url: str) -> str:
    """The pool of one slot that all requests to the URL's site go through."""
    return f"host_{site(url)}"


def list_link_groups() -> dict[str, str]:
    """The groups of sites that links are checked at → the pool of each."""
    from warehouse.steps.check_links import list_link_groups

    return {group: f"host_{group}" for group in list_link_groups()}
