"""The shipped examples: a folder each, with a request, its site file and a README on where figures come from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

REQUEST = "request.yaml"


def _root() -> Path:
    return Path(str(files(__package__)))


def names() -> tuple[str, ...]:
    """The examples' names, in alphabetical order."""
    return tuple(sorted(p.parent.name for p in _root().glob(f"*/{REQUEST}")))


def folder(name: str) -> Path:
    """The folder of an example, with its request, its site files and its README.

    Raises:
        KeyError: no example is called so; the message lists those that are.
    """
    if name not in names():
        raise KeyError(f"no example is called {name!r}; there are: {', '.join(names())}")
    return _root() / name


def path(name: str) -> Path:
    """The request of an example; paths inside it are relative to its folder."""
    return folder(name) / REQUEST
