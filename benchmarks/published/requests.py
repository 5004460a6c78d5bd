"""Classical problems written as planning requests.

Capacitated facility location is ``markets`` with ``costs`` and one free block as large as the site; single-source variants set
``single_source``; a p-median adds ``site_count``. The multidimensional knapsack is one site with ``resources`` and blocks with
``max_per_site: 1``. Generalised assignment has a block for every pair of job and agent, allowed at that agent only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ONE_YEAR = {"start": "2026-01", "periods": 1, "period": "year"}
"""One period of one year, so that a rate per year is an amount."""


def facility_location(
    capacities: Sequence[float],
    fixed: Sequence[float],
    demands: Sequence[float],
    costs: Sequence[Sequence[float]],
    *,
    single_source: bool = False,
    name: str = "facility location",
) -> dict[str, Any]:
    """A request whose least cost is that of capacitated facility location.

    ``costs[i][j]`` is the cost of serving *all* of customer j from site i. Every site has one free block as large as its capacity.
    """
    sizes = {c: f"size-{n}" for n, c in enumerate(sorted(set(capacities)))}
    return {
        "name": name,
        "horizon": ONE_YEAR,
        "discount_rate": 0.0,
        "terminal": "none",
        "blocks": [
            {"id": tag, "vendor": "none", "it_mw": size, "max_per_site": 1, "allowed_regions": [tag]}
            for size, tag in sizes.items()
        ],
        "sites": _points(
            {
                "id": f"s{i:04d}",
                "grid_mw": size,
                "existing_shell_mw": size,
                "tags": [sizes[size]],
                "buildable_ha": 1.0,
                "opening_musd": price,
            }
            for i, (size, price) in enumerate(zip(capacities, fixed, strict=True))
        ),
        "markets": [
            {
                "id": f"c{j:04d}",
                "metric": "it_mw",
                "amount": amount,
                "single_source": single_source,
                "costs": {f"s{i:04d}": row[j] / amount for i, row in enumerate(costs)},
            }
            for j, amount in enumerate(demands)
            if amount > 0
        ],
        "objective": {"minimize": "cost"},
    }


def knapsack(
    profits: Sequence[float], weights: Sequence[Sequence[float]], capacities: Sequence[float], name: str = "knapsack"
) -> dict[str, Any]:
    """A request whose most compute is the optimum of a multidimensional 0/1 knapsack: ``weights[r][i]`` of item i."""
    return {
        "name": name,
        "horizon": ONE_YEAR,
        "blocks": [
            {
                "id": f"item-{i:03d}",
                "vendor": "none",
                "it_mw": 0.0,
                "pflops": profit,
                "max_per_site": 1,
                "uses": {f"r{r}": row[i] for r, row in enumerate(weights) if row[i]},
            }
            for i, profit in enumerate(profits)
        ],
        "sites": _points(
            [
                {
                    "id": "sack",
                    "grid_mw": 1.0,
                    "buildable_ha": 1.0,
                    "resources": {f"r{r}": c for r, c in enumerate(capacities)},
                }
            ]
        ),
        "objective": {"maximize": "compute"},
    }


def _points(properties: Any) -> dict[str, Any]:
    """Sites that are points on a grid; where they lie plays no part."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [-100 + 0.5 * (i % 20), 30 + 0.5 * (i // 20)]},
                "properties": p,
            }
            for i, p in enumerate(properties)
        ],
    }


def median(
    distances: Sequence[Sequence[float]],
    count: int,
    demands: Sequence[float] | None = None,
    capacity: float | None = None,
    name: str = "p-median",
) -> dict[str, Any]:
    """A request whose least cost is that of the p-median; with demands and a capacity, of the capacitated one (one source each).

    ``distances[i][j]`` is what serving customer j from site i costs, whatever its demand.
    """
    amounts = demands or [1.0] * len(distances[0])
    request = facility_location(
        [capacity or sum(amounts)] * len(distances),
        [0.0] * len(distances),
        amounts,
        distances,
        single_source=capacity is not None,
        name=name,
    )
    return {**request, "policies": [{"kind": "site_count", "max": count}]}


def assignment(
    values: Sequence[Sequence[float]],
    uses: Sequence[Sequence[float]],
    capacities: Sequence[float],
    *,
    maximize: bool,
    name: str = "generalised assignment",
) -> dict[str, Any]:
    """A request whose optimum is that of generalised assignment: ``values[i][j]`` and ``uses[i][j]`` of job j at agent i.

    Every job is a vendor of which exactly one unit is ordered; values are PFLOPS in the maximum form, MUSD in the minimum form.
    """
    value = "pflops" if maximize else "capex_musd"
    return {
        "name": name,
        "horizon": ONE_YEAR,
        "discount_rate": 0.0,
        "terminal": "none",
        "blocks": [
            {
                "id": f"j{j:03d}-a{i:02d}",
                "vendor": f"j{j:03d}",
                "it_mw": 0.0,
                value: values[i][j],
                "uses": {"time": uses[i][j]},
                "max_per_site": 1,
                "allowed_regions": [f"a{i:02d}"],
            }
            for i in range(len(values))
            for j in range(len(values[i]))
        ],
        "sites": _points(
            {
                "id": f"a{i:02d}",
                "grid_mw": 1.0,
                "buildable_ha": 1.0,
                "region": f"a{i:02d}",
                "resources": {"time": size},
            }
            for i, size in enumerate(capacities)
        ),
        "policies": [
            {"kind": "limit", "filter": {"vendors": [f"j{j:03d}"]}, "metric": "units", "min": 1, "max": 1}
            for j in range(len(values[0]))
        ],
        "demand": [{"id": "all", "metric": "units", "by": "2026-01", "amount": len(values[0])}],
        "objective": {"maximize": "compute"} if maximize else {"minimize": "cost"},
    }
