"""Everything of paperhouse that touches disk, clock, DuckDB, Great Expectations, dbt or Airflow: the steps and the command line."""
