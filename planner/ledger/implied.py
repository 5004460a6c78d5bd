"""What a planner's list of orders implies when it names no openings, shells or idle units.

Each function fills one table in the plainest way and changes nothing that was stated; the caller says so to the reader.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from planner.ground import Ground, SiteGround
from planner.ledger.figures import Figures, Floats, figures
from planner.ledger.rows import rows
from planner.ledger.units import Fleet, fleet
from planner.plan import Decisions, Opening, Shell, Units
from planner.problem.problem import Problem
from planner.problem.site import Site

DUST_MW = 1e-9


def implied_shells(problem: Problem, decisions: Decisions) -> list[Shell]:
    """M3.6: the least shell that the orders need, every start as late as build time and pace allow.

    Never before the site's opening where that is stated, nor before it may open; a start that would have to lie earlier
    is placed in the first possible period, and the check will say what is short.
    """
    known, units = _follow(problem, decisions)
    online = units.by_site(known, units.online, known.block.it_mw)
    base = known.site.existing_shell_mw[:, None] + units.brought_shell_mw
    lacking = np.maximum.accumulate(np.maximum(0.0, online - base), axis=1)
    opened = {o.site: known.period_index[o.month] for o in decisions.openings}
    found: list[Shell] = []
    for s in np.flatnonzero(lacking[:, -1] > DUST_MW).tolist():
        site = problem.sites[s]
        first = 0 if site.status == "committed" else max(0, known.timeline.starts(site.available_from))
        first = min(opened.get(site.id, first), known.P - 1)
        starts = _starts(known, site, lacking[s], first, int(known.site.build_periods[s]))
        found += [
            Shell(site=site.id, month=known.timeline.month(p), mw=mw)
            for p, mw in enumerate(starts.tolist())
            if mw > DUST_MW
        ]
    return found


def _starts(known: Figures, site: Site, lacking: Floats, first: int, build: int) -> Floats:
    """Shell MW to start in every period so that ``lacking`` stands in time, each as late as can be, from the end."""
    step = site.shell_step_mw
    if step:
        lacking = np.ceil(lacking / step - 1e-9) * step
    wanted = np.zeros(known.P)
    for p, mw in enumerate(np.diff(lacking, prepend=0.0).tolist()):
        wanted[min(max(first, p - build), known.P - 1)] += mw
    if site.pace_mw_per_year is None:
        return wanted
    window = max(1, round(1 / known.L))
    starts, waiting = np.zeros(known.P), 0.0
    for p in range(known.P - 1, first - 1, -1):
        waiting += float(wanted[p])
        free = max(0.0, site.pace_mw_per_year - float(starts[p + 1 : p + window].sum()))
        if step:
            free = np.floor(free / step + 1e-9) * step
        starts[p] = waiting if p == first else min(waiting, free)
        waiting -= float(starts[p])
    return starts


def implied_openings(problem: Problem, decisions: Decisions) -> list[Opening]:
    """A candidate opens in the period of its first order or shell start (M2.3, M3.6)."""
    first: dict[str, str] = {}
    placed = [(o.site, o.month) for o in decisions.orders] + [(s.site, s.month) for s in decisions.shells]
    for site, month in placed:
        first[site] = min(month, first.get(site, month))
    return [Opening(site=s.id, month=first[s.id]) for s in problem.sites if s.id in first and s.status == "candidate"]


def implied_idle(problem: Problem, decisions: Decisions) -> list[Units]:
    """M2.8: where the grid is short, existing units stand idle: no more than must, the least PFLOPS per MW first."""
    known, units = _follow(problem, decisions)
    power = known.block.it_mw
    facility = units.by_site(known, units.online, power) * known.site.peak_pue
    pairs: dict[int, list[int]] = defaultdict(list)
    for pair, s in enumerate(units.pair_site.tolist()):
        if units.existing_online[pair].any() and power[units.pair_block[pair]] > 0:
            pairs[s].append(pair)
    found: list[Units] = []
    for s, here in pairs.items():
        here.sort(key=lambda i: _worth(known, units, i))
        for p in np.flatnonzero(facility[s] > known.site.grid_mw[s] + 1e-6).tolist():
            room = float(known.site.grid_mw[s, p] / known.site.peak_pue[s, p])
            asked = float(facility[s, p] / known.site.peak_pue[s, p])
            idle = _least_idle(
                [float(power[units.pair_block[i]]) for i in here],
                [int(units.existing_online[i, p]) for i in here],
                asked - room,
            )
            found += [
                Units(
                    site=problem.sites[s].id,
                    block=problem.blocks[int(units.pair_block[i])].id,
                    month=known.timeline.month(p),
                    units=n,
                )
                for i, n in zip(here, idle)
                if n
            ]
    return found


def _worth(known: Figures, units: Fleet, pair: int) -> float:
    k = int(units.pair_block[pair])
    return float(known.block.pflops[k] / known.block.it_mw[k])


def _least_idle(mw: list[float], most: list[int], short: float) -> list[int]:
    """How many units of each kind to idle so that ``short`` MW are freed and none of them could still run."""
    idle = [0] * len(mw)
    for i, size in enumerate(mw):
        need = int(np.ceil((short - 1e-9) / size)) if short > 1e-9 else 0
        idle[i] = min(most[i], need)
        short -= idle[i] * size
    for i in reversed(range(len(mw))):
        back = min(idle[i], int((-short + 1e-9) // mw[i])) if short < 0 else 0
        idle[i] -= back
        short += back * mw[i]
    return idle


def _follow(problem: Problem, decisions: Decisions) -> tuple[Figures, Fleet]:
    """The units of the decisions; hectares play no part here, so none are given."""
    nowhere = Ground(
        sites=tuple(SiteGround(site=s.id, lon=0, lat=0, parcel_ha=0, buildable_ha=0) for s in problem.sites)
    )
    known = figures(problem, nowhere)
    return known, fleet(known, rows(known, decisions))
