"""What each column stands for: its site, block, period and kind, and the same cumulative quantity one period earlier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.task import OPEN, ORDERED, OTHER, SHELL

Labels = NDArray[np.int64]

SITE_AT = {
    "ordered": 0,
    "open": 0,
    "shell": 0,
    "shell_steps": 0,
    "left": 0,
    "resold": 0,
    "idle": 0,
    "short": 0,
    "present": 0,
    "served": 0,
    "source": 0,
    "leased": 1,
    "leased_shell": 1,
    "leased_steps": 1,
    "sold": 1,
    "partner_site": 1,
    "partner_opens": 1,
}
"""Position of the site in a variable's index; variables that are not listed belong to no single site."""
OF_BLOCKS = {"ordered", "leased", "left", "resold", "idle"}
"""Variables whose index ends in a block and a period."""
DATED = {"reached"}
"""Variables of no site whose period stands last in their index."""
TIMELESS = {"present", "partner_site"}
"""Of those, the ones without a period; in all others it stands last."""
IMPLIED_ROWS = {"market_open"}
"""Rows that whole points satisfy anyway."""
CUMULATIVE = {"ordered", "open", "shell", "leased", "leased_shell", "drawn"}
KIND = {
    "ordered": ORDERED,
    "leased": ORDERED,
    "open": OPEN,
    "shell": SHELL,
    "shell_steps": SHELL,
    "leased_shell": SHELL,
    "leased_steps": SHELL,
}


def label(columns: tuple[Any, ...]) -> tuple[Labels, Labels, Labels, Labels, Labels]:
    """``(site, kind, before, period, block)`` of Pyomo variables, -1 for none."""
    n = len(columns)
    kind = np.full(n, OTHER)
    site, before, period, block = (np.full(n, -1) for _ in range(4))
    where: dict[tuple[str, Any], int] = {}
    names = [v.parent_component().local_name for v in columns]
    indices = [v.index() for v in columns]
    for i, (name, index) in enumerate(zip(names, indices, strict=True)):
        where[name, index] = i
    for i, (name, index) in enumerate(zip(names, indices, strict=True)):
        if name in SITE_AT:
            site[i] = index[SITE_AT[name]]
            period[i] = -1 if name in TIMELESS else index[-1]
        elif name in DATED:
            period[i] = index[-1]
        if name in OF_BLOCKS:
            block[i] = index[-2]
        kind[i] = KIND.get(name, OTHER)
        if name in CUMULATIVE:
            before[i] = where.get((name, (*index[:-1], index[-1] - 1)), -1)
    return site, kind, before, period, block
