"""Where the labels of a map go, so that none hides a circle or another label."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

Box = tuple[float, float, float, float]
Spot = tuple[float, float, bool]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


Label = tuple[float, float, float, float, float]
"""Middle and radius of a circle, width and height of its text."""


def place(circles: list[Box], labels: list[Label], limits: Box, reaches: Sequence[float]) -> list[Spot | None]:
    """A place for every label: beside its circle or, where that is crowded, further off at the end of a line (True),
    so that it hides no circle and no other label. None where there is no room. ``reaches`` are in heights of a label.
    """
    taken, placed = list(circles), []
    x0, x1, y0, y1 = limits
    for label in labels:
        free = (
            (box, reach > 0.3)
            for reach in reaches
            for box in _around(label, reach)
            if box[0] > x0 and box[2] < x1 and box[1] > y0 and box[3] < y1 and not any(_overlap(box, t) for t in taken)
        )
        box, far = next(free, (None, False))
        if box is not None:
            taken.append(box)
        placed.append(None if box is None else (box[0], box[1], far))
    return placed


def inside_or_beside(labels: list[Label], limits: Box) -> list[Spot | None]:
    """Labels that may stand on circles, but not on each other: in the middle of its own, or at the end of a line (True) where that is
    taken by an earlier one. None where there is no room at all."""
    taken: list[Box] = []
    placed: list[Spot | None] = []
    for label in labels:
        x, y, _, w, h = label
        middle = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        if not any(_overlap(middle, t) for t in taken):
            taken.append(middle)
            placed.append((middle[0], middle[1], False))
            continue
        (spot,) = place(taken, [label], limits, (0.4, 1.0, 1.8, 2.6))
        if spot is not None:
            taken.append((spot[0], spot[1], spot[0] + w, spot[1] + h))
        placed.append(spot)
    return placed


def _around(label: Label, reach: float) -> Iterator[Box]:
    """Boxes around a circle: right, left, below and above first, then between."""
    x, y, r, w, h = label
    for step in range(24):
        angle = math.pi * (step % 4 * 0.5 + step // 4 / 12)
        dx, dy = math.cos(angle), math.sin(angle)
        d = r + reach * h
        left = x + dx * d - (w if dx < -0.3 else w / 2 if dx < 0.3 else 0)
        bottom = y + dy * d - (h if dy < -0.3 else h / 2 if dy < 0.3 else 0)
        yield left, bottom, left + w, bottom + h
