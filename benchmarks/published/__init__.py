"""Published instances of classical problems as planning requests: ``python -m benchmarks.published FOLDER`` solves a sample."""

from __future__ import annotations

from benchmarks.published.readers import chu_beasley, gap, holmberg, numbers, optima, orlib, pmed, pmedcap, sac94
from benchmarks.published.requests import assignment, facility_location, knapsack, median

__all__ = [
    "assignment",
    "chu_beasley",
    "facility_location",
    "gap",
    "holmberg",
    "knapsack",
    "median",
    "numbers",
    "optima",
    "orlib",
    "pmed",
    "pmedcap",
    "sac94",
]
