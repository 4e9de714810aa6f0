"""The benchmark of queries runs, and each question has an answer; how fast is not judged here."""

from benchmarks.queries import QUERIES, measured
from warehouse.storage.publication import publication_file


def test_every_question_is_measured(built):
    found = measured(publication_file(built[0]))
    assert list(found) == list(QUERIES)
    assert all(milliseconds > 0 for milliseconds in found.values())
