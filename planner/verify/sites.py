"""What the plan says of every site and every site's period (M3, M8.6): each figure follows from the decisions."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.plan import SitePeriod, SiteResult
from planner.verify.findings import LIMIT, SHOWN, Array, Findings, num
from planner.verify.land import standing_ha
from planner.verify.money import Money
from planner.verify.world import World

FAMILY = "sites"
PERIOD = (
    "it_mw",
    "facility_mw",
    "grid_mw",
    "shell_mw",
    "standing_ha",
    "gpus",
    "units",
    "idle_units",
    "pflops",
    "energy_mwh",
    "carbon_tonnes",
    "spend_musd",
)
LAST = ("it_mw", "facility_mw", "grid_mw", "gpus", "units", "pflops")


def true_periods(world: World, money: Money) -> dict[str, Array]:
    """Every figure of a site's period: name -> (sites, periods)."""
    return {
        "open": world.open.astype(float),
        "it_mw": world.it_mw,
        "facility_mw": world.facility_mw,
        "grid_mw": world.of_sites("grid_mw"),
        "shell_mw": world.shell_mw,
        "standing_ha": standing_ha(world),
        **{name: world.energised_by_site(name) for name in ("gpus", "units", "pflops")},
        "idle_units": world.units.by_site(world.units.idle),
        "energy_mwh": money.energy_mwh,
        "carbon_tonnes": money.carbon_tonnes,
        "spend_musd": money.spend,
    }


def true_vendors(world: World) -> dict[str, Array]:
    """Energised IT MW of each vendor: vendor -> (sites, periods)."""
    units, result = world.units, {}
    for vendor in dict.fromkeys(b.vendor for b in world.blocks):
        share = units.per_block(lambda block, vendor=vendor: block.it_mw * (block.vendor == vendor))  # type: ignore[misc]
        result[vendor] = units.by_site(units.energised * share)
    return result


def floats(rows: list[list[Any]]) -> Array:
    """Numbers of the plan as an array; an integer beyond all floats becomes infinity."""
    try:
        return np.array(rows, dtype=float)
    except OverflowError:
        return np.array([[x if abs(x) < 1e300 else np.inf for x in row] for row in rows], dtype=float)


def check(world: World, money: Money, found: Findings) -> None:
    """One row for every site of the request, in its order, with the right figures."""
    rows = world.plan.sites
    wanted = [s.id for s in world.sites]
    found.checked += 1
    if [r.id for r in rows] != wanted:
        missing = [i for i in wanted if i not in {r.id for r in rows}]
        say = f"sites: {len(rows)} rows; wanted the {len(wanted)} sites of the request, each once and in its order"
        found.add("M8.6", FAMILY, "sites", None, say + (f"; missing {', '.join(missing[:5])}" if missing else ""))
        return
    periods, vendors = true_periods(world, money), true_vendors(world)
    for s, row in enumerate(rows):
        _facts(world, found, s, row)
    _last(world, found, periods, vendors)
    _periods(world, found, periods, vendors)


def _facts(world: World, found: Findings, s: int, row: SiteResult) -> None:
    """Names and land are the request's; the opening is the decision's."""
    site, ground = world.sites[s], world.ground[s]
    if row.name not in (site.name, site.name or site.id):
        found.same("M8.6", FAMILY, site.id, None, "name", row.name, site.name)
    for field in ("region", "country", "state", "status"):
        found.same("M8.6", FAMILY, site.id, None, field, getattr(row, field), getattr(site, field))
    for field in ("lon", "lat", "parcel_ha", "buildable_ha"):
        found.figure("M3.8", FAMILY, site.id, None, field, getattr(row, field), getattr(ground, field))
    layers = [(step.layer, step.ha) for step in ground.steps]
    found.same("M3.8", FAMILY, site.id, None, "land layers", [x.get("layer") for x in row.land], [n for n, _ in layers])
    for part, (layer, ha) in zip(row.land, layers):
        found.figure("M3.8", FAMILY, site.id, None, f"hectares that {layer} took", part.get("ha"), ha)
    opens = int(world.opens[s])
    month = None if site.status == "committed" or opens >= world.periods else world.months[opens]
    found.same("M3.2", FAMILY, site.id, None, "opened", row.opened, opens < world.periods)
    found.same("M3.2", FAMILY, site.id, None, "opening_month", row.opening_month, month)


def _last(world: World, found: Findings, periods: dict[str, Array], vendors: dict[str, Array]) -> None:
    """Figures without a date are the last period's; spending is the horizon's."""
    units = world.units
    in_block = [dict[str, float]() for _ in world.sites]
    for i, (s, k) in enumerate(zip(units.site.tolist(), units.block.tolist())):
        in_block[s][world.blocks[k].id] = float(units.energised[i, -1])
    known = {b.id for b in world.blocks}
    last = {name: values[:, -1].tolist() for name, values in periods.items()}
    spent = periods["spend_musd"].sum(axis=1).tolist()
    by_vendor = {vendor: values[:, -1].tolist() for vendor, values in vendors.items()}
    for s, row in enumerate(world.plan.sites):
        for name in LAST:
            found.figure("M8.6", FAMILY, row.id, None, name, getattr(row, name), last[name][s])
        found.figure("M8.6", FAMILY, row.id, None, "spend_musd", row.spend_musd, spent[s])
        grid, land = last["grid_mw"][s], world.ground[s].buildable_ha
        power_share = last["facility_mw"][s] / grid if grid > 0 else None
        land_share = last["standing_ha"][s] / land if land > 0 else None
        found.figure("M3.4", FAMILY, row.id, None, "power_used_share", row.power_used_share, power_share)
        found.figure("M3.5", FAMILY, row.id, None, "land_used_share", row.land_used_share, land_share)
        of_vendor = {vendor: values[s] for vendor, values in by_vendor.items()}
        _breakdown(found, row.id, None, "it_mw_by_vendor", row.it_mw_by_vendor, of_vendor)
        of_block = {**dict.fromkeys(known, 0.0), **in_block[s]}
        _breakdown(found, row.id, None, "units_by_block", dict(row.units_by_block), of_block)


def _breakdown(
    found: Findings, subject: str, month: str | None, what: str, stated: dict[str, float], true: dict[str, float]
) -> None:
    """A breakdown names only known things; what it leaves out is nothing."""
    for key in stated.keys() - true.keys():
        found.add("M8.6", FAMILY, subject, month, f"{what} names {key!r}, which is not in the request")
    for key, value in true.items():
        found.figure("M8.6", FAMILY, subject, month, f"{what} of {key}", stated.get(key, 0.0), value)


def _periods(world: World, found: Findings, periods: dict[str, Array], vendors: dict[str, Array]) -> None:
    """Every site's periods, all at once: a portfolio has a hundred thousand of them."""
    kept: list[int] = []
    rows: list[SitePeriod] = []
    for s, site in enumerate(world.plan.sites):
        found.checked += 1
        if [row.month for row in site.periods] == world.months:
            kept.append(s)
            rows.extend(site.periods)
        else:
            say = f"{site.id}: {len(site.periods)} periods; wanted the {world.periods} of the horizon, in order"
            found.add("M8.6", FAMILY, site.id, None, say)
    shape = (len(kept), world.periods)
    names = ("open", *PERIOD)
    stated = floats([[getattr(row, name) for name in names] for row in rows]).reshape(*shape, len(names))
    for i, name in enumerate(names):
        _compare(world, found, kept, name, stated[:, :, i], periods[name][kept])
    of_vendor = floats([[row.it_mw_by_vendor.get(v, 0.0) for v in vendors] for row in rows])
    of_vendor = of_vendor.reshape(*shape, len(vendors))
    for i, vendor in enumerate(vendors):
        _compare(world, found, kept, f"it_mw_by_vendor of {vendor}", of_vendor[:, :, i], vendors[vendor][kept])
    for i, row in enumerate(rows):
        if not row.it_mw_by_vendor.keys() <= vendors.keys():
            name = world.sites[kept[i // world.periods]].id
            for vendor in row.it_mw_by_vendor.keys() - vendors.keys():
                say = f"it_mw_by_vendor names {vendor!r}, which is not in the request"
                found.add("M8.6", FAMILY, name, row.month, say)


def _compare(world: World, found: Findings, kept: list[int], name: str, stated: Array, true: Array) -> None:
    found.checked += stated.size
    with np.errstate(invalid="ignore"):
        fine = np.abs(stated - true) <= LIMIT * np.maximum(1.0, np.abs(true))
    for s, p in np.argwhere(~fine)[: 2 * SHOWN]:
        site, month = world.sites[kept[s]].id, world.months[p]
        say = f"{site}: {name} in {month} is stated as {num(stated[s, p])}; the decisions give {num(true[s, p])}"
        found.add("M8.6", FAMILY, site, month, say, float(stated[s, p] - true[s, p]))
