"""Budget: the account of every period, never below its floor, and what may be left to pay later (M4.1, M4.5, A7)."""

from __future__ import annotations

import math

import numpy as np

from planner.plan import Balance
from planner.verify.findings import CASH, Array, Findings, num, slack
from planner.verify.money import Money
from planner.verify.world import World

FAMILY = "budget"
FIELDS = ("before_musd", "budget_musd", "income_musd", "covered_musd", "cash_musd")


def account(world: World, money: Money) -> list[dict[str, float]]:
    """``cash = before + budget + income - covered``, period by period; empty without a budget."""
    budget = world.problem.budget
    if budget is None:
        return []
    arrives: Array = np.sum([money.total(line) for line in ("resale", "equity", "warrants", "loan_draws")], axis=0)
    earned = money.total("revenue") + money.total("offtake")
    spending = {kind: money.of_kind(kind) for kind in budget.covers}
    result: list[dict[str, float]] = []
    cash = budget.opening_musd
    for p, rate in enumerate(world.calendar.values(budget.per_year_musd)):
        before = cash if p == 0 or budget.carry_over else min(0.0, cash)
        granted = rate * world.calendar.years
        income = float(arrives[p] + budget.revenue_share * earned[p])
        covered = math.fsum(float(lines[p]) for lines in spending.values())
        cash = before + granted + income - covered
        result.append(dict(zip(FIELDS, (before, granted, income, covered, cash))))
    return result


def later_limit(world: World) -> float | None:
    """The most that may fall due after the horizon; under compute a lease or loan limits it to a year of budget (M4.5)."""
    budget, first = world.problem.budget, world.problem.objectives[0]
    if budget is None or budget.after_horizon_limit_musd is not None:
        return None if budget is None else budget.after_horizon_limit_musd
    if first.maximize == "compute" and any(deal.kind in {"lease", "loan"} for deal in world.problem.deals):
        return world.calendar.values(budget.per_year_musd)[-1]
    return None


def check(world: World, money: Money, found: Findings) -> None:
    """The floor holds, the limit on later payments holds, and the stated balances follow from the decisions."""
    budget, rows = world.problem.budget, account(world, money)
    if budget is not None:
        for p, row in enumerate(rows):
            found.checked += 1
            short = budget.min_cash_musd - row["cash_musd"]
            if not short <= CASH * max(1.0, row["budget_musd"]):
                month = world.months[p]
                say = (
                    f"cash ends {month} at {num(row['cash_musd'])} MUSD: {num(row['before_musd'])} before "
                    f"+ {num(row['budget_musd'])} budget + {num(row['income_musd'])} income "
                    f"- {num(row['covered_musd'])} covered spending; "
                    f"never below {num(budget.min_cash_musd)}; short {num(short)}"
                )
                found.add("M4.1", FAMILY, "cash", month, say, short)
        limit = later_limit(world)
        if limit is not None:
            later = math.fsum(money.after.values())
            found.checked += 1
            if not later <= limit + slack(limit):
                say = f"{num(later)} MUSD fall due after the horizon; limit {num(limit)}; {num(later - limit)} too much"
                found.add("M4.5", FAMILY, "after_horizon", None, say, later - limit)
    _balances(world, found, rows)


def _balances(world: World, found: Findings, rows: list[dict[str, float]]) -> None:
    stated: list[Balance] = world.plan.balances
    months = world.months[: len(rows)]
    if [b.month for b in stated] != months:
        say = f"balances: {len(stated)} rows; wanted one for each of {len(rows)} periods, in order"
        found.add("M4.1", FAMILY, "balances", None, say, len(stated) - len(rows))
        return
    for given, row in zip(stated, rows):
        for name, true in row.items():
            found.figure("M4.1", FAMILY, "balances", given.month, f"balances: {name}", getattr(given, name), true)
