"""Pace: shell starts in any twelve months within what a site can start in a year (M3.6, A3)."""

from __future__ import annotations

import numpy as np

from planner.verify.findings import Findings, num
from planner.verify.world import World

FAMILY = "pace"


def check(world: World, found: Findings) -> None:
    """The sum of starts over any ``12 / length`` consecutive periods stays within ``pace_mw_per_year``."""
    so_far = np.cumsum(world.shell_started, axis=1)
    window = world.calendar.per_year
    within_a_year = so_far.copy()
    within_a_year[:, window:] -= so_far[:, :-window]
    paces = [np.inf if s.pace_mw_per_year is None else s.pace_mw_per_year for s in world.sites]
    limited = [s for s, pace in enumerate(paces) if np.isfinite(pace)]
    started = within_a_year[limited]
    pace = np.repeat(np.array([[paces[s]] for s in limited]).reshape(-1, 1), world.periods, axis=1)

    def tell(at: tuple[int, ...], excess: float) -> None:
        site, month = world.sites[limited[at[0]]].id, world.months[at[1]]
        say = (
            f"{site} starts {num(started[at])} MW of shell in the twelve months that end with {month}; "
            f"pace {num(pace[at])} a year; {num(excess)} too fast"
        )
        found.add("M3.6", FAMILY, site, month, say, excess)

    found.at_most(started, pace, tell)
