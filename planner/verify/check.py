"""The re-check of a plan from the request alone: reads like a table of contents (M8.3)."""

from __future__ import annotations

import numpy as np

from planner.ground import Ground
from planner.plan import Check, Plan
from planner.problem.problem import Problem
from planner.verify import (
    beyond,
    budget,
    cash,
    circularity,
    commitments,
    concentration,
    deals,
    decisions,
    demand,
    existing,
    land,
    leases,
    loans,
    markets,
    objective,
    offtakes,
    openings,
    orders,
    pace,
    policies,
    power,
    report,
    resources,
    retirement,
    shell,
    signing,
    sites,
    status,
    supply,
    terminal,
    totals,
    tranches,
    years,
)
from planner.verify.dates import Calendar
from planner.verify.findings import Findings
from planner.verify.money import Money
from planner.verify.world import World

LIMITS = (
    signing.check,
    openings.check,
    orders.check,
    supply.check,
    power.check,
    land.check,
    shell.check,
    pace.check,
    resources.check,
    existing.check,
    retirement.check,
    demand.check,
    markets.check,
    policies.check,
    terminal.check,
    beyond.check,
    report.check,
)
"""What the decisions alone must honour, and figures that need no cash-flow table."""

MONEY = (
    cash.check,
    cash.check_after_horizon,
    budget.check,
    commitments.check,
    leases.check,
    loans.check,
    offtakes.check,
    tranches.check,
    deals.check,
    circularity.check,
    years.check,
    concentration.check,
    concentration.check_tariffs,
    objective.check,
    sites.check,
    totals.check,
)
"""What is checked against every recomputed dollar."""


def verify(problem: Problem, ground: Ground, plan: Plan) -> Check:
    """Recompute everything a plan says from the request and its decisions, and hold it against every limit.

    Shares no arithmetic with the model: it has its own calendar, discounting, counting of units and money.
    """
    found = Findings()
    if plan.status.holds == "no_plan":
        status.check_no_plan(plan, found)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            calendar = Calendar(problem.horizon)
            rows = decisions.read(problem, calendar, plan, found)
            world = World(problem, ground, plan, calendar, rows)
            for limit in LIMITS:
                limit(world, found)
            money = Money(world)
            for account in MONEY:
                account(world, money, found)
            status.check(problem, plan, found)
    violations = found.violations()
    return Check(ok=not violations, violations=violations, rules_checked=found.checked)
