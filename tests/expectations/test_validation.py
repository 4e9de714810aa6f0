"""What a validation does to the process that it runs in."""

import subprocess
import sys

from jinja2 import Environment
from sqlalchemy import create_engine, text

from expectations.templates import compile_templates_once
from expectations.validation import Database
from warehouse.settings import PROJECT


def test_only_connections_to_duckdb_run_the_statements():
    with Database(None, ("set threads = 1",)).prepared():
        with create_engine("sqlite://").connect() as connection:  # which has no such statement
            assert connection.execute(text("select 1")).scalar() == 1
        with create_engine("duckdb:///:memory:").connect() as connection:
            assert connection.execute(text("select current_setting('threads')")).scalar() == 1


def test_jinja_is_left_as_it_was():
    before = Environment.compile
    with compile_templates_once():
        assert Environment(autoescape=True).from_string("{{ 1 + 1 }}").render() == "2"
    assert Environment.compile is before


def test_what_great_expectations_is_imported_without_is_there_once_it_is_used():
    code = (
        "import sys; from expectations.imports import import_great_expectations as load; load(); "
        "print('altair.vegalite' in sys.modules, 'scipy.stats._stats_py' in sys.modules); "
        "import altair; from scipy import stats; print(stats.norm.cdf(0), altair.Chart().mark_bar().mark)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "0.5", "bar"]
