"""Data Docs without the wait: GX makes a new Jinja environment for every block of a page and so compiles each template hundreds of times."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from jinja2 import Environment

_compile = Environment.compile


@cache
def _compiled(source: str, name: str | None, filename: str | None, environment_type: type[Environment]) -> Any:
    """The template's code; its environments are all made alike by GX, so that the first one serves for all."""
    return _compile(_first_of[environment_type], source, name, filename)


_first_of: dict[type[Environment], Environment] = {}


def _compile_once(self: Environment, source: Any, name: str | None = None, filename: str | None = None, *args: Any, **options: Any) -> Any:
    if not isinstance(source, str) or not name or args or options:
        return _compile(self, source, name, filename, *args, **options)
    _first_of.setdefault(type(self), self)
    return _compiled(source, name, filename, type(self))


@contextmanager
def compiled_once() -> Iterator[None]:
    """Within its block, Jinja compiles each template once a process."""
    Environment.compile = _compile_once  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Environment.compile = _compile  # type: ignore[method-assign]
