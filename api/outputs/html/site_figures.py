"""The board's figures by site: what a MW and a PFLOPS-year cost there, and how much power waits for chips."""

from __future__ import annotations

from dataclasses import dataclass

from api.outputs import tables
from api.outputs.html.subject import Subject
from planner.plan import SiteResult


@dataclass(frozen=True)
class UnitCost:
    """One site. Money is million US dollars, nominal, inside the horizon unless said otherwise.

    ``build_musd_per_mw`` is the whole price of what is newly built and bought there for ourselves (chips with duties, shell,
    opening, land) per IT MW of it; None where nothing is, or where the request with its prices is not at hand.
    ``musd_per_kpflops_year`` is all spending of the site and its share of rent, per 1,000 PFLOPS-years inside the horizon.
    """

    site: SiteResult
    own_mw: float
    leased_mw: float
    build_musd_per_mw: float | None
    spend_musd: float
    rent_musd: float
    pflops_years: float | None
    musd_per_kpflops_year: float | None


@dataclass(frozen=True)
class Idle:
    """Power that waits for chips at one open site: facility MW from the grid, and IT MW of shell, at the end."""

    site: SiteResult
    grid_mw: float
    drawn_mw: float
    idle_mw: float
    idle_mw_years: float | None
    empty_shell_mw: float


def unit_costs(subject: Subject) -> list[UnitCost]:
    """Each open site that holds units, in the report's order."""
    bought = _bought(subject)
    rent = _rent(subject)
    found = []
    for site in subject.open_sites:
        new = bought.get(site.id, _Bought())
        years = subject.years_per_period
        pflops_years = None if years is None else sum(p.pflops for p in site.periods) * years
        paid = site.spend_musd + rent.get(site.id, 0.0)
        found.append(
            UnitCost(
                site,
                new.own_mw,
                new.leased_mw,
                new.musd_per_mw,
                site.spend_musd,
                rent.get(site.id, 0.0),
                pflops_years,
                1000 * paid / pflops_years if pflops_years else None,
            )
        )
    return found


@dataclass
class _Bought:
    """What is newly built and bought at a site: IT MW by who pays for it, and our whole price (million US dollars)."""

    own_mw: float = 0.0
    leased_mw: float = 0.0
    chips_mw: float = 0.0
    shell_mw: float = 0.0
    chips_musd: float = 0.0
    ground_musd: float = 0.0

    @property
    def musd_per_mw(self) -> float | None:
        """Chips per MW whose chips are ours, shell and ground per MW whose shell is ours; None where a partner pays a part alone."""
        if not self.chips_mw or not self.shell_mw:
            return None
        return self.chips_musd / self.chips_mw + self.ground_musd / self.shell_mw


def _bought(subject: Subject) -> dict[str, _Bought]:
    """What is newly bought by site. Needs the request."""
    bundle = subject.bundle
    if bundle is None:
        return {}
    found = {s.id: _Bought() for s in subject.plan.sites}
    for row in tables.orders(bundle):
        entry, terms, mw = found[row["site"]], row["terms"], row["it_mw"]
        entry.own_mw += mw if terms == "own" else 0.0
        entry.leased_mw += 0.0 if terms == "own" else mw
        entry.chips_mw += mw if bundle.pays_chips(terms) else 0.0
        entry.shell_mw += mw if bundle.pays_shell(terms) else 0.0
        entry.chips_musd += row["capex_musd"]
    for row in tables.shells(bundle):
        found[row["site"]].ground_musd += row["construction_musd"]
    for row in tables.openings(bundle):
        found[row["site"]].ground_musd += row["opening_musd"] + row["land_musd"]
    return found


def _rent(subject: Subject) -> dict[str, float]:
    """The rent of every lease, shared among sites by the leased MW that they had ordered by then."""
    if subject.bundle is None:
        return {}
    found: dict[str, float] = {}
    orders = tables.orders(subject.bundle)
    for deal in subject.plan.deals:
        mine = [r for r in orders if r["terms"] == deal.id]
        for period in deal.periods if deal.kind == "lease" else ():
            online = [r for r in mine if r["online_month"] <= period.month] or mine
            total = sum(r["it_mw"] for r in online)
            for r in online:
                found[r["site"]] = found.get(r["site"], 0.0) + period.cash_out_musd * r["it_mw"] / total
    return found


def idle(subject: Subject) -> list[Idle]:
    """Each open site's power without chips, most first."""
    years, found = subject.years_per_period, []
    for site in subject.open_sites:
        open_periods = [p for p in site.periods if p.open]
        waits = [max(p.grid_mw - p.facility_mw, 0.0) for p in open_periods]
        last = site.periods[-1] if site.periods else None
        found.append(
            Idle(
                site,
                site.grid_mw,
                site.facility_mw,
                max(site.grid_mw - site.facility_mw, 0.0),
                None if years is None else sum(waits) * years,
                max(last.shell_mw - last.it_mw, 0.0) if last is not None else 0.0,
            )
        )
    return sorted(found, key=lambda i: -i.idle_mw)


def power_by_period(subject: Subject) -> tuple[list[float], list[float], list[float]]:
    """Facility MW drawn at peak, grid MW of open sites, and grid MW of all candidates, in every period."""
    drawn, mine, every = ([0.0] * len(subject.months) for _ in range(3))
    for site in subject.plan.sites:
        if site.status == "excluded":
            continue
        for i, period in enumerate(site.periods[: len(subject.months)]):
            drawn[i] += period.facility_mw
            mine[i] += period.grid_mw if period.open else 0.0
            every[i] += period.grid_mw
    return drawn, mine, every


def pflops_by_vendor(subject: Subject) -> dict[str, list[float]] | None:
    """PFLOPS online by vendor in every period; None without the request, which alone knows what a block computes."""
    if subject.bundle is None:
        return None
    import numpy as np

    from api.outputs.html.money_figures import ground_of
    from planner.ledger.figures import figures
    from planner.ledger.rows import rows
    from planner.ledger.units import fleet

    known = figures(subject.bundle.problem, ground_of(subject.bundle.problem, subject.plan))
    units = fleet(known, rows(known, subject.plan.decisions()))
    found = {}
    for v, vendor in enumerate(known.vendors):
        each = np.where(known.vendor_of_block == v, known.block.pflops, 0.0)
        found[str(vendor)] = units.by_site(known, units.energised, each).sum(axis=0).tolist()
    return {v: found[v] for v in subject.vendors if v in found}
