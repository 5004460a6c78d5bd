"""Vincenty's inverse formula (Survey Review 23/176, 1975): the distance over the ellipsoid by iteration."""

from __future__ import annotations

import numpy as np
import pyproj

from sites.verify.areas import FLATTENING, SEMI_MAJOR, Array

ITERATIONS = 60


def kilometres(lon1: Array, lat1: Array, lon2: Array, lat2: Array) -> Array:
    """Element by element; nearly opposite points, where the iteration does not settle, by Karney's method."""
    b = SEMI_MAJOR * (1 - FLATTENING)
    dlon = np.radians((np.asarray(lon2) - lon1 + 540) % 360 - 180)
    u1, u2 = (np.arctan((1 - FLATTENING) * np.tan(np.radians(v))) for v in (lat1, lat2))
    s1, c1, s2, c2 = np.sin(u1), np.cos(u1), np.sin(u2), np.cos(u2)
    lam, change = dlon.copy(), np.full_like(dlon, np.inf)
    for _ in range(ITERATIONS):
        sin_s = np.hypot(c2 * np.sin(lam), c1 * s2 - s1 * c2 * np.cos(lam))
        cos_s = s1 * s2 + c1 * c2 * np.cos(lam)
        sigma = np.arctan2(sin_s, cos_s)
        apart = sin_s > 0
        sin_a = np.divide(c1 * c2 * np.sin(lam), sin_s, out=np.zeros_like(lam), where=apart)
        cos2_a = 1 - sin_a**2
        mid = cos_s - np.divide(2 * s1 * s2, cos2_a, out=np.zeros_like(lam), where=cos2_a > 1e-15)
        mid = np.where(cos2_a > 1e-15, mid, 0.0)
        c = FLATTENING / 16 * cos2_a * (4 + FLATTENING * (4 - 3 * cos2_a))
        new = dlon + (1 - c) * FLATTENING * sin_a * (sigma + c * sin_s * (mid + c * cos_s * (2 * mid**2 - 1)))
        change, lam = np.abs(new - lam), new
        if change.size == 0 or change.max() < 1e-12:
            break
    k2 = cos2_a * (SEMI_MAJOR**2 / b**2 - 1)
    big_a = 1 + k2 / 16384 * (4096 + k2 * (k2 * (320 - 175 * k2) - 768))
    big_b = k2 / 1024 * (256 + k2 * (k2 * (74 - 47 * k2) - 128))
    inner = cos_s * (2 * mid**2 - 1) - big_b / 6 * mid * (4 * sin_s**2 - 3) * (4 * mid**2 - 3)
    km = b * big_a * (sigma - big_b * sin_s * (mid + big_b / 4 * inner)) / 1000
    lost = ~(change < 1e-9) | (np.abs(lam) > np.pi)
    if lost.any():
        ends = [np.broadcast_to(np.asarray(v, dtype=float), lost.shape)[lost] for v in (lon1, lat1, lon2, lat2)]
        km[lost] = np.asarray(pyproj.Geod(ellps="WGS84").inv(ends[0], ends[1], ends[2], ends[3])[2]) / 1000
    return np.asarray(km)
