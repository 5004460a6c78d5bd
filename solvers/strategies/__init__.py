"""One request, many programs: each strategy takes a :class:`solvers.task.Task` stage and a clock, and reports as it goes."""

from __future__ import annotations

from solvers.strategies.common import LARGE, Found, Search
from solvers.strategies.decomposed import decomposed
from solvers.strategies.monolithic import monolithic
from solvers.strategies.multipliers import MANY
from solvers.strategies.relax_and_repair import relax_and_repair

STRATEGIES = {"monolithic": monolithic, "relax_and_repair": relax_and_repair, "decomposed": decomposed}
HURRY = 400.0
"""Whole columns per second of the time limit above which nothing is done that needs all sites in one program: on 300 sites
that is the better way for one minute, and the worse one for two."""


def choose(name: str, whole_columns: int, implied_rows: int, limit_s: float) -> str:
    """The strategy's name for a size and a time limit; ``auto`` decides."""
    if name != "auto":
        return name
    # With many implied rows no relaxation of everything ends in time; branch and bound brings them in on demand.
    if whole_columns <= LARGE or implied_rows > MANY:
        return "monolithic"
    return "relax_and_repair" if whole_columns <= HURRY * limit_s else "decomposed"


__all__ = ["STRATEGIES", "Found", "Search", "choose"]
