"""Decisions as index arrays: sites, blocks, deals and months become row numbers, unknown ones are faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.errors import Fault, RequestError
from planner.ledger.figures import Bools, Figures, Floats, Ints
from planner.plan import Decisions, Opening, Order, Units
from planner.problem.deals import Lease
from planner.problem.faults import shown

MOST_UNITS = 10**9
"""Of one row: a thousand of them still add up exactly, in whole numbers and in floating point."""
MOST_HINT = f"at most {MOST_UNITS:,} in a row"


@dataclass(frozen=True)
class UnitRows:
    """Rows of ``site, block, month, units``: orders, retirements or idle units."""

    site: Ints
    block: Ints
    period: Ints
    units: Ints


@dataclass(frozen=True)
class OrderRows(UnitRows):
    """Orders: ``lease`` is the row number of the signed lease they are on, -1 for owned ones."""

    lease: Ints


@dataclass(frozen=True)
class DrawRows:
    """What is drawn of loans, MUSD; ``deal`` is a row number."""

    deal: Ints
    period: Ints
    musd: Floats


@dataclass(frozen=True)
class SaleRows:
    """What is sold of a block's capacity at a site, in the deal's unit."""

    deal: Ints
    site: Ints
    block: Ints
    period: Ints
    amount: Floats


@dataclass(frozen=True)
class Rows:
    """All decisions as arrays, in the order they were given."""

    open_from: Ints
    """Shape (S,): the period a site opens in, 0 for committed sites, P for those that never do."""
    opening_site: Ints
    opening_period: Ints
    """The openings that pay: of sites that are not committed, once each."""
    orders: OrderRows
    shell_site: Ints
    shell_period: Ints
    shell_mw: Floats
    shell_lease: Ints
    """Row number of the signed lease whose partner pays for the start, -1 for our own."""
    retirements: UnitRows
    idle: UnitRows
    served_site: Ints
    served_market: Ints
    served_period: Ints
    served_amount: Floats
    signed: Bools
    """Shape (deals,)."""
    draws: DrawRows
    sales: SaleRows


def rows(figures: Figures, decisions: Decisions) -> Rows:
    """Look every name up; RequestError names all that the request does not know."""
    look = _Lookup(figures)
    openings = look.openings(decisions.openings)
    signed = look.signed(decisions.signed)
    result = Rows(
        open_from=_open_from(figures, openings),
        opening_site=np.array([s for s, _ in openings], dtype=np.int64),
        opening_period=np.array([p for _, p in openings], dtype=np.int64),
        orders=OrderRows(
            **look.units("orders", decisions.orders).__dict__,
            lease=look.leases("orders", [r.terms for r in decisions.orders], signed),
        ),
        shell_site=look.sites("shells", [r.site for r in decisions.shells]),
        shell_period=look.periods("shells", [r.month for r in decisions.shells]),
        shell_mw=np.array([r.mw for r in decisions.shells], dtype=float),
        shell_lease=look.leases("shells", [r.terms for r in decisions.shells], signed),
        retirements=look.units("retirements", decisions.retirements),
        idle=look.units("idle", decisions.idle),
        served_site=look.sites("served", [r.site for r in decisions.served]),
        served_market=look.markets([r.market for r in decisions.served]),
        served_period=look.periods("served", [r.month for r in decisions.served]),
        served_amount=np.array([r.amount for r in decisions.served], dtype=float),
        signed=signed,
        draws=DrawRows(
            deal=look.deals("draws", [r.deal for r in decisions.draws]),
            period=look.periods("draws", [r.month for r in decisions.draws]),
            musd=np.array([r.musd for r in decisions.draws], dtype=float),
        ),
        sales=SaleRows(
            deal=look.deals("sales", [r.deal for r in decisions.sales]),
            site=look.sites("sales", [r.site for r in decisions.sales]),
            block=look.blocks("sales", [r.block for r in decisions.sales]),
            period=look.periods("sales", [r.month for r in decisions.sales]),
            amount=np.array([r.amount for r in decisions.sales], dtype=float),
        ),
    )
    if look.faults:
        raise RequestError(look.faults)
    return result


def _open_from(figures: Figures, openings: Sequence[tuple[int, int]]) -> Ints:
    first = np.full(figures.S, figures.P, dtype=np.int64)
    for site, period in openings:
        first[site] = period
    for i, site_ in enumerate(figures.sites):
        if site_.status == "committed":
            first[i] = 0
    return first


class _Lookup:
    """Turns names into row numbers and remembers the ones it does not find."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.markets_index = {m.id: i for i, m in enumerate(figures.problem.markets)}
        self.deals_index = {d.id: i for i, d in enumerate(figures.problem.deals)}
        self.lease_index = {d.id: i for i, d in enumerate(figures.problem.deals) if isinstance(d, Lease)}
        self.faults: list[Fault] = []

    def _find(self, index: dict[str, int], table: str, row: int, column: str, name: str) -> int:
        found = index.get(name)
        if found is None:
            what = "is no period of the horizon" if column == "month" else f"is no {column} of the request"
            self.faults.append(Fault((table, row, column), f"{name!r} {what}"))
            return 0
        return found

    def openings(self, items: Sequence[Opening]) -> list[tuple[int, int]]:
        """``(site, period)`` of each first opening; committed sites are open anyway and pay nothing (M3.2)."""
        first: dict[int, int] = {}
        for row, item in enumerate(items):
            site = self._find(self.figures.site_index, "openings", row, "site", item.site)
            period = self._find(self.figures.period_index, "openings", row, "month", item.month)
            if self.figures.sites[site].status != "committed":
                first[site] = min(period, first.get(site, period))
        return list(first.items())

    def column(self, index: dict[str, int], table: str, column: str, names: Sequence[str]) -> Ints:
        """Row numbers of the names in one column of a table of decisions."""
        return np.array([self._find(index, table, i, column, name) for i, name in enumerate(names)], dtype=np.int64)

    def sites(self, table: str, names: Sequence[str]) -> Ints:
        return self.column(self.figures.site_index, table, "site", names)

    def periods(self, table: str, names: Sequence[str]) -> Ints:
        return self.column(self.figures.period_index, table, "month", names)

    def markets(self, names: Sequence[str]) -> Ints:
        return self.column(self.markets_index, "served", "market", names)

    def blocks(self, table: str, names: Sequence[str]) -> Ints:
        return self.column(self.figures.block_index, table, "block", names)

    def deals(self, table: str, names: Sequence[str]) -> Ints:
        return self.column(self.deals_index, table, "deal", names)

    def signed(self, names: Sequence[str]) -> Bools:
        """Which deals are signed. Shape (deals,)."""
        flags = np.zeros(len(self.deals_index), dtype=bool)
        rows = self.deals("signed", names)
        if len(flags):
            flags[rows] = True
        return flags

    def leases(self, table: str, terms: Sequence[str], signed: Bools) -> Ints:
        """The lease of every row. One that is not signed brings nothing: its rows are our own, and paid by us."""
        found = np.full(len(terms), -1, dtype=np.int64)
        for row, name in enumerate(terms):
            if name != "own":
                deal = self._find(self.lease_index, table, row, "lease", name)
                found[row] = deal if len(signed) and signed[deal] else -1
        return found

    def counted(self, table: str, counts: Sequence[int]) -> Ints:
        """Units by row; more than can be added up without overflow are a fault."""
        wild = {row for row, n in enumerate(counts) if abs(n) > MOST_UNITS}
        for row in sorted(wild):
            self.faults.append(Fault((table, row, "units"), f"{shown(counts[row])} is no number of units", MOST_HINT))
        return np.array([0 if row in wild else n for row, n in enumerate(counts)], dtype=np.int64)

    def units(self, table: str, items: Sequence[Order] | Sequence[Units]) -> UnitRows:
        return UnitRows(
            site=self.sites(table, [r.site for r in items]),
            block=self.blocks(table, [r.block for r in items]),
            period=self.periods(table, [r.month for r in items]),
            units=self.counted(table, [r.units for r in items]),
        )
