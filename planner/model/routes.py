"""Which site may serve which market, how far it is and what it costs (M7.2)."""

from __future__ import annotations

from planner.model.data import Array, ModelData


def reaches(d: ModelData, s: int, j: int) -> bool:
    """Whether a site may serve a market: within ``max_km``, and listed where ``costs`` are."""
    x, site = d.problem.markets[j], d.sites[s]
    if x.costs is not None and site.id not in x.costs:
        return False
    return x.max_km is None or kilometres(d, s, j) <= x.max_km


def kilometres(d: ModelData, s: int, j: int) -> float:
    """Distance of a site to a market."""
    return d.market_km[d.sites[s].id, d.problem.markets[j].id]


def cost_per_unit(d: ModelData, s: int, j: int) -> Array:
    """MUSD per unit and year of serving a market from a site. Shape (P,)."""
    x = d.problem.markets[j]
    if x.costs is not None:
        return d.time.values(x.costs[d.sites[s].id])
    if x.cost_musd_per_unit_km_year is not None:
        return d.time.values(x.cost_musd_per_unit_km_year) * kilometres(d, s, j)
    return d.time.values(0.0 if x.cost_musd_per_unit_year is None else x.cost_musd_per_unit_year)
