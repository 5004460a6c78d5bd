"""What is installed here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def version_of(package: str) -> str:
    """Its version, in words where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
