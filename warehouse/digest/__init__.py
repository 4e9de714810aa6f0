"""The digest: what is new in a publication for each subscriber, as a letter, and the ledger of what was sent. It
imports `publishing`, `storage` and what is below, and no step.
"""
