"""Money in and out (M4.1): cash at the end of a period never falls below ``min_cash_musd``."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model import money
from planner.model.data import ModelData
from planner.model.deals import money as deal_money
from planner.model.linear import Linear
from planner.problem.problem import after_horizon_limit as after_horizon_limit_musd


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    budget = d.problem.budget
    if budget is None:
        return
    m.cash = pyo.Var(range(d.P), domain=pyo.Reals, bounds=(budget.min_cash_musd, None))
    covered = (money.CAPEX if "capex" in budget.covers else ()) + (money.OPEX if "opex" in budget.covers else ())
    spending = money.by_period(m, d, covered)
    income = money.by_period(m, d, money.INFLOWS)
    if budget.revenue_share:
        for out, earned in zip(income, money.by_period(m, d, (money.revenue, deal_money.offtake)), strict=True):
            out.plus(budget.revenue_share, earned)
    m.carried = pyo.Var(range(d.P) if overdraft(d) else [], domain=pyo.NonPositiveReals)
    m.budget = pyo.Constraint(range(d.P), rule=lambda m, p: cash_balance(m, d, p, spending[p], income[p]))
    m.leftovers_lost = pyo.Constraint(
        [p for p in m.carried if p > 0],
        rule=lambda m, p: Linear().add(1.0, m.carried[p]).add(-1.0, m.cash[p - 1]).at_most(m, 0.0),
    )
    if after_horizon_limit_musd(d.problem) is not None:
        m.after_horizon = pyo.Constraint(rule=lambda m: after_horizon_limit(m, d))


def overdraft(d: ModelData) -> bool:
    """Without carry-over leftovers are lost; an overdraft that ``min_cash_musd`` allows is not forgiven."""
    budget = d.problem.budget
    return budget is not None and not budget.carry_over and budget.min_cash_musd < 0


def cash_balance(m: Any, d: ModelData, p: int, spending: Linear, income: Linear) -> Any:
    r""":math:`K_p \le K_{p-1} + L B_p + I_p - X_p`, :math:`K_p \ge K^{min}` (what is not needed may lie idle)."""
    budget = d.problem.budget
    assert budget is not None
    available = d.L * d.time.value(budget.per_year_musd, p)
    out = Linear().add(1.0, m.cash[p]).plus(1.0, spending).plus(-1.0, income)
    if p == 0:
        available += budget.opening_musd
    elif budget.carry_over:
        out.add(-1.0, m.cash[p - 1])
    elif overdraft(d):
        out.add(-1.0, m.carried[p])
    constant, out.constant = out.constant, 0.0
    return out.at_most(m, available - constant)


def after_horizon_limit(m: Any, d: ModelData) -> Any:
    """M4.5: what falls due after the last period stays within ``after_horizon_limit_musd``."""
    limit = after_horizon_limit_musd(d.problem)
    assert limit is not None
    return money.after_horizon(m, d).at_most(m, limit)
