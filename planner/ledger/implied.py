"""What a planner's list of orders implies when it names no openings, shells or idle units.

Each function fills one table in the plainest way and changes nothing that was stated; the caller says so to the reader.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from planner.ground import Ground, SiteGround
from planner.ledger.figures import Figures, Floats, figures
from planner.ledger.rows import rows
from planner.ledger.units import Fleet, fleet
from planner.plan import Decisions, Opening, Shell, Units
from planner.problem.deals import Lease
from planner.problem.problem import Problem
from planner.problem.site import Site

DUST_MW = 1e-9


def implied_signed(problem: Problem, decisions: Decisions) -> list[str]:
    """Where nothing is said to be signed: the deals that are not optional, in the request's order (M5.9)."""
    return decisions.signed or [deal.id for deal in problem.deals if not deal.optional]


def implied_shells(problem: Problem, decisions: Decisions) -> list[Shell]:
    """M3.6: the least shell that the orders need, every start as late as build time and pace allow.

    Never before the site's opening where that is stated, nor before it may open; a start that would have to lie earlier
    is placed in the first possible period, and the check will say what is short.
    """
    known, units = _follow(problem, decisions)
    opened = {o.site: known.period_index[o.month] for o in decisions.openings}
    needs = _lacking(known, units, _houses(problem))
    found: list[Shell] = []
    for s in np.flatnonzero(sum(lacking[:, -1] for lacking in needs.values()) > DUST_MW).tolist():
        site = problem.sites[s]
        first = 0 if site.status == "committed" else max(0, known.timeline.starts(site.available_from))
        first = min(opened.get(site.id, first), known.P - 1)
        taken = np.zeros(known.P)
        for terms, lacking in needs.items():
            if lacking[s, -1] <= DUST_MW:
                continue
            starts = _starts(known, site, lacking[s], first, int(known.site.build_periods[s]), taken)
            taken = taken + starts
            found += [
                Shell(site=site.id, month=known.timeline.month(p), mw=mw, terms=terms)
                for p, mw in enumerate(starts.tolist())
                if mw > DUST_MW
            ]
    return found


def _houses(problem: Problem) -> dict[str, int]:
    """Leases whose partner pays for shell: id -> row number."""
    return {
        deal.id: number
        for number, deal in enumerate(problem.deals)
        if isinstance(deal, Lease) and deal.covers in {"shell", "all"}
    }


def _lacking(known: Figures, units: Fleet, houses: Mapping[str, int]) -> dict[str, Floats]:
    """Shell MW to be built by each period, by who pays: ``own`` first, then the partners for what still lacks (M5.13).

    Arrays (S, P), never falling. Owned units need existing or own shell; leased ones may use any that is free.
    """
    base = known.site.existing_shell_mw[:, None] + units.brought_shell_mw
    numbers = range(len(known.problem.deals))
    leased = {
        terms: units.by_site(known, units.leased_online(np.array([i == number for i in numbers])), known.block.it_mw)
        for terms, number in houses.items()
    }
    online = units.by_site(known, units.online, known.block.it_mw)

    def rising(mw: Floats) -> Floats:
        found: Floats = np.maximum.accumulate(np.maximum(0.0, mw), axis=1)
        return found

    found = {"own": rising(sum((-mw for mw in leased.values()), online) - base)}
    left = rising(online - base) - found["own"] if leased else np.zeros_like(online)
    for terms, mw in leased.items():
        found[terms] = rising(np.minimum(rising(mw), left))
        left = left - found[terms]
    return found


def _starts(known: Figures, site: Site, lacking: Floats, first: int, build: int, taken: Floats) -> Floats:
    """Shell MW to start in every period so that ``lacking`` stands in time, each as late as can be, from the end.

    ``taken``: what others start already, which counts in the pace.
    """
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
        both = starts + taken
        busiest = max(float(both[a : a + window].sum()) for a in range(max(0, p - window + 1), p + 1))
        free = max(0.0, site.pace_mw_per_year - busiest)
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
    signed = decisions.model_copy(update={"signed": implied_signed(problem, decisions)})
    return known, fleet(known, rows(known, signed))
