"""Published instances of classical problems written as planning requests (nothing is shipped: the readers take a path).

Capacitated facility location is ``markets`` with ``costs`` and one free block as large as the site; single-source variants set
``single_source``; the multidimensional knapsack is one site with ``resources`` and blocks with ``max_per_site: 1``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ONE_YEAR = {"start": "2026-01", "periods": 1, "period": "year"}
"""One period of one year, so that a rate per year is an amount."""


def numbers(path: Path) -> list[float]:
    """All numbers of a file."""
    return [float(x) for x in path.read_text().replace("\0", " ").split()]


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


def orlib(path: Path, capacity: float | None = None, *, single_source: bool = False) -> dict[str, Any]:
    """OR-Library ``cap*``: ``m n``; m times capacity and fixed cost; per customer its demand and m total costs.

    In ``capa``, ``capb``, ``capc`` the word ``capacity`` stands for the number given.
    """
    text = path.read_text().split()
    m, n = int(text[0]), int(text[1])
    words = iter(text[2:])
    sites = [(capacity if (w := next(words)) == "capacity" else float(w), float(next(words))) for _ in range(m)]
    customers = [(float(next(words)), [float(next(words)) for _ in range(m)]) for _ in range(n)]
    if any(size is None for size, _ in sites):
        raise ValueError(f"{path.name} states no capacity: give one")
    return facility_location(
        [size or 0.0 for size, _ in sites],
        [price for _, price in sites],
        [d for d, _ in customers],
        [[row[i] for _, row in customers] for i in range(m)],
        single_source=single_source,
        name=path.stem,
    )


def holmberg(path: Path, *, single_source: bool = True) -> dict[str, Any]:
    """Holmberg ``p*``: ``m n``; m times capacity and fixed cost; n demands; m x n total costs."""
    all_numbers = numbers(path)
    m, n = int(all_numbers[0]), int(all_numbers[1])
    sites, rest = all_numbers[2 : 2 + 2 * m], all_numbers[2 + 2 * m :]
    demands, costs = rest[:n], rest[n:]
    return facility_location(
        sites[0::2],
        sites[1::2],
        demands,
        [costs[i * n : (i + 1) * n] for i in range(m)],
        single_source=single_source,
        name=path.stem,
    )


def sac94(path: Path) -> tuple[dict[str, Any], float]:
    """``n m optimum``; n profits; m x n weights; m capacities. The request and the published optimum."""
    return next(_knapsacks(numbers(path), 1, path.stem))


def chu_beasley(path: Path) -> Iterator[tuple[dict[str, Any], float]]:
    """OR-Library ``mknapcb*``: K, then K problems as in :func:`sac94` with 0 for the optimum."""
    all_numbers = numbers(path)
    yield from _knapsacks(all_numbers[1:], int(all_numbers[0]), path.stem)


def _knapsacks(all_numbers: list[float], count: int, name: str) -> Iterator[tuple[dict[str, Any], float]]:
    at = 0
    for k in range(count):
        n, m, best = int(all_numbers[at]), int(all_numbers[at + 1]), all_numbers[at + 2]
        profits = all_numbers[at + 3 : at + 3 + n]
        start = at + 3 + n
        weights = [all_numbers[start + r * n : start + (r + 1) * n] for r in range(m)]
        capacities = all_numbers[start + m * n : start + m * n + m]
        at = start + m * n + m
        yield knapsack(profits, weights, capacities, f"{name}-{k + 1}"), best


def optima(folder: Path) -> dict[tuple[str, str], float]:
    """``optima.csv`` of a folder: (instance, first word of its kind) -> value; rows whose value is no number are left out."""
    found = {}
    for row in (folder / "optima.csv").read_text().splitlines()[1:]:
        instance, value, kind = (row.split(",", 2) + ["", ""])[:3]
        try:
            found[instance, kind.strip('"').split(" ")[0]] = float(value)
        except ValueError:
            continue
    return found
