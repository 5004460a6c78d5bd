"""Parcels that overlap: probably the same land twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from sites.faults import Faults, feature_path
from sites.geometry import Parcels

LEAST_SHARE = 0.01
"""Of the smaller parcel: neighbours drawn carelessly share slivers."""

SHOWN = 30


def warn(parcels: Parcels, ids: Sequence[str], faults: Faults) -> None:
    """Name each pair of parcels that share more than a hundredth of the smaller one."""
    areal = np.flatnonzero(~parcels.is_point)
    if len(areal) < 2:
        return
    shapes = parcels.wgs84[areal]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    if not len(a):
        return
    ok = shapely.is_valid(shapes)
    a, b = a[ok[a] & ok[b]], b[ok[a] & ok[b]]
    common = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    smaller = np.minimum(shapely.area(shapes[a]), shapely.area(shapes[b]))
    share = common / np.where(smaller > 0, smaller, 1)
    found = np.flatnonzero(share > LEAST_SHARE)
    for n in found[:SHOWN]:
        i, j = int(areal[a[n]]), int(areal[b[n]])
        faults.warn(
            feature_path(j, "geometry"),
            f"sites {ids[i]!r} and {ids[j]!r} overlap: they share {share[n]:.0%} of the smaller parcel",
            "land is counted at both; keep one, or draw them apart",
        )
    if len(found) > SHOWN:
        faults.warn(("sites",), f"{len(found) - SHOWN} further pairs of sites overlap")
