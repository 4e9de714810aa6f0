"""Makes of dashboards/*.yml and datasets.yml the ZIP that Superset imports: its format 1.0.0, as its own export writes
it.

Every part has the same UUID each time, so that an import takes the place of the last one.
"""

import zipfile
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import duckdb
import yaml

HERE = Path(__file__).parent
_VERSION = "1.0.0"
_COLUMNS = 12  # of Superset's grid
_HEIGHTS = {"number": 17, "bars": 48, "pie": 48, "table": 54}  # in units of 8 pixels; a chart's `height` is stronger
_DESCRIPTION = 8
_MAX_ROWS, _MAX_BARS = 1000, 15
_LABELS: dict[str, str] = yaml.safe_load((HERE / "labels.yml").read_text("utf-8"))
_COLOURS = yaml.safe_load((HERE.parent / "warehouse" / "publishing" / "colours.yml").read_text("utf-8"))


def write_bundle(publication: Path, zip_file: Path, explorer: str) -> None:
    """All dashboards over the publication at this path, which Superset opens read-only for each query; explorer: the
    URL that claims and leaderboards link to."""
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": _VERSION, "type": "Dashboard", "timestamp": "2026-01-01T00:00:00+00:00"},
        "databases/paperhouse.yaml": _database(publication),
    }
    with duckdb.connect(str(publication), read_only=True) as connection:
        for name, dataset in yaml.safe_load((HERE / "datasets.yml").read_text("utf-8")).items():
            files[f"datasets/paperhouse/{name}.yaml"] = _dataset(
                connection, name, dataset["sql"].replace("{explorer}", explorer)
            )
    for file in sorted((HERE / "dashboards").glob("*.yml")):
        dashboard = yaml.safe_load(file.read_text("utf-8"))
        for chart in (chart for row in dashboard["rows"] for chart in row):
            files[f"charts/{file.stem}_{_slug(chart['title'])}.yaml"] = _chart(file.stem, chart)
        files[f"dashboards/{file.stem}.yaml"] = _dashboard(file.stem, dashboard)
    with zipfile.ZipFile(zip_file, "w") as bundle:
        for path, content in files.items():
            bundle.writestr(f"paperhouse/{path}", yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def _uuid(*names: str) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(["paperhouse", *names])))


def _slug(title: str) -> str:
    return title.lower().replace(" ", "_")


def _database(publication: Path) -> dict[str, Any]:
    return {
        "database_name": "paperhouse",
        "sqlalchemy_uri": f"duckdb:///{publication}",
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {"engine_params": {"connect_args": {"read_only": True}}},
        "uuid": _uuid("database"),
        "version": _VERSION,
    }


def _dataset(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> dict[str, Any]:
    described = connection.execute(f"describe {sql}").fetchall()
    columns = [
        {
            "column_name": column,
            "verbose_name": _LABELS.get(column, column.replace("_", " ").capitalize()),
            "type": kind,
            "is_dttm": kind.startswith(("DATE", "TIMESTAMP")),
            "groupby": True,
            "filterable": True,
            "is_active": True,
        }
        for column, kind, *_ in described
    ]
    return {
        "table_name": name,
        "schema": "marts",
        "sql": sql,
        "uuid": _uuid("dataset", name),
        "database_uuid": _uuid("database"),
        "metrics": [{"metric_name": "count", "expression": "count(*)"}],
        "columns": columns,
        "version": _VERSION,
    }


def _chart(dashboard: str, chart: dict[str, Any]) -> dict[str, Any]:
    kind, params = _params(chart)
    return {
        "slice_name": chart["title"],
        "viz_type": kind,
        "params": {"viz_type": kind, "row_limit": _MAX_ROWS, **params},
        "cache_timeout": None,
        "uuid": _uuid("chart", dashboard, chart["title"]),
        "dataset_uuid": _uuid("dataset", chart["dataset"]),
        "version": _VERSION,
    }


def _params(chart: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Superset's chart type, and its parameters."""
    if "number" in chart:
        return "big_number_total", {
            "metric": _metric(chart["number"], chart["title"]),
            "y_axis_format": chart.get("format", ",d"),
            "subheader": chart.get("note", ""),
            "header_font_size": 0.5,
            "subheader_font_size": 0.3,
        }
    if "pie" in chart:
        metric = _metric(chart["count"], "count")
        return "pie", {
            "groupby": [chart["pie"]],
            "metric": metric,
            "donut": True,
            "label_type": "key_value",
            "number_format": ",d",
            "show_labels_threshold": 3,
            "show_legend": False,
            "color_scheme": "supersetColors",
        }
    if "bars" in chart:
        return "echarts_timeseries_bar", {
            "x_axis": chart["bars"],
            "metrics": [_metric(chart["count"], chart["unit"])],
            "groupby": [chart["by"]] if "by" in chart else [],
            "orientation": "vertical" if chart.get("in_order") else "horizontal",
            "x_axis_sort": chart["bars"] if chart.get("in_order") else chart["unit"],
            "x_axis_sort_asc": True,
            "x_axis_sort_series": "name" if chart.get("in_order") else "sum",
            "x_axis_sort_series_ascending": True,
            "xAxisForceCategorical": True,
            # A row is a bar or, where bars are stacked, a part of one: a limit would cut parts off.
            "row_limit": _MAX_ROWS if chart.get("in_order") or "by" in chart else _MAX_BARS,
            "stack": "Stack",
            "show_legend": "by" in chart,
            "y_axis_format": ",d",
            "y_axis_title": chart["unit"].capitalize(),
            "y_axis_title_margin": 30,
            "y_axis_title_position": "Left",
            "color_scheme": "supersetColors",
            "truncateYAxis": False,
        }
    order = chart["order"]
    return "table", {
        "query_mode": "raw",
        "all_columns": chart["table"],
        "order_by_cols": [f'["{order.lstrip("-")}", {"false" if order.startswith("-") else "true"}]'],
        "server_pagination": False,
        "show_cell_bars": False,
        "page_length": 25,
        "include_search": True,
        "table_timestamp_format": "%Y-%m-%d %H:%M",
    }


def _metric(expression: str, label: str) -> dict[str, Any]:
    return {"expressionType": "SQL", "sqlExpression": expression, "label": label, "hasCustomLabel": True}


def _dashboard(name: str, dashboard: dict[str, Any]) -> dict[str, Any]:
    return {
        "dashboard_title": dashboard["title"],
        "description": dashboard["description"],
        "slug": name,
        "published": True,
        "position": _position(name, dashboard),
        "metadata": {
            "native_filter_configuration": [
                _filter(dashboard["filtered"], label, column) for label, column in dashboard.get("filters", {}).items()
            ],
            "cross_filters_enabled": True,
            "color_scheme": "supersetColors",
            "label_colors": _COLOURS["values"] | dict.fromkeys(_units(dashboard), _COLOURS["others"][0]),
        },
        "uuid": _uuid("dashboard", name),
        "version": _VERSION,
    }


def _units(dashboard: dict[str, Any]) -> list[str]:
    """What the bars of the dashboard count: Superset gives bars of one kind a colour by that."""
    return [chart["unit"] for row in dashboard["rows"] for chart in row if "bars" in chart]


def _position(name: str, dashboard: dict[str, Any]) -> dict[str, Any]:
    """The grid: what the dashboard is for, then rows, in which the charts share the width."""
    rows = [f"ROW-{i}" for i in range(len(dashboard["rows"]))]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": ["ROW-ABOUT", *rows], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": dashboard["title"]}},
    }
    about = {"code": dashboard["description"], "width": _COLUMNS, "height": _DESCRIPTION}
    position |= _row("ROW-ABOUT", [("MARKDOWN", about)])
    for row, charts in zip(rows, dashboard["rows"], strict=True):
        kinds = [next(kind for kind in _HEIGHTS if kind in chart) for chart in charts]
        height = max(chart.get("height", _HEIGHTS[kind]) for chart, kind in zip(charts, kinds, strict=True))
        metas = [
            {
                "chartId": len(position) + i,  # Superset gives its own
                "uuid": _uuid("chart", name, chart["title"]),
                "sliceName": chart["title"],
                "width": width,
                "height": height,
            }
            for i, (chart, width) in enumerate(zip(charts, _widths(kinds), strict=True))
        ]
        position |= _row(row, [("CHART", meta) for meta in metas])
    return position


def _widths(kinds: list[str]) -> list[int]:
    """The columns of each chart of a row, all of the grid's together; a table takes twice what the others do."""
    parts = [2 if kind == "table" else 1 for kind in kinds]
    ends = [round(_COLUMNS * sum(parts[: i + 1]) / sum(parts)) for i in range(len(parts))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _row(row: str, parts: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    parents = ["ROOT_ID", "GRID_ID"]
    keys = [f"{kind}-{row}-{i}" for i, (kind, _) in enumerate(parts)]
    background = {"background": "BACKGROUND_TRANSPARENT"}
    return {row: {"id": row, "type": "ROW", "children": keys, "parents": parents, "meta": background}} | {
        key: {"id": key, "type": kind, "children": [], "parents": [*parents, row], "meta": meta}
        for key, (kind, meta) in zip(keys, parts, strict=True)
    }


def _filter(dataset: str, label: str, column: str) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{column}",
        "name": label,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"column": {"name": column}, "datasetUuid": _uuid("dataset", dataset)}],
        "controlValues": {"multiSelect": True, "enableEmptyFilter": False, "searchAllOptions": True},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
    }
