"""Great Expectations on DuckDB: the datasource, the suites (one a table) and the run of them."""
