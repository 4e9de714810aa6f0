"""What Airflow's UI shows of paperhouse: links to the explorer and to its pages of checks, in the navigation."""

from airflow.plugins_manager import AirflowPlugin

from warehouse.settings import Settings

_EXPLORER = Settings().explorer_url.rstrip("/")
_VIEWS = [
    {"name": "Explorer", "href": f"{_EXPLORER}/", "destination": "nav"},
    {"name": "Checks of loads", "href": f"{_EXPLORER}/how", "destination": "nav"},
]


class PaperhousePlugin(AirflowPlugin):
    """Found by Airflow as an entry point of the package."""

    name = "paperhouse"
    external_views = _VIEWS
