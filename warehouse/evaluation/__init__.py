"""Evaluation: the scores of extractors against annotated papers, and the training of their weights."""
