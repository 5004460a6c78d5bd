"""How much stands with one vendor, site, region or country: shares, HHI, and what duties cost (M5.17)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from planner.verify.findings import Array, Findings
from planner.verify.money import Money
from planner.verify.units import METRICS
from planner.verify.world import World
from planner.verify.years import unstated

FAMILY = "concentration"
MEASURES = ("it_mw", "spend_musd", "pflops")


def amounts(world: World, money: Money) -> dict[tuple[str, str], dict[str, float]]:
    """(vendor | site | region, measure) -> how much stands with each of them."""
    sites, vendors = [site.id for site in world.sites], [block.vendor for block in world.blocks]
    regions = [site.region for site in world.sites]
    result: dict[tuple[str, str], dict[str, float]] = {}
    for measure in MEASURES:
        if measure == "spend_musd":
            of_site = money.spend.sum(axis=1).tolist()
            dues = [due for due in money.block_dues if due.line in {"blocks", "unpaid"}]
            of_vendor = _sum((vendors[due.block], due.musd) for due in dues)
        else:
            last: Array = (world.units.energised * world.units.per_block(METRICS[measure]))[:, -1]
            of_site = world.energised_by_site(measure)[:, -1].tolist()
            of_vendor = _sum((vendors[k], x) for k, x in zip(world.units.block.tolist(), last.tolist()))
        result["vendor", measure] = of_vendor
        result["site", measure] = _sum(zip(sites, of_site))
        result["region", measure] = _sum(zip(regions, of_site))
    return result


def _sum(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for name, amount in parts:
        total[name] += amount
    return dict(total)


def check(world: World, money: Money, found: Findings) -> None:
    """All nine rows are there, and each share is its part of the whole."""
    if unstated(world):
        return
    true = amounts(world, money)
    stated = [(row.by, row.measure) for row in world.plan.concentration]
    found.checked += 1
    if sorted(stated) != sorted(true):
        say = f"concentration: {len(stated)} rows; wanted vendor, site and region by {', '.join(MEASURES)}, each once"
        found.add("M5.17", FAMILY, "concentration", None, say)
        return
    for row in world.plan.concentration:
        held = true[row.by, row.measure]
        whole = math.fsum(held.values())
        shares = {name: amount / whole if whole else 0.0 for name, amount in held.items()}
        what = f"concentration of {row.measure} by {row.by}"
        for name in row.shares.keys() - shares.keys():
            found.add("M5.17", FAMILY, row.by, None, f"{what} names {name!r}, which has no part in it")
        for name, share in shares.items():
            found.figure("M5.17", FAMILY, row.by, None, f"{what}: {name}", row.shares.get(name, 0.0), share)
        hhi = math.fsum(share * share for share in shares.values())
        found.figure("M5.17", FAMILY, row.by, None, f"{what}: hhi", row.hhi, hhi)


def check_tariffs(world: World, money: Money, found: Findings) -> None:
    """One row for each country in which block capex falls due inside the horizon."""
    if unstated(world):
        return
    duties, capex = ({site.country: 0.0 for site in world.sites} for _ in range(2))
    for due in money.block_dues:
        country = world.sites[due.site].country
        duties[country] += due.musd * (due.line == "tariffs")
        capex[country] += due.musd * (due.line == "blocks")
    wanted, rows = [country for country, musd in capex.items() if musd > 0], world.plan.tariff_exposure
    found.checked += 1
    if [row.country for row in rows] != wanted:
        say = f"tariff_exposure: {[row.country for row in rows]} are stated; wanted {wanted}"
        found.add("M5.17", "tariff_exposure", "tariff_exposure", None, say)
        return
    for row in rows:
        for name, true in (
            ("tariffs_musd", duties[row.country]),
            ("block_capex_musd", capex[row.country]),
            ("per_point_musd", capex[row.country] / 100),
        ):
            what = f"tariff_exposure of {row.country}: {name}"
            found.figure("M5.17", "tariff_exposure", row.country, None, what, getattr(row, name), true)
