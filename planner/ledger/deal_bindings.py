"""Which deals bind: loans drawn up to their limit or their share of capex, sales at their most, promises just kept or missed,
minimums paid for and not used."""

from __future__ import annotations

import numpy as np

from planner.ledger.covered import covered_capex
from planner.ledger.deals.flow import Flow
from planner.ledger.evidence import Evidence, last_period
from planner.ledger.figures import NEVER, Bools, Floats
from planner.ledger.orderable import orderable
from planner.ledger.words import number
from planner.plan import Binding
from planner.problem.deals import Lease, Loan, Offtake, PurchaseCommitment
from planner.problem.problem import after_horizon_limit, covers
from planner.problem.schedule import value_at

TOLERANCE = 1e-6


def deals(evidence: Evidence) -> list[Binding]:
    """M5.3-M5.6, deal by deal in the request's order."""
    found: list[Binding] = []
    for flow in evidence.flows:
        deal = flow.deal
        if not flow.signed:
            continue
        if isinstance(deal, Loan):
            found += _loan(evidence, flow, deal)
        elif isinstance(deal, Offtake):
            found += _offtake(evidence, flow, deal)
        elif isinstance(deal, Lease):
            found += _lease(evidence, flow, deal)
        elif isinstance(deal, PurchaseCommitment):
            found += _commitment(evidence, flow, deal)
    return found


def later(evidence: Evidence) -> list[Binding]:
    """M4.5: what may fall due after the horizon is used up, or leaves too little for one more block on a lease."""
    problem = evidence.state.figures.problem
    limit, due = after_horizon_limit(problem), evidence.after_musd
    if limit is None or due <= 0:
        return []
    message = f"{number(due)} of {number(limit)} MUSD that may fall due after the horizon"
    if due < limit - TOLERANCE * max(1.0, limit):
        musd, what = _least_on_lease(evidence)
        if due + musd <= limit + TOLERANCE * max(1.0, limit):
            return []
        message += f"; {what} adds {number(musd)}"
    last = evidence.state.figures.timeline.months[-1]
    return [Binding(family="after_horizon", subject="after_horizon_limit_musd", months=[last], message=message)]


def _least_on_lease(evidence: Evidence) -> tuple[float, str]:
    """What one more block on a signed lease would leave due after the horizon at the least, ordered as late as it still arrives, in
    MUSD, and its name. Nothing, where no lease has a term, or no block that it covers is to be had."""
    state = evidence.state
    figures = state.figures
    timeline, L, P = figures.timeline, figures.L, figures.P
    had: Bools = np.any(orderable(state), axis=1)
    found = []
    for flow in evidence.flows:
        deal = flow.deal
        if not (flow.signed and isinstance(deal, Lease)):
            continue
        term = timeline.half_up(deal.term_years) if deal.term_years else NEVER
        for k, block in enumerate(figures.blocks):
            stays = min(int(figures.block.life[k]), term)
            if had[k] and covers(deal, None, block) and stays < NEVER:
                after = range(P, P - 1 + stays)
                rates = [value_at(deal.musd_per_mw_year, timeline.month(p)) or 0.0 for p in after]
                found.append((sum(rates) * L * float(figures.block.it_mw[k]), f"one more {block.id} on {deal.id}"))
    return min(found, default=(0.0, ""))


def _binding(evidence: Evidence, flow: Flow, where: Bools, message: str) -> list[Binding]:
    if not where.any():
        return []
    return [Binding(family="deal", subject=flow.deal.id, months=evidence.months(where), message=message)]


def _at(most: Floats, used: Floats) -> Bools:
    """Where something is used, and all of what there is."""
    found: Bools = (used > 0) & (used >= most - TOLERANCE * np.maximum(1.0, most))
    return found


def _loan(evidence: Evidence, flow: Flow, deal: Loan) -> list[Binding]:
    timeline = evidence.state.figures.timeline
    most, drawn = timeline.values(deal.limit_musd), flow.inflow.cumsum()
    where = _at(most, drawn)
    p = last_period(where)
    text = f"{number(drawn[p])} of {number(most[p])} MUSD of loan {deal.id} drawn by {timeline.month(p)}"
    found = _binding(evidence, flow, where, text)
    if deal.max_share is not None:
        capex = covered_capex(evidence.state, deal).cumsum()
        where = _at(deal.max_share * capex, drawn)
        p = last_period(where)
        text = f"{number(drawn[p])} MUSD of loan {deal.id} drawn by {timeline.month(p)}"
        text += f", at most {number(100 * deal.max_share)} % of the {number(capex[p])} MUSD of capex that it covers"
        found += _binding(evidence, flow, where, text)
    return found


def _offtake(evidence: Evidence, flow: Flow, deal: Offtake) -> list[Binding]:
    timeline, unit = evidence.state.figures.timeline, deal.sold_metric
    found = []
    if deal.maximum is not None:
        most = timeline.values(deal.maximum)
        where = _at(most, flow.sold)
        p = last_period(where)
        text = f"{deal.id} buys {number(flow.sold[p])} of at most {number(most[p])} {unit} in {timeline.month(p)}"
        found += _binding(evidence, flow, where, text)
    least = timeline.values(deal.minimum)
    where = (least > 0) & (flow.sold <= least * (1 + TOLERANCE))
    p = last_period(where)
    text = f"{deal.id} is to get at least {number(least[p])} {unit}; {number(flow.sold[p])} in {timeline.month(p)}"
    if flow.missing[p] > 0:
        text += f", short {number(flow.missing[p])}"
    return found + _binding(evidence, flow, where, text)


def _lease(evidence: Evidence, flow: Flow, deal: Lease) -> list[Binding]:
    timeline = evidence.state.figures.timeline
    least = timeline.values(deal.minimum_mw)
    where = flow.leased_mw < least - TOLERANCE * np.maximum(1.0, least)
    p = last_period(where)
    used = number(flow.leased_mw[p])
    text = f"{deal.id} is paid for {number(least[p])} MW at least; {used} on it in {timeline.month(p)}"
    return _binding(evidence, flow, where, text)


def _commitment(evidence: Evidence, flow: Flow, deal: PurchaseCommitment) -> list[Binding]:
    """Promises that are missed, or that one unit less would miss."""
    figures = evidence.state.figures
    covered = [covers(deal, None, block) for block in figures.blocks]
    if deal.metric == "capex_musd":
        prices = figures.block.capex_musd[covered]
        unit = float(prices[prices > 0].min(initial=np.inf))
    else:
        amounts = figures.block.metric(deal.metric)[covered]
        unit = float(amounts[amounts > 0].min(initial=np.inf))
    found = []
    for promise in deal.commitments:
        p = max(0, figures.timeline.contains(promise.by))
        if p >= figures.P or promise.at <= 0 or flow.progress[p] - unit >= promise.at:
            continue
        where = np.arange(figures.P) == p
        held = number(flow.progress[p])
        text = f"{deal.id} promises {number(promise.at)} {deal.metric} by {promise.by}; {held} {deal.counts}"
        found += _binding(evidence, flow, where, text)
    return found
