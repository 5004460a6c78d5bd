"""The families of limits, in reading order. A family is a file with ``add(model, data)`` and one function an equation.

To add one: write the file, add its line here, its check in :mod:`planner.verify` and its test.
"""

from __future__ import annotations

from planner.model.constraints import (
    budget,
    commitments,
    demand,
    land,
    leases,
    loans,
    markets,
    offtakes,
    openings,
    policies,
    power,
    resources,
    retirement,
    shell,
    signing,
    supply,
    tranches,
)

DEALS = (signing, tranches, commitments, leases, offtakes, loans)
FAMILIES = (openings, retirement, supply, power, land, shell, resources, demand, markets, policies, *DEALS, budget)

__all__ = ["FAMILIES"]
