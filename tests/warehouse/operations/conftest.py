import gc

import pytest


@pytest.fixture(scope="module", autouse=True)
def free_connections():
    """What a test of pages left open in a cycle locks the publication's settings for all of this process."""
    gc.collect()
