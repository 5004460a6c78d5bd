"""The problem: a request whose sites and blocks are resolved. It is what the mathematics and the check read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from planner.problem.base import Frozen, Text
from planner.problem.block import Block, SupplyPool
from planner.problem.common import Filter, Horizon
from planner.problem.deals import Deal, Lease, Loan
from planner.problem.demand import Demand, Market
from planner.problem.money import Budget
from planner.problem.objective import Objective, SolverOptions
from planner.problem.policies import Policy
from planner.problem.schedule import month_number, value_at
from planner.problem.site import Site


class Problem(Frozen):
    """Everything a plan depends on except hectares and kilometres (see :mod:`planner.ground`)."""

    name: Text
    horizon: Horizon
    discount_rate: float | None
    blocks: tuple[Block, ...]
    supply_pools: tuple[SupplyPool, ...] = ()
    sites: tuple[Site, ...]
    budget: Budget | None = None
    deals: tuple[Deal, ...] = ()
    demand: tuple[Demand, ...] = ()
    markets: tuple[Market, ...] = ()
    policies: tuple[Policy, ...] = ()
    objectives: tuple[Objective, ...]
    terminal: Literal["straight_line", "none"]
    solver: SolverOptions = SolverOptions()

    @property
    def rate(self) -> float:
        """The discount rate per year; 0 where a request that counts no money states none."""
        return self.discount_rate or 0.0


def matches(filter: Filter, site: Site | None, block: Block | None) -> bool:
    """True where a unit of ``block`` at ``site`` lies inside ``filter``; None skips that side's tests."""
    if site is not None:
        if filter.sites is not None and site.id not in filter.sites:
            return False
        if filter.regions is not None and site.region not in filter.regions:
            return False
        if filter.countries is not None and site.country not in filter.countries:
            return False
        if filter.tags is not None and not set(filter.tags) & set(site.tags):
            return False
    if block is not None:
        if filter.vendors is not None and block.vendor not in filter.vendors:
            return False
        if filter.blocks is not None and block.id not in filter.blocks:
            return False
    return True


def allowed(block: Block, site: Site) -> bool:
    """M2.3: ``allowed_regions`` and ``forbidden_regions`` match the site's region, country or any of its tags."""
    places = {site.region, site.country, *site.tags} - {""}
    if block.allowed_regions is not None and not places & set(block.allowed_regions):
        return False
    return not places & set(block.forbidden_regions)


def covers(deal: Deal, site: Site | None, block: Block | None) -> bool:
    """True where a deal covers a unit of ``block`` at ``site``; None skips that side's tests."""
    if block is not None and deal.vendor is not None and block.vendor != deal.vendor:
        return False
    return matches(deal.filter, site, block)


def after_horizon_limit(problem: Problem) -> float | None:
    """M4.5: the most that may fall due after the last period, MUSD; None: no limit."""
    return later_limit(problem.horizon, problem.budget, problem.deals, problem.objectives)


def later_limit(
    horizon: Horizon, budget: Budget | None, deals: Sequence[Deal], objectives: Sequence[Objective]
) -> float | None:
    """The limit that the budget states; else :func:`one_year_of_budget` where M4.5 sets it; else None."""
    if budget is None:
        return None
    if budget.after_horizon_limit_musd is not None:
        return budget.after_horizon_limit_musd
    later = any(isinstance(d, Loan | Lease) for d in deals)
    return one_year_of_budget(horizon, budget) if later and objectives[0].name == "compute" else None


def one_year_of_budget(horizon: Horizon, budget: Budget) -> float:
    """``per_year_musd`` in the last period, MUSD: what M4.5 lets fall due later where the first objective counts no
    money, so that a loan or lease cannot push the bill beyond the horizon without end."""
    last = month_number(horizon.start) + (horizon.periods - 1) * horizon.months_per_period
    return value_at(budget.per_year_musd, f"{last // 12:04d}-{last % 12 + 1:02d}") or 0.0
