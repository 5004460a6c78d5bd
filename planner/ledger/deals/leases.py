"""What a lease costs, inside the horizon and after it (M5.4, M5.14)."""

from __future__ import annotations

import numpy as np

from planner.ledger.deals.flow import Draft
from planner.ledger.figures import NEVER
from planner.ledger.state import State
from planner.problem.deals import Lease
from planner.problem.schedule import value_at


def lease(state: State, number: int, deal: Lease, draft: Draft) -> None:
    r"""Every period pays :math:`rate_p L \max(minimum_p, leased_p)`, ``leased`` in IT MW online on this lease."""
    figures = state.figures
    timeline, L = figures.timeline, figures.L
    mine = np.arange(len(figures.problem.deals)) == number
    mw = figures.block.it_mw[state.fleet.pair_block]
    draft.leased_mw = mw @ state.fleet.leased_online(mine).astype(float) + np.zeros(figures.P)
    paid = np.maximum(timeline.values(deal.minimum_mw), draft.leased_mw)
    draft.outflow = timeline.values(deal.musd_per_mw_year) * L * paid
    for p, mw_due in _after(state, number, deal).items():
        musd = (value_at(deal.musd_per_mw_year, timeline.month(p)) or 0.0) * L * mw_due
        if musd:
            draft.later(p, musd)


def _after(state: State, number: int, deal: Lease) -> dict[int, float]:
    """MW to be paid for in the periods after the last one.

    Units go on to the end of their term; where neither life nor term is stated they end with the horizon. The minimum
    goes on to ``term_years`` after the first period in which it is positive, and without a term ends with the horizon.
    """
    figures, units = state.figures, state.fleet.cohorts
    P = figures.P
    due: dict[int, float] = {}
    mine = (units.lease == number) & (units.ends > P) & (units.ends < NEVER)
    if mine.any():
        last = int(units.ends[mine].max())
        steps = np.zeros(last + 1)
        worth = figures.block.it_mw[units.block[mine]] * units.units[mine]
        np.add.at(steps, np.minimum(np.maximum(P, units.online[mine]), last), worth)
        np.add.at(steps, units.ends[mine], -worth)
        due = {p: max(0.0, mw) for p, mw in enumerate(steps.cumsum().tolist()) if P <= p < last}
    first = _first_minimum(state, deal)
    if deal.term_years is not None and first is not None:
        for p in range(max(P, first), first + figures.timeline.half_up(deal.term_years)):
            least = value_at(deal.minimum_mw, figures.timeline.month(p)) or 0.0
            due[p] = max(least, due.get(p, 0.0))
    return dict(sorted(due.items()))


def _first_minimum(state: State, deal: Lease) -> int | None:
    """The first period, maybe after the horizon, in which the minimum is positive."""
    timeline = state.figures.timeline
    if not isinstance(deal.minimum_mw, tuple):
        return 0 if deal.minimum_mw > 0 else None
    for step in deal.minimum_mw:
        p = max(0, timeline.starts(step.from_))
        if (value_at(deal.minimum_mw, timeline.month(p)) or 0.0) > 0:
            return p
    return None
