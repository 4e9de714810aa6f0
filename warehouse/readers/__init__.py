"""Readers: everything that reads a publication. Search, show, explain, the SQL shell, the server, MetricFlow, and the
scores of extractors. They import `publishing`, `storage` and what is below, and no step.
"""
