"""Claimed metrics: candidates (every number that could be one) → forms (which of them are claims, and of what kind) →
claims."""

from transforms.claims.extract import EXTRACTOR_VERSION, extract_claims

__all__ = ["EXTRACTOR_VERSION", "extract_claims"]
