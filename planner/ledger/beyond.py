"""What lies after the last period: money still due (M4.5) and dates without effect inside the horizon (M1.3)."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from planner.ledger.money import LINES, NOTHING_MUSD, Money
from planner.ledger.words import number
from planner.plan import AfterHorizon
from planner.problem.checks.scope import leaves
from planner.problem.problem import Problem
from planner.problem.schedule import Step
from planner.timeline import Timeline


def after_horizon(book: Money) -> list[AfterHorizon]:
    """Money by period and line, then the dates in the order of the request."""
    timeline = book.figures.timeline
    due = sorted(book.after.items(), key=lambda item: (item[0][0], LINES.index(item[0][1])))
    money = [
        AfterHorizon(month=timeline.month(p), line=line, musd=musd)
        for (p, line), musd in due
        if abs(musd) > NOTHING_MUSD
    ]
    dates = [
        AfterHorizon(month=month, line="date", note=note)
        for month, note in dates_beyond(book.figures.problem, timeline)
    ]
    return money + dates


def dates_beyond(problem: Problem, timeline: Timeline) -> Iterator[tuple[str, str]]:
    """``(month, what)`` of every start, step, promise and end of the request that lies after the last period.

    A start in the middle of the last period is one of them: it would take effect in the period after it.
    """

    def starts(month: str | None, what: str) -> Iterator[tuple[str, str]]:
        if month is not None and timeline.starts(month) >= timeline.P:
            yield month, f"{what} from {month}"

    def promised(month: str, what: str) -> Iterator[tuple[str, str]]:
        if timeline.contains(month) >= timeline.P:
            yield month, f"{what} by {month}"

    def ends(month: str | None, what: str) -> Iterator[tuple[str, str]]:
        if month is not None and timeline.contains(month) >= timeline.P:
            yield month, f"{what} until {month}"

    def steps(owner: BaseModel, whose: str) -> Iterator[tuple[str, str]]:
        for path, _, schedule in leaves(owner):
            for step in schedule if isinstance(schedule, tuple) else ():
                if isinstance(step, Step):
                    field = ".".join(str(part) for part in path)
                    yield from starts(step.from_, f"{field} of {whose} becomes {number(step.value)}")

    for block in problem.blocks:
        yield from starts(block.available_from, f"block {block.id} is available")
        yield from steps(block, f"block {block.id}")
    for pool in problem.supply_pools:
        yield from steps(pool, f"supply pool {pool.id}")
    for site in problem.sites:
        yield from starts(site.available_from, f"site {site.id} is available")
        yield from steps(site, f"site {site.id}")
        for entry in site.existing:
            yield from starts(entry.online_from, f"existing units of {entry.block} at {site.id} come online")
    for demand in problem.demand:
        yield from promised(demand.by, f"demand {demand.id} is to be met")
        yield from steps(demand, f"demand {demand.id}")
    for deal in problem.deals:
        for promise in getattr(deal, "commitments", ()):
            yield from promised(promise.by, f"{number(promise.at)} {deal.metric} of deal {deal.id} are promised")
        yield from ends(getattr(deal, "expires", None), f"shares of deal {deal.id} can vest")
        yield from steps(deal, f"deal {deal.id}")
    for i, policy in enumerate(problem.policies):
        name = policy.id or f"policy {i + 1} ({policy.kind})"
        yield from starts(getattr(policy, "from_", None), f"{name} holds")
        if policy.kind == "lock" and policy.order is not None:
            order = policy.order
            yield from promised(order.month, f"{name}: {order.units} x {order.block} at {order.site} ordered")
        yield from steps(policy, name)
    for market in problem.markets:
        yield from steps(market, f"market {market.id}")
    if problem.budget is not None:
        yield from steps(problem.budget, "the budget")
