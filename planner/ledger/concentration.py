"""How much of MW, spending and compute stands with one vendor, site or region (M5.17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.ledger.figures import Floats
from planner.ledger.money import Money
from planner.ledger.state import State
from planner.plan import Concentration

NOTHING = 1e-9
"""MW, PFLOPS or MUSD no larger than this are rounding dust."""


def concentration(state: State, book: Money) -> list[Concentration]:
    """Energised IT MW and PFLOPS of the last period; spending over the horizon: block prices by vendor, everything else
    that belongs to a site by site and region."""
    figures, fleet = state.figures, state.fleet
    sites = [s.id for s in figures.sites]
    regions = [s.region for s in figures.sites]
    vendors = [figures.vendors[v] for v in figures.vendor_of_block[fleet.pair_block].tolist()]
    spending = book.site_spending().sum(axis=1)
    last = {"it_mw": state.it_mw[:, -1], "pflops": state.pflops[:, -1]}
    by_pair = {
        name: figures.block.metric(name)[fleet.pair_block] * fleet.energised[:, -1] for name in ("it_mw", "pflops")
    }
    return [
        Concentration(by="vendor", measure="it_mw", **_shares(_sums(vendors, by_pair["it_mw"]))),
        Concentration(by="vendor", measure="spend_musd", **_shares(book.block_spending)),
        Concentration(by="vendor", measure="pflops", **_shares(_sums(vendors, by_pair["pflops"]))),
        Concentration(by="site", measure="it_mw", **_shares(_sums(sites, last["it_mw"]))),
        Concentration(by="site", measure="spend_musd", **_shares(_sums(sites, spending))),
        Concentration(by="site", measure="pflops", **_shares(_sums(sites, last["pflops"]))),
        Concentration(by="region", measure="it_mw", **_shares(_sums(regions, last["it_mw"]))),
        Concentration(by="region", measure="spend_musd", **_shares(_sums(regions, spending))),
        Concentration(by="region", measure="pflops", **_shares(_sums(regions, last["pflops"]))),
    ]


def _sums(names: Sequence[str], amounts: Floats) -> dict[str, float]:
    """Amounts added up by name, in the order in which the names first appear."""
    found: dict[str, float] = {}
    for name, amount in zip(names, amounts.tolist()):
        found[name] = found.get(name, 0.0) + amount
    return found


def _shares(amounts: Mapping[str, float]) -> dict[str, Any]:
    """``shares`` of those who hold any, and ``hhi``, the sum of their squares; nothing of nothing."""
    held = {name: amount for name, amount in amounts.items() if amount > NOTHING}
    total = sum(held.values())
    shares = {name: amount / total for name, amount in held.items()}
    return {"shares": shares, "hhi": sum(share**2 for share in shares.values()) + 0.0}
