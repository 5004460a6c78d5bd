"""Terminal value: the unexpired life of paid capex at the end of the horizon (M4.6, A10). MUSD."""

from __future__ import annotations

import math

from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "terminal"
BUILDING_YEARS = 30
LINES = ("chips", "construction", "openings", "land")


def credits(world: World) -> dict[str, float]:
    """What is left of each line that we paid, nominal."""
    credit: dict[str, list[float]] = {line: [] for line in LINES}
    end, years = world.periods, world.calendar.years
    price, tariff, tax = world.of_blocks("capex_musd"), world.of_sites("tariff"), world.of_sites("sales_tax")
    lives = [0 if b.life_years is None else world.calendar.life(b.life_years) for b in world.blocks]
    for lot in world.units.lots:
        life = lives[lot.block]
        if not life or lot.leaves < end or not world.chips_ours(lot.terms):
            continue
        fraction = max(0, min(life, lot.online + life - end)) / life
        if lot.ordered is not None:
            s, k, q = lot.site, lot.block, lot.ordered
            paid = lot.units * float(price[k, q]) * float(1 + tariff[s, q] + tax[s, q])
        elif lot.existing is not None and lot.existing.units:
            inside = (u.musd for u in lot.existing.unpaid if 0 <= world.calendar.within(u.month) < end)
            paid = math.fsum(inside) * lot.units / lot.existing.units
        else:
            paid = 0.0
        credit["chips"].append(fraction * paid)
    building = world.of_sites("construction_musd_per_mw")
    for s, p, mw, terms in world.rows.shells:
        if not world.shell_ours(terms):
            continue
        used = max(0, end - (p + world.build_periods[s])) * years
        credit["construction"].append(mw * float(building[s, p]) * max(0.0, 1 - used / BUILDING_YEARS))
    fee, land = world.of_sites("opening_musd"), world.of_sites("land_usd_per_ha")
    for s, p in world.rows.opened.items():
        if world.sites[s].status == "committed":
            continue
        if not world.partner_pays(s, "opening"):
            credit["openings"].append(float(fee[s, p]) * max(0.0, 1 - (end - p) * years / BUILDING_YEARS))
        if not world.partner_pays(s, "land"):
            credit["land"].append(float(land[s, p]) * world.ground[s].parcel_ha / 1e6)
    return {line: math.fsum(amounts) for line, amounts in credit.items()}


def check(world: World, found: Findings) -> None:
    """The report shows the credit always; a line that is not there is a credit of nothing."""
    true, at_end = credits(world), world.discount_at(world.periods)
    stated: dict[str, tuple[float, float]] = {}
    for row in world.plan.terminal:
        if row.line not in true:
            found.add("M4.6", FAMILY, row.line, None, f"terminal: {row.line!r} is none of {', '.join(LINES)}")
        elif row.line in stated:
            found.add("M4.6", FAMILY, row.line, None, f"terminal: {row.line} is listed twice")
        else:
            stated[row.line] = (row.musd, row.discounted_musd)
    for line, amount in true.items():
        musd, discounted = stated.get(line, (0.0, 0.0))
        found.figure("M4.6", FAMILY, line, None, f"terminal credit of {line} (MUSD)", musd, amount)
        found.figure(
            "M4.6", FAMILY, line, None, f"discounted terminal credit of {line} (MUSD)", discounted, amount * at_end
        )
