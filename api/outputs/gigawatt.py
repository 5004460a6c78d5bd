"""What a gigawatt of IT costs, owned and on lease."""

from __future__ import annotations

from dataclasses import dataclass

from api.outputs import tables
from api.outputs.bundle import Bundle
from api.outputs.views import due_after

CHIP_LINES = ("blocks", "tariffs", "sales_tax")
BUILD_LINES = ("construction", "openings")


@dataclass(frozen=True)
class PerGw:
    """What a GW of newly ordered IT costs, million US dollars over the horizon and after it.

    Each part is divided by the GW that it is paid for: a lease may bring chips, shell or both.
    """

    ordered_gw: float
    chips_gw: float
    construction_gw: float
    chips_musd: float
    construction_musd: float
    land_musd: float
    energy_musd: float
    energy_gw_years: float
    rent_musd: float
    rent_gw_years: float

    @property
    def build_busd(self) -> float | None:
        """Billion US dollars per GW of IT for chips, construction and land; None where all is leased."""
        if not self.chips_gw or not self.construction_gw:
            return None
        ground = self.construction_musd + self.land_musd
        return self.chips_musd / self.chips_gw / 1000 + ground / self.construction_gw / 1000


def per_gw(bundle: Bundle) -> PerGw | None:
    """The cost of a GW of IT, or None where nothing is ordered."""
    plan, orders, years = bundle.plan, tables.orders(bundle), bundle.timeline.L / 1000
    gw = sum(r["it_mw"] for r in orders) / 1000
    if gw <= 0:
        return None

    def of(lines: tuple[str, ...]) -> float:
        return sum(c.musd for c in plan.cash if c.line in lines) + due_after(plan, lines)

    leased = {d.id: sum(p.leased_mw for p in d.periods) * years for d in plan.deals}
    powered = sum(
        mw for deal, mw in leased.items() if deal in bundle.leases and "energy" in bundle.leases[deal].includes
    )
    return PerGw(
        gw,
        sum(r["it_mw"] for r in orders if bundle.pays_chips(r["terms"])) / 1000,
        sum(r["it_mw"] for r in orders if bundle.pays_shell(r["terms"])) / 1000,
        of(CHIP_LINES),
        of(BUILD_LINES),
        of(("land",)),
        of(("energy",)),
        sum(t.it_mw for t in plan.totals) * years - powered,
        sum(c.musd for c in plan.cash if c.line == "lease"),
        sum(leased.values()),
    )
