"""What binds the whole plan: limits so nearly used up that not one unit more would fit, each with its numbers.

One function a limit, listed in ``BINDINGS``. Limits of single sites are told in their ``main_limit``; here they are
only counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from planner.formulas import payment_shares
from planner.ledger.deal_bindings import deals, later
from planner.ledger.deals.flow import Flow
from planner.ledger.evidence import Evidence
from planner.ledger.figures import Floats
from planner.ledger.limits import SiteLimit
from planner.ledger.orderable import orderable
from planner.ledger.policy_bindings import policies
from planner.ledger.shortfall import Shortfall
from planner.ledger.state import State
from planner.ledger.words import listed, number
from planner.plan import Balance, Binding


def bindings(
    state: State,
    account: list[Balance],
    shortfalls: list[Shortfall],
    limits: list[SiteLimit],
    flows: list[Flow],
    after_musd: float,
) -> list[Binding]:
    """All that binds, in the order of ``BINDINGS``."""
    evidence = Evidence(state, account, shortfalls, limits, flows, after_musd)
    return [binding for rule in BINDINGS for binding in rule(evidence)]


def budget(evidence: Evidence) -> list[Binding]:
    """Months whose cash would not even make the first payment on the cheapest block that could still be had then; else the money that
    one more purchase would need with its shell and duties, where that is all that stops any."""
    figures = evidence.state.figures
    terms = figures.problem.budget
    if terms is None:
        return []
    cheapest = np.full(figures.P, np.inf)
    for k, (block, open_) in enumerate(zip(figures.blocks, orderable(evidence.state))):
        due = sum(share for lag, share in payment_shares(block, figures.timeline) if lag == 0) or 1.0
        cheapest = np.where(open_, np.minimum(cheapest, due * figures.block.capex_musd[k]), cheapest)
    cash = np.array([row.cash_musd for row in evidence.account])
    left = cash - terms.min_cash_musd
    # a plan that minimises may leave its money alone: only where it spends at all can the account bind
    spends = np.array([row.covered_musd > 0 for row in evidence.account])
    wants = spends | (figures.problem.objectives[0].sense == "maximize")
    where = (left < np.maximum(cheapest, 1e-6)) & np.isfinite(cheapest) & wants
    if not where.any():
        return _budget_at_sites(evidence)
    p = int(np.argmin(np.where(where, left, np.inf)))
    message = (
        f"the budget ends {figures.timeline.month(p)} with {number(cash[p])} MUSD"
        + (f" ({number(terms.min_cash_musd)} must stay)" if terms.min_cash_musd else "")
        + f"; the first payment on the cheapest block still to be had is {number(cheapest[p])}"
    )
    return [Binding(family="budget", subject="cash", months=evidence.months(where), message=message)]


def _budget_at_sites(evidence: Evidence) -> list[Binding]:
    """Where no site takes one more purchase and money is all that stops it at some."""
    figures = evidence.state.figures
    if figures.problem.objectives[0].sense != "maximize" or any(limit.limit == "none" for limit in evidence.limits):
        return []
    stopped = [(site.id, limit.why) for site, limit in zip(figures.sites, evidence.limits) if limit.limit == "budget"]
    if not stopped:
        return []
    name, why = stopped[0]
    message = f"at {len(stopped)} {'site' if len(stopped) == 1 else 'sites'} only money stops one more purchase; {name}: {why}"
    return [Binding(family="budget", subject="cash", months=list(figures.timeline.months[-1:]), message=message)]


def supply(evidence: Evidence) -> list[Binding]:
    """M2.4: blocks and pools with less left than one unit, from the first period with any supply on."""
    figures, fleet = evidence.state.figures, evidence.state.fleet
    ordered = fleet.ever_ordered()
    found: list[Binding] = []

    def used_up(subject: str, amount: Floats, used: Floats, unit: float, what: str) -> None:
        where = (used > 0) & (used + unit > amount + 1e-6 * np.maximum(1.0, amount))
        if where.any():
            p = int(np.flatnonzero(where)[-1])
            month = figures.timeline.month(p)
            message = f"{subject}: {number(used[p])} of {number(amount[p])} {what} ordered by {month}"
            found.append(Binding(family="supply", subject=subject, months=evidence.months(where), message=message))

    for k, block in enumerate(figures.blocks):
        if block.supply is not None:
            used = ordered[fleet.pair_block == k].sum(axis=0).astype(float)
            used_up(block.id, figures.timeline.values(block.supply), used, 1.0, "units")
    for pool in figures.problem.supply_pools:
        weight = figures.block.metric(pool.metric)[fleet.pair_block][:, None]
        used = (weight * ordered)[evidence.state.inside(pool.filter)].sum(axis=0) + np.zeros(figures.P)
        least = evidence.least_unit(pool.filter, pool.metric)
        used_up(pool.id, figures.timeline.values(pool.amount), used, least, pool.metric)
    return found


def demand(evidence: Evidence) -> list[Binding]:
    """M7.1: demands that one unit less would break, or that already pay for what is missing."""
    figures = evidence.state.figures
    found = []
    for short in evidence.shortfalls:
        asked = short.demand
        due = np.arange(figures.P) >= figures.timeline.contains(asked.by)
        if not due.any():
            continue
        missing = due & (short.missing > 1e-6 * max(1.0, asked.amount))
        least = evidence.least_unit(asked.filter, asked.metric)
        tight = due & (short.held - least < asked.amount) & (asked.amount > 0)
        where = missing if missing.any() else tight
        if not where.any():
            continue
        p = int(np.argmax(np.where(where, short.missing, -1.0)))
        month = figures.timeline.month(p)
        message = f"{asked.id} asks {number(asked.amount)} {asked.metric}; {number(short.held[p])} in {month}"
        if missing.any():
            message += f", short {number(short.missing[p])}"
        found.append(Binding(family="demand", subject=asked.id, months=evidence.months(where), message=message))
    return found


def sites(evidence: Evidence) -> list[Binding]:
    """How many open sites are full, by what fills them."""
    full: dict[str, list[str]] = defaultdict(list)
    state = evidence.state
    for site, limit, opened in zip(state.figures.sites, evidence.limits, state.open[:, -1].tolist()):
        if opened and limit.limit in {"power", "land", "shell", "pace", "resources", "max_per_site"}:
            full[limit.limit].append(site.id)
    count = int(state.open[:, -1].sum())
    last = state.figures.timeline.months[-1:]
    return [
        Binding(
            family=limit,
            subject=listed(names),
            months=list(last),
            message=f"{len(names)} of {count} open sites take no further block because of {limit}: {listed(names)}",
        )
        for limit, names in sorted(full.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


BINDINGS: tuple[Callable[[Evidence], list[Binding]], ...] = (budget, later, supply, demand, deals, policies, sites)
