"""Great Expectations without its chatter."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silence_gx() -> Iterator[None]:
    """Within it, GX's warnings and log lines are not shown: what it could not do stands in its results, or is
    raised."""
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
