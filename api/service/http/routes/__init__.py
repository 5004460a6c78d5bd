"""The addresses, a file per family; :data:`ROUTERS` is all of them."""

from __future__ import annotations

from importlib import import_module

from fastapi import APIRouter

NAMES = ("landing", "processes", "jobs", "plans", "checks", "shelf", "datasets", "health", "reference", "front")
"""A new family is a new file here with a ``router``, and its name in this line."""


def routers() -> list[APIRouter]:
    """Every router, in the order of the documentation."""
    return [import_module(f"{__name__}.{name}").router for name in NAMES]
