"""Great Expectations in half of its time: without the libraries that our suites do not need (it imports statistics,
charts and a cloud's client with all its expectations), and without a search for garbage meanwhile."""

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_UNUSED = ("altair", "boto3", "scipy.stats")


def import_great_expectations() -> None:
    """Imports it, with stand-ins for what is not needed: each imports its module when something of it is used."""
    for name in _UNUSED:
        sys.modules.setdefault(name, _stand_in(name))
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        import_module("great_expectations")
    finally:
        if is_collecting:
            gc.enable()


def _stand_in(name: str) -> ModuleType:
    module = ModuleType(name)

    def load(attribute: str) -> Any:
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    module.__getattr__ = load  # type: ignore[method-assign]
    return module
