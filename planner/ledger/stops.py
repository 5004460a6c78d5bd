"""What would stop one more purchase at each site: one limit a function, tried in the order of ``STOPS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.ledger.figures import Bools, Floats, Ints
from planner.ledger.policies import policy_stops
from planner.ledger.probe import TOLERANCE, Probe, exceeds
from planner.ledger.words import number
from planner.problem.problem import matches


@dataclass(frozen=True)
class Stop:
    """A limit, the sites where it stops the purchase (S,), and the sentence that says so for one of them."""

    limit: str
    where: Bools
    why: Callable[[int], str]


def not_allowed(probe: Probe) -> Stop:
    """M2.3: the block may not stand in this region."""

    def why(s: int) -> str:
        site = probe.figures.sites[s]
        place = ", ".join(x for x in (site.region, site.country, *site.tags) if x) or "no region"
        return f"no block of the request is allowed here ({place})"

    return Stop("not_allowed", ~probe.margin.allowed[:, probe.k], why)


def forbidden(probe: Probe) -> Stop:
    """M7.3 ``forbid``."""
    return Stop("policy", probe.margin.forbidden[:, probe.k], lambda s: f"a forbid policy keeps {probe.name} out")


def not_available(probe: Probe) -> Stop:
    """The site opens, or the block arrives, too late for this horizon."""
    figures = probe.figures

    def why(s: int) -> str:
        if probe.last < 0:
            lead = figures.blocks[probe.k].lead_months
            return f"{probe.name} takes {number(lead)} months to arrive, longer than the horizon"
        opened = figures.timeline.month(int(probe.margin.earliest[s]))
        here = f"the site {'is open' if probe.margin.opened[s] else 'may open'} from {opened}"
        block = figures.blocks[probe.k].available_from
        there = f", {probe.name} is sold from {block}" if block else ""
        return f"{here}{there}; the last useful order of {probe.name} is in {figures.timeline.month(probe.last)}"

    return Stop("not_available", ~probe.orderable, why)


def power(probe: Probe) -> Stop:
    """M3.4 in the last period."""
    site, state = probe.figures.site, probe.margin.state
    grid, used = site.grid_mw[:, -1], state.facility_mw[:, -1]
    need = probe.it_mw * site.peak_pue[:, -1]

    def why(s: int) -> str:
        return (
            f"grid {number(grid[s])} MW, {number(used[s])} used; the smallest purchase ({_units(probe, s)}) "
            f"needs {number(need[s])}"
        )

    return Stop("power", exceeds(need, grid - used, grid), why)


def land(probe: Probe) -> Stop:
    """M3.5 from the last order on."""
    figures, state = probe.figures, probe.margin.state
    used = state.standing_ha[:, max(0, probe.last) :].max(axis=1)
    ground = figures.site.buildable_ha
    need = probe.units * figures.block.footprint_ha[probe.k]

    def why(s: int) -> str:
        return (
            f"{number(ground[s])} ha buildable, {number(used[s])} used; the smallest purchase ({_units(probe, s)}) "
            f"needs {number(need[s])}"
        )

    return Stop("land", (need > 0) & exceeds(need, ground - used, ground), why)


def shell(probe: Probe) -> Stop:
    """M3.6: more shell could not stand in time."""
    state, extra = probe.margin.state, probe.extra_shell_mw

    def why(s: int) -> str:
        site = probe.figures.sites[s]
        shell, used = state.shell_mw[s, -1], state.online_it_mw[s, -1]
        whose = ""
        if probe.free_shell_mw[s] < shell - used:
            shell, used, whose = state.own_shell_mw[s, -1], state.own_housed_mw[s, -1], "own "
        return (
            f"{whose}shell {number(shell)} MW, {number(used)} used; "
            f"{number(extra[s])} MW more take {number(site.build_months)} months to build, past the horizon"
        )

    return Stop("shell", (extra > 0) & ~probe.can_build, why)


def pace(probe: Probe) -> Stop:
    """M3.6: the pace of construction leaves too little shell in time."""
    extra, left = probe.extra_shell_mw, probe.margin.pace_left

    def why(s: int) -> str:
        return (
            f"at most {number(probe.figures.sites[s].pace_mw_per_year or 0)} MW of shell a year; "
            f"{number(left[s])} MW more could still stand by the end, {number(extra[s])} would be needed"
        )

    return Stop("pace", (extra > 0) & (extra > left + TOLERANCE * np.maximum(1.0, extra)), why)


def resources(probe: Probe) -> Stop:
    """M3.7 in the last period."""
    figures, fleet = probe.figures, probe.margin.state.fleet
    block = figures.blocks[probe.k]
    where = np.zeros(figures.S, dtype=bool)
    words: dict[int, str] = {}
    for name in [r for r, amount in block.uses.items() if amount > 0]:
        used = fleet.by_site(figures, fleet.energised, np.array([b.uses.get(name, 0.0) for b in figures.blocks]))
        for s, site in enumerate(figures.sites):
            if name in site.resources and s not in words:
                limit = figures.timeline.value(site.resources[name], figures.P - 1)
                need = float(probe.units[s]) * block.uses[name]
                if need > limit - used[s, -1] + TOLERANCE * max(1.0, limit):
                    where[s] = True
                    words[s] = (
                        f"{name} {number(limit)}, {number(used[s, -1])} used; the smallest purchase "
                        f"({_units(probe, s)}) needs {number(need)}"
                    )
    return Stop("resources", where, lambda s: words[s])


def max_per_site(probe: Probe) -> Stop:
    """M2.5."""
    most = probe.figures.blocks[probe.k].max_per_site
    ordered = probe.margin.ever_ordered[:, probe.k]
    where = np.zeros(probe.figures.S, dtype=bool) if most is None else ordered + probe.units > most
    return Stop("max_per_site", where, lambda s: f"{ordered[s]} of at most {most} units of {probe.name} ordered here")


def supply(probe: Probe) -> Stop:
    """M2.4: the vendor's deliveries, then the pools, at the last order and after it."""
    figures = probe.figures
    since = max(0, probe.last)
    block = figures.blocks[probe.k]
    where = np.zeros(figures.S, dtype=bool)
    words: list[tuple[Bools, str]] = []

    def limit(amount: Floats, used: Floats, need: Floats, text: str) -> None:
        p = since + int(np.argmin(amount[since:] - used[since:]))
        stops = exceeds(need, amount[p] - used[p], amount[p])
        where[:] |= stops
        taken = f"{text}: {number(used[p])} of {number(amount[p])} taken by {figures.timeline.month(p)}"
        words.append((stops, f"{taken}; one purchase takes {number(float(need.max()))}"))

    if block.supply is not None:
        used = _ordered(probe, np.arange(len(figures.blocks)) == probe.k, np.ones(figures.S, dtype=bool))
        limit(figures.timeline.values(block.supply), used, probe.units.astype(float), f"supply of {probe.name}")
    for pool in figures.problem.supply_pools:
        if matches(pool.filter, None, block):
            metric = figures.block.metric(pool.metric)
            inside = probe.margin.state.sites_inside(pool.filter)
            covered = np.array([matches(pool.filter, None, b) for b in figures.blocks], dtype=bool)
            need = np.where(inside, probe.units * metric[probe.k], 0.0)
            used = _ordered(probe, covered * metric, inside)
            limit(figures.timeline.values(pool.amount), used, need, f"supply pool {pool.id}")

    return Stop("supply", where, lambda s: next(text for stops, text in words if stops[s]))


def policy(probe: Probe) -> Stop:
    """M7.3: limits, shares, headroom, counts and distances."""
    found = policy_stops(probe)
    where = np.zeros(probe.figures.S, dtype=bool)
    for stops, _ in found:
        where |= stops
    return Stop("policy", where, lambda s: next(text(s) for stops, text in found if stops[s]))


def budget(probe: Probe) -> Stop:
    """M4.1: what is left cannot pay the purchase as its payments fall due (capex only)."""
    figures, left = probe.figures, probe.margin.cash_left
    terms = figures.problem.budget
    if terms is None or left is None or "capex" not in terms.covers:
        return Stop("budget", np.zeros(figures.S, dtype=bool), lambda s: "")
    drawn = probe.capex()
    asked = drawn.cumsum(axis=1) if terms.carry_over else drawn
    over: Bools = (asked > left + TOLERANCE * np.maximum(1.0, np.abs(left))) & (asked > 0)

    def why(s: int) -> str:
        p = int(np.argmax(over[s]))
        ours = " of our own" if probe.margin.leased[s] else ""
        return (
            f"{_units(probe, s)} more{ours} would cost {number(float(drawn[s].sum()))} MUSD of capex; in "
            f"{figures.timeline.month(p)} the budget has {number(max(0.0, left[p]))} left"
        )

    where: Bools = np.any(over, axis=1)
    return Stop("budget", where, why)


STOPS: tuple[Callable[[Probe], Stop], ...] = (
    not_allowed,
    forbidden,
    not_available,
    power,
    land,
    shell,
    pace,
    resources,
    max_per_site,
    supply,
    policy,
    budget,
)


def _units(probe: Probe, s: int) -> str:
    return f"{probe.units[s]} x {probe.name}"


def _ordered(probe: Probe, weight: Floats | Bools, inside: Bools) -> Floats:
    """Weighted units ever ordered up to each period at the sites inside. Shape (P,)."""
    fleet = probe.margin.state.fleet
    pairs: Ints = fleet.ever_ordered()
    rows = np.asarray(weight, dtype=float)[fleet.pair_block] * inside[fleet.pair_site]
    total: Floats = (rows[:, None] * pairs).sum(axis=0) + np.zeros(probe.figures.P)
    return total
