"""Readers: everything that reads a publication. Search, papers, explanations, the SQL shell, the server and MetricFlow.
They import `publishing`, `storage` and what is below, and no step.
"""
