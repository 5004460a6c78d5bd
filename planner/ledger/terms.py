"""Who pays what: the signed leases, and which chips, shell, openings, land, energy and opex are the partner's (M5.4, M5.13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.ledger.figures import Bools, Figures, Ints
from planner.ledger.rows import Rows
from planner.problem.deals import Lease
from planner.problem.problem import covers


@dataclass(frozen=True)
class Terms:
    """Which deals are leases that pay for what, by row number; a deal that is not signed pays for nothing."""

    chips: Bools
    shell: Bools
    energy: Bools
    opex: Bools
    openings: Bools
    land: Bools
    opening_by_partner: Bools
    """Shape (S,)."""
    land_by_partner: Bools
    """Shape (S,)."""


def terms(figures: Figures, rows: Rows) -> Terms:
    """Read the signed leases once."""

    def flags(pays: Callable[[Lease], bool]) -> Bools:
        found = [isinstance(deal, Lease) and pays(deal) for deal in figures.problem.deals]
        return np.array(found, dtype=bool) & rows.signed

    partner = sole_partner(figures, rows)
    openings, land = flags(lambda x: "opening" in x.includes), flags(lambda x: "land" in x.includes)
    return Terms(
        chips=flags(lambda x: x.covers in {"chips", "all"}),
        shell=flags(lambda x: x.covers in {"shell", "all"}),
        energy=flags(lambda x: "energy" in x.includes),
        opex=flags(lambda x: "opex" in x.includes),
        openings=openings,
        land=land,
        opening_by_partner=on_lease(partner, openings),
        land_by_partner=on_lease(partner, land),
    )


def on_lease(lease: Ints, flags: Bools) -> Bools:
    """Which rows are on a lease that is flagged; -1 is none."""
    found: Bools = np.append(flags, False)[lease]
    return found


def sole_partner(figures: Figures, rows: Rows) -> Ints:
    """The lease that everything ever ordered at a site is on, where it covers the site; -1 for none. Shape (S,)."""
    partner = np.full(figures.S, -1, dtype=np.int64)
    placed = rows.orders.units > 0
    site, lease = rows.orders.site[placed], rows.orders.lease[placed]
    for s in np.unique(site[lease >= 0]).tolist():
        here = np.unique(lease[site == s])
        if len(here) == 1 and covers(figures.problem.deals[int(here[0])], figures.sites[s], None):
            partner[s] = here[0]
    return partner
