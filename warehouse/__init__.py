"""The warehouse: everything that touches disk, network or other processes.

Each package says what lives in it and what it may import; import-linter holds them to it. Modules of this package
itself (settings, errors, log, clock, collector, resident, vocabularies, versions and the dbt runner) are for all of
them and import none of them.
"""
