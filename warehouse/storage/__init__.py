"""Storage: what lies on disk. Connections to DuckDB, the build database and the lake, batches and their receipts, the
load log, publications, quarantine, decisions and locks. It imports the modules of `warehouse` itself, `transforms`, and
nothing above it.
"""
