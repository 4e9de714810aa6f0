"""Great Expectations without the libraries that our suites do not need. It imports statistics, charts and a cloud's
client with all its expectations, which takes half of its start."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_UNUSED = ("altair", "boto3", "scipy.stats")


def postpone_unused_imports() -> None:
    """Puts stand-ins in the place of modules that GX imports: each imports its module when something of it is used."""
    for name in _UNUSED:
        sys.modules.setdefault(name, _stand_in(name))


def _stand_in(name: str) -> ModuleType:
    module = ModuleType(name)

    def load(attribute: str) -> Any:
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    module.__getattr__ = load  # type: ignore[method-assign]
    return module
