"""Great Expectations in half of its time: without a search for garbage among what it imports, and without what only its
expectations of distributions need."""

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_UNUSED = ("scipy.stats", "altair")


def import_great_expectations() -> None:
    """Imports it, with a stand-in for what is not needed, which imports its module when something of it is used."""
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
        if attribute.startswith("__"):  # `inspect` asks all modules for their files
            raise AttributeError(attribute)
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    module.__getattr__ = load  # type: ignore[method-assign]
    return module
