"""Lots: units of one block at one site that arrive together and leave together (M2.2, M2.7, M3.3).

Everything that is counted of units is a sum over lots, so retirement and expiry are settled once, here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from planner.problem.deals import Lease
from planner.problem.problem import Problem
from planner.problem.site import Existing
from planner.verify.dates import Calendar
from planner.verify.decisions import OWN, Rows

NEVER = 10**7
"""A period after every horizon."""


@dataclass(frozen=True, slots=True)
class Lot:
    """``units`` standing from ``stands``, online from ``online``, both until ``leaves`` (exclusive)."""

    site: int
    block: int
    units: int
    stands: int
    online: int
    leaves: int
    ordered: int | None
    """Period of the order; None for existing units."""
    existing: Existing | None = None
    terms: int = OWN
    """Position of the lease, or ``OWN``."""


@dataclass(frozen=True)
class Overdrawn:
    """A retirement of more units than were there to retire."""

    site: int
    block: int
    period: int
    asked: int
    there: int


def lots(problem: Problem, calendar: Calendar, rows: Rows) -> tuple[list[Lot], list[Overdrawn]]:
    """All lots of a plan after early retirement, oldest first (A6). A lease ends its units at its term (M5.4)."""
    lead = [calendar.lag(b.lead_months) for b in problem.blocks]
    life = [NEVER if b.life_years is None else calendar.life(b.life_years) for b in problem.blocks]
    term = {i: _term(deal, calendar) for i, deal in enumerate(problem.deals)} | {OWN: NEVER}
    of_pair: dict[tuple[int, int], list[Lot]] = defaultdict(list)
    position = {b.id: i for i, b in enumerate(problem.blocks)}
    for s, site in enumerate(problem.sites):
        for there in site.existing:
            k = position[there.block]
            online = calendar.effective(there.online_from)
            of_pair[s, k].append(Lot(s, k, there.units, 0, online, online + life[k], None, there))
    for s, k, q, units, terms in sorted(rows.orders):
        online = q + lead[k]
        of_pair[s, k].append(Lot(s, k, units, q, online, online + min(life[k], term[terms]), q, None, terms))
    result: list[Lot] = []
    overdrawn: list[Overdrawn] = []
    for (s, k), asked in rows.retired.items():
        of_pair.setdefault((s, k), [])
        if asked:
            of_pair[s, k] = _retire(of_pair[s, k], s, k, sorted(asked), overdrawn)
    for pair in sorted(of_pair):
        result.extend(of_pair[pair])
    return result, overdrawn


def _term(deal: object, calendar: Calendar) -> int:
    stated = deal.term_years if isinstance(deal, Lease) else None
    return NEVER if stated is None else calendar.life(stated)


def _retire(
    there: list[Lot], site: int, block: int, asked: list[tuple[int, int]], overdrawn: list[Overdrawn]
) -> list[Lot]:
    """Split lots where units leave early: those online the longest first, existing before new ones of the same age.

    Leased units do not leave early (M5.13).
    """
    leased = [lot for lot in there if lot.terms != OWN]
    oldest_first = sorted((x for x in there if x.terms == OWN), key=lambda lot: (lot.online, lot.existing is None))
    left = [lot.units for lot in oldest_first]
    gone: list[Lot] = []
    for period, units in asked:
        wanted = units
        for i, lot in enumerate(oldest_first):
            if lot.online < period < lot.leaves and left[i] and wanted:
                taken = min(wanted, left[i])
                left[i] -= taken
                wanted -= taken
                gone.append(replace(lot, units=taken, leaves=period))
        if wanted:
            overdrawn.append(Overdrawn(site, block, period, units, units - wanted))
    return [replace(lot, units=n) for lot, n in zip(oldest_first, left) if n] + gone + leased
