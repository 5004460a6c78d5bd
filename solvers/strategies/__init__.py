"""One request, many programs: each strategy takes a :class:`solvers.task.Task` stage and a clock, and reports as it goes."""

from __future__ import annotations

from solvers.strategies.common import Found, Search
from solvers.strategies.monolithic import monolithic
from solvers.strategies.multipliers import MANY
from solvers.strategies.relax_and_repair import relax_and_repair

STRATEGIES = {"monolithic": monolithic, "relax_and_repair": relax_and_repair}
LARGE = 2500
"""Whole columns above which one program for everything holds nothing usable for long."""


def choose(name: str, whole_columns: int, implied_rows: int) -> str:
    """The strategy's name for a size; ``auto`` decides."""
    if name != "auto":
        return name
    # With many implied rows no relaxation of everything ends in time; branch and bound brings them in on demand.
    return "monolithic" if whole_columns <= LARGE or implied_rows > MANY else "relax_and_repair"


__all__ = ["STRATEGIES", "Found", "Search", "choose"]
