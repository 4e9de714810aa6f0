"""What pytest leaves alone here, and what it does first."""

import gc

import pytest

collect_ignore = ["validators/validate.py", "validators/validate_evaluations.py"]  # for a Python of its own


@pytest.fixture(scope="module", autouse=True)
def free_connections():
    """What a test of pages left open in a cycle locks the publication's settings for all of this process."""
    gc.collect()
