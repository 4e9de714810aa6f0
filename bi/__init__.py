"""Dashboards as code, for Apache Superset, which runs in an environment of its own."""
