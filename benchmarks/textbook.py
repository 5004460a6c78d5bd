"""The plain textbook model of a request: what a modeller writes first, for comparison only.

Order variables for every site, block and period; every stock is the sum of all earlier orders; ``order <= M * open`` with M
the units that the vendor will ever deliver; rules with overloaded operators; Pyomo's standard form; bare HiGHS. It knows
the features of the portfolio families and refuses anything else by name, so that it never answers another question.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from planner.ground import Ground
from planner.problem.policies import Limit, VendorShare
from planner.problem.problem import Problem, matches
from planner.timeline import Timeline


class NotInTextbook(ValueError):
    """The request uses something that the textbook model does not know."""


def unknown_features(problem: Problem) -> list[str]:
    """What the request uses beyond the textbook model."""
    budget = problem.budget
    sites, blocks = problem.sites, problem.blocks
    checks = {
        "several objectives": len(problem.objectives) > 1,
        "an objective other than compute and cost": problem.objectives[0].name not in ("compute", "cost"),
        "terminal credit": problem.objectives[0].name == "cost" and problem.terminal != "none",
        "markets": bool(problem.markets),
        "deals": bool(problem.deals),
        "supply pools": bool(problem.supply_pools),
        "policies other than vendor_share and limit": any(
            not isinstance(p, Limit | VendorShare) for p in problem.policies
        ),
        "limits of what is ordered": any(isinstance(p, Limit) and p.of != "online" for p in problem.policies),
        "priced or single demand": any(
            d.single_site or d.single_vendor or d.shortfall_musd_per_unit_year is not None for d in problem.demand
        ),
        "a budget without carry-over, or with other terms": budget is not None
        and (
            not budget.carry_over
            or set(budget.covers) != {"capex", "opex"}
            or bool(budget.revenue_share)
            or budget.after_horizon_limit_musd is not None
        ),
        "committed or excluded sites": any(s.status != "candidate" for s in sites),
        "existing units": any(s.existing for s in sites),
        "resources": any(s.resources for s in sites),
        "shell in steps": any(s.shell_step_mw is not None for s in sites),
        "duties and taxes": any(s.tariff or s.sales_tax or s.property_tax_per_year for s in sites),
        "fixed site opex": any(s.fixed_opex_musd_per_year for s in sites),
        "payment plans": any(b.payments is not None for b in blocks),
        "units per site": any(b.min_per_site is not None or b.max_per_site is not None for b in blocks),
        "regions of blocks": any(b.allowed_regions is not None or b.forbidden_regions for b in blocks),
        "early retirement": any(b.early_retirement for b in blocks),
        "blocks without supply": any(b.supply is None for b in blocks),
    }
    return [name for name, used in checks.items() if used]


def build(problem: Problem, ground: Ground) -> Any:
    """The Pyomo model. Raises :class:`NotInTextbook`."""
    if unknown := unknown_features(problem):
        raise NotInTextbook("the textbook model does not know: " + ", ".join(unknown))
    t = Timeline(problem.horizon)
    sites, blocks = problem.sites, problem.blocks
    S, K, P = range(len(sites)), range(len(blocks)), range(t.P)
    lead = [t.up(b.lead_months) for b in blocks]
    life = [10**6 if b.life_years is None else t.half_up(b.life_years) for b in blocks]
    works = [t.up(s.build_months) for s in sites]
    supply = [np.floor(t.values(b.supply) + 1e-9) for b in blocks if b.supply is not None]
    first = [[max(0, t.starts(b.available_from), t.starts(s.available_from)) for b in blocks] for s in sites]
    ha = [ground.site(s.id).buildable_ha for s in sites]
    parcel = [ground.site(s.id).parcel_ha for s in sites]
    grid, pue = [t.values(s.grid_mw) for s in sites], [t.values(s.pue) for s in sites]
    peak = [t.values(s.peak_pue) for s in sites]
    factor = [(1 + problem.rate) ** (-p * t.L) for p in range(t.P + max([*works, 1]))]

    m = pyo.ConcreteModel(name="textbook")
    m.order = pyo.Var(S, K, P, domain=pyo.NonNegativeIntegers)
    m.opening = pyo.Var(S, P, domain=pyo.Binary)
    m.start = pyo.Var(S, P, domain=pyo.NonNegativeReals)

    def ordered_rule(m: Any, s: int, k: int, p: int) -> Any:
        return sum(m.order[s, k, q] for q in P if q <= p)

    def online_rule(m: Any, s: int, k: int, p: int) -> Any:
        return sum(m.order[s, k, q] for q in P if q + lead[k] <= p < q + lead[k] + life[k])

    def standing_rule(m: Any, s: int, k: int, p: int) -> Any:
        return sum(m.order[s, k, q] for q in P if q <= p < q + lead[k] + life[k])

    def open_rule(m: Any, s: int, p: int) -> Any:
        return sum(m.opening[s, q] for q in P if q <= p)

    m.ordered = pyo.Expression(S, K, P, rule=ordered_rule)
    m.online = pyo.Expression(S, K, P, rule=online_rule)
    m.standing = pyo.Expression(S, K, P, rule=standing_rule)
    m.open = pyo.Expression(S, P, rule=open_rule)

    def not_yet_rule(m: Any, s: int, k: int, p: int) -> Any:
        return m.order[s, k, p] == 0 if p < first[s][k] or p + lead[k] > t.P - 1 else pyo.Constraint.Skip

    def open_once_rule(m: Any, s: int) -> Any:
        return sum(m.opening[s, p] for p in P) <= 1

    def opens_from_rule(m: Any, s: int, p: int) -> Any:
        return m.opening[s, p] == 0 if p < t.starts(sites[s].available_from) else pyo.Constraint.Skip

    def needs_open_rule(m: Any, s: int, k: int, p: int) -> Any:
        return m.order[s, k, p] <= float(supply[k][-1]) * m.open[s, p]

    def shell_needs_open_rule(m: Any, s: int, p: int) -> Any:
        return m.start[s, p] <= float(max(grid[s])) * m.open[s, p]

    def power_rule(m: Any, s: int, p: int) -> Any:
        return peak[s][p] * sum(blocks[k].it_mw * m.online[s, k, p] for k in K) <= grid[s][p]

    def land_rule(m: Any, s: int, p: int) -> Any:
        return sum(blocks[k].footprint_ha * m.standing[s, k, p] for k in K) <= ha[s]

    def shell_rule(m: Any, s: int, p: int) -> Any:
        finished = sum(m.start[s, q] for q in P if q + works[s] <= p)
        return sum(blocks[k].it_mw * m.online[s, k, p] for k in K) <= sites[s].existing_shell_mw + finished

    def pace_rule(m: Any, s: int, p: int) -> Any:
        pace = sites[s].pace_mw_per_year
        if pace is None:
            return pyo.Constraint.Skip
        return sum(m.start[s, q] for q in P if p - 12 // t.len < q <= p) <= pace

    def supply_rule(m: Any, k: int, p: int) -> Any:
        return sum(m.ordered[s, k, p] for s in S) <= float(supply[k][p])

    m.not_yet = pyo.Constraint(S, K, P, rule=not_yet_rule)
    m.open_once = pyo.Constraint(S, rule=open_once_rule)
    m.opens_from = pyo.Constraint(S, P, rule=opens_from_rule)
    m.needs_open = pyo.Constraint(S, K, P, rule=needs_open_rule)
    m.shell_needs_open = pyo.Constraint(S, P, rule=shell_needs_open_rule)
    m.power = pyo.Constraint(S, P, rule=power_rule)
    m.land = pyo.Constraint(S, P, rule=land_rule)
    m.shell = pyo.Constraint(S, P, rule=shell_rule)
    m.pace = pyo.Constraint(S, P, rule=pace_rule)
    m.supply = pyo.Constraint(K, P, rule=supply_rule)

    opening = [t.values(s.opening_musd) + t.values(s.land_usd_per_ha) / 1e6 * h for s, h in zip(sites, parcel)]
    shell_price = [t.values(s.construction_musd_per_mw) for s in sites]
    price, opex = [t.values(b.capex_musd) for b in blocks], [t.values(b.opex_musd_per_year) * t.L for b in blocks]
    mwh = [b.load_factor * b.it_mw * 8760 * t.L for b in blocks]
    electricity = [t.values(s.electricity_usd_per_mwh) / 1e6 for s in sites]

    def construction(m: Any, s: int, due: int) -> Any:
        parts = max(1, works[s])
        return sum(shell_price[s][q] / parts * m.start[s, q] for q in P if q <= due < q + parts)

    def spend_rule(m: Any, p: int) -> Any:
        return (
            sum(opening[s][p] * m.opening[s, p] for s in S)
            + sum(construction(m, s, p) for s in S)
            + sum(price[k][p] * m.order[s, k, p] for s in S for k in K)
            + sum((opex[k][p] + mwh[k] * pue[s][p] * electricity[s][p]) * m.online[s, k, p] for s in S for k in K)
        )

    m.spend = pyo.Expression(P, rule=spend_rule)
    budget = problem.budget
    if budget is not None:
        per_year = t.values(budget.per_year_musd)
        m.cash = pyo.Var(P, bounds=(budget.min_cash_musd, None))

        def cash_rule(m: Any, p: int) -> Any:
            before = budget.opening_musd if p == 0 else m.cash[p - 1]
            return m.cash[p] == before + t.L * per_year[p] - m.spend[p]

        m.budget = pyo.Constraint(P, rule=cash_rule)

    m.promises = pyo.ConstraintList()
    for row in _promises(m, problem, t):
        m.promises.add(row)

    if problem.objectives[0].name == "compute":
        total = sum(factor[p] * t.L * blocks[k].pflops * m.online[s, k, p] for s in S for k in K for p in P)
        m.objective = pyo.Objective(expr=total, sense=pyo.maximize)
    else:
        late = sum(factor[p] * construction(m, s, p) for p in range(t.P, len(factor)) for s in S)
        m.objective = pyo.Objective(expr=sum(factor[p] * m.spend[p] for p in P) + late, sense=pyo.minimize)
    return m


def _promises(m: Any, problem: Problem, t: Timeline) -> Iterator[Any]:
    """Rows of demand, vendor shares and limits that hold something."""
    cells = [(s, k) for s in range(len(problem.sites)) for k in range(len(problem.blocks))]

    def amount(metric: str, p: int, chosen: list[tuple[int, int]]) -> Any:
        each = [1.0 if metric == "units" else float(getattr(b, metric)) for b in problem.blocks]
        return sum(each[k] * m.online[s, k, p] for s, k in chosen)

    def inside(f: Any) -> list[tuple[int, int]]:
        return [(s, k) for s, k in cells if matches(f, problem.sites[s], problem.blocks[k])]

    for d in problem.demand:
        chosen = inside(d.filter)
        for p in range(max(0, t.contains(d.by)), t.P):
            yield amount(d.metric, p, chosen) >= d.amount
    for x in problem.policies:
        if isinstance(x, VendorShare):
            chosen = [(s, k) for s, k in cells if problem.blocks[k].vendor == x.vendor]
            for p in range(max(0, t.starts(x.from_)), t.P):
                if x.max is not None:
                    yield amount(x.metric, p, chosen) <= x.max * amount(x.metric, p, cells)
                if x.min is not None:
                    yield amount(x.metric, p, chosen) >= x.min * amount(x.metric, p, cells)
        elif isinstance(x, Limit):
            chosen = inside(x.filter)
            for p in range(t.P if chosen else 0):
                if x.max is not None:
                    yield amount(x.metric, p, chosen) <= t.value(x.max, p)
                if x.min is not None:
                    yield amount(x.metric, p, chosen) >= t.value(x.min, p)


def standard_form(m: Any) -> Any:
    """Pyomo's own standard form, written as its manual shows."""
    return LinearStandardFormCompiler().write(m, mixed_form=True, set_sense=pyo.minimize)


def to_highs(info: Any) -> highspy.Highs:
    """The standard form in HiGHS by one call of ``passModel``, nothing checked."""
    lp, A = highspy.HighsLp(), sparse.csc_matrix(info.A)
    lp.num_row_, lp.num_col_ = A.shape
    kinds = np.array([r.bound_type for r in info.rows])
    c = sparse.csr_matrix(info.c)
    lp.col_cost_ = np.asarray(c.toarray()).ravel() if c.shape[0] else np.zeros(A.shape[1])
    lp.offset_ = float(info.c_offset[0]) if c.shape[0] else 0.0
    lp.row_lower_ = np.where(kinds <= 0, info.rhs, -highspy.kHighsInf)
    lp.row_upper_ = np.where(kinds >= 0, info.rhs, highspy.kHighsInf)
    lp.col_lower_ = np.array([-highspy.kHighsInf if v.lb is None else v.lb for v in info.columns])
    lp.col_upper_ = np.array([highspy.kHighsInf if v.ub is None else v.ub for v in info.columns])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = A.indptr, A.indices, A.data
    kind = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kind[int(v.is_integer())] for v in info.columns]
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.passModel(lp)
    return h


@dataclass
class Answer:
    """What bare HiGHS held at its limit, in the request's own sense; ``trace`` is (seconds, objective, bound)."""

    status: str
    objective: float | None
    bound: float | None
    trace: list[tuple[float, float | None, float | None]] = field(default_factory=list)


def solve(h: highspy.Highs, sign: int, *, time_limit_s: float, relative_gap: float, threads: int = 1) -> Answer:
    """Bare HiGHS with its defaults; ``sign`` is -1 where the request maximises."""
    h.setOptionValue("time_limit", float(time_limit_s))
    h.setOptionValue("mip_rel_gap", float(relative_gap))
    h.setOptionValue("threads", threads)
    began = time.monotonic()
    trace: list[tuple[float, float | None, float | None]] = []

    def known(value: float) -> float | None:
        return sign * value if math.isfinite(value) and abs(value) < 1e25 else None

    def note(e: Any) -> None:
        now = time.monotonic() - began
        point = (known(e.data_out.mip_primal_bound), known(e.data_out.mip_dual_bound))
        if not trace or trace[-1][1:] != point:
            trace.append((now, *point))

    h.cbMipInterrupt.subscribe(note)
    h.run()
    info = h.getInfo()
    held = info.primal_solution_status == 2
    objective = sign * info.objective_function_value if held else None
    bound = known(info.mip_dual_bound)
    trace.append((time.monotonic() - began, objective, bound))
    return Answer(h.modelStatusToString(h.getModelStatus()), objective, bound, trace)
