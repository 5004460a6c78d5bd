"""Geodesic kilometres: sites to markets, and pairs of sites close enough to matter (M3.9, M7.2, M7.3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from planner.ground import Distance
from planner.problem.demand import Market
from planner.problem.policies import Separation
from planner.problem.request import Request
from sites.areas import GEOD
from sites.frame import E2, A, Array


def kilometres(lon1: Array, lat1: Array, lon2: Array, lat2: Array) -> Array:
    """The shortest way over the ellipsoid, element by element."""
    return np.asarray(GEOD.inv(lon1, lat1, lon2, lat2)[2]) / 1_000


def to_markets(ids: Sequence[str], lon: Array, lat: Array, markets: Sequence[Market]) -> tuple[Distance, ...]:
    """Every site to every market that has a location."""
    found: list[Distance] = []
    for market in markets:
        if market.location is None:
            continue
        x, y = (np.full(len(lon), v, dtype=float) for v in market.location)
        km = kilometres(lon, lat, x, y)
        found += [Distance(a=i, b=market.id, km=float(k)) for i, k in zip(ids, km, strict=True)]
    return tuple(found)


def widest_separation(request: Request) -> float:
    """The largest distance that a policy asks for between sites, km; 0 without one."""
    return max((p.km for p in request.policies if isinstance(p, Separation)), default=0.0)


def close_pairs(ids: Sequence[str], lon: Array, lat: Array, km: float) -> tuple[Distance, ...]:
    """All pairs of sites nearer than ``km``, in the order of the sites.

    Found on straight chords through the Earth, never longer than the way over it, then measured on the ellipsoid.
    """
    if km <= 0 or len(ids) < 2:
        return ()
    pairs = cKDTree(_chord_space(lon, lat)).query_pairs(km * 1_000, output_type="ndarray")
    if not len(pairs):
        return ()
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    i, j = pairs[:, 0], pairs[:, 1]
    found = kilometres(lon[i], lat[i], lon[j], lat[j])
    near = found < km
    return tuple(
        Distance(a=ids[a], b=ids[b], km=float(k)) for a, b, k in zip(i[near], j[near], found[near], strict=True)
    )


def _chord_space(lon: Array, lat: Array) -> Array:
    """Points of the ellipsoid in metres from the Earth's centre."""
    lam, phi = np.radians(lon), np.radians(lat)
    n = A / np.sqrt(1 - E2 * np.sin(phi) ** 2)
    return np.column_stack([n * np.cos(phi) * np.cos(lam), n * np.cos(phi) * np.sin(lam), n * (1 - E2) * np.sin(phi)])
