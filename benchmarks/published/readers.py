"""Published files read into requests; nothing is shipped, every reader takes a path."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.published.requests import assignment, facility_location, knapsack, median


def numbers(path: Path) -> list[float]:
    """All numbers of a file."""
    return [float(x) for x in path.read_text().replace("\0", " ").split()]


def orlib(
    path: Path, capacity: float | None = None, *, single_source: bool = False, uncapacitated: bool = False
) -> dict[str, Any]:
    """OR-Library ``cap*``: ``m n``; m times capacity and fixed cost; per customer its demand and m total costs.

    In ``capa``, ``capb``, ``capc`` the word ``capacity`` stands for the number given.
    """
    text = path.read_text().split()
    m, n = int(text[0]), int(text[1])
    words = iter(text[2:])
    sites = [(capacity if (w := next(words)) == "capacity" else float(w), float(next(words))) for _ in range(m)]
    customers = [(float(next(words)), [float(next(words)) for _ in range(m)]) for _ in range(n)]
    if uncapacitated:
        sites = [(sum(d for d, _ in customers), price) for _, price in sites]
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


def gap(path: Path, *, maximize: bool) -> dict[str, Any]:
    """``m n``; m x n costs (profits in the maximum form); m x n uses; m capacities."""
    all_numbers = numbers(path)
    m, n = int(all_numbers[0]), int(all_numbers[1])
    rows = [all_numbers[2 + r * n : 2 + (r + 1) * n] for r in range(2 * m)]
    return assignment(rows[:m], rows[m:], all_numbers[2 + 2 * m * n :][:m], maximize=maximize, name=path.stem)


def pmed(path: Path) -> dict[str, Any]:
    """OR-Library ``pmed*``: ``n edges p``, then ``i j length`` (the last of a repeated edge counts); shortest paths are the costs."""
    all_numbers = [int(x) for x in numbers(path)]
    n, edges, count = all_numbers[:3]
    near: list[dict[int, int]] = [{} for _ in range(n)]
    for e in range(edges):
        i, j, length = all_numbers[3 + 3 * e : 6 + 3 * e]
        near[i - 1][j - 1] = near[j - 1][i - 1] = length
    return median([_shortest(near, i) for i in range(n)], count, name=path.stem)


def _shortest(near: list[dict[int, int]], source: int) -> list[float]:
    """Dijkstra."""
    far = [math.inf] * len(near)
    far[source] = 0.0
    queue = [(0.0, source)]
    while queue:
        at, i = heapq.heappop(queue)
        if at > far[i]:
            continue
        for j, length in near[i].items():
            if at + length < far[j]:
                far[j] = at + length
                heapq.heappush(queue, (far[j], j))
    return far


def pmedcap(path: Path) -> dict[str, Any]:
    """``no best``; ``n p capacity``; per node ``id x y demand``; costs are whole Euclidean distances, rounded down."""
    all_numbers = numbers(path)
    n, count, capacity = int(all_numbers[2]), int(all_numbers[3]), all_numbers[4]
    nodes = [all_numbers[5 + 4 * i : 9 + 4 * i] for i in range(n)]
    far = [[float(math.floor(math.hypot(a[1] - b[1], a[2] - b[2]))) for b in nodes] for a in nodes]
    return median(far, count, [node[3] for node in nodes], capacity, name=path.stem)


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
