"""Upstream: the registry of sources, the HTTP client, and how fresh each source is. It imports `storage` and what is
below it."""
