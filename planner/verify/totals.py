"""Totals of all sites by period (M4.4, M8.6)."""

from __future__ import annotations

from planner.verify.findings import Findings
from planner.verify.money import Money
from planner.verify.sites import true_periods, true_vendors
from planner.verify.world import World

FAMILY = "totals"


def check(world: World, money: Money, found: Findings) -> None:
    """One row for each period, in order, with the sums of all sites."""
    rows = world.plan.totals
    found.checked += 1
    if [row.month for row in rows] != world.months:
        say = f"totals: {len(rows)} rows; wanted the {world.periods} periods of the horizon, in order"
        found.add("M8.6", FAMILY, "totals", None, say)
        return
    by_site = true_periods(world, money)
    true = {name: by_site[name].sum(axis=0) for name in ("it_mw", "facility_mw", "gpus", "units", "pflops")}
    true |= {f"{kind}_musd": money.of_kind(kind) for kind in ("capex", "opex", "income")}
    vendors = {vendor: values.sum(axis=0) for vendor, values in true_vendors(world).items()}
    for p, row in enumerate(rows):
        for name, values in true.items():
            found.figure("M8.6", FAMILY, "totals", row.month, f"totals: {name}", getattr(row, name), float(values[p]))
        for vendor in row.it_mw_by_vendor.keys() - vendors.keys():
            say = f"totals: it_mw_by_vendor names {vendor!r}, which is not in the request"
            found.add("M8.6", FAMILY, "totals", row.month, say)
        for vendor, values in vendors.items():
            stated = row.it_mw_by_vendor.get(vendor, 0.0)
            found.figure("M8.6", FAMILY, "totals", row.month, f"totals: it_mw of {vendor}", stated, float(values[p]))
