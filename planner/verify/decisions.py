"""The plan's decisions as rows of whole numbers: ids exist, months are periods, nothing is said twice (M2.2, M8.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from planner.plan import Plan
from planner.problem.deals import Lease, Loan, Offtake
from planner.problem.problem import Problem
from planner.verify.dates import Calendar
from planner.verify.findings import Findings

FAMILY = "decisions"
MOST_UNITS = 10**9
MOST_AMOUNT = 1e15
OWN = -1
"""Terms of what is bought, not leased."""


@dataclass
class Rows:
    """Decisions by position of site, block, market and period. Rows that make no sense were reported and left out."""

    opened: dict[int, int] = field(default_factory=dict)
    """Site -> period of opening, as listed."""
    orders: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    """Site, block, period, units, terms: the position of a signed lease, or ``OWN``."""
    shells: list[tuple[int, int, float, int]] = field(default_factory=list)
    """Site, period, IT MW started, terms."""
    retired: dict[tuple[int, int], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """(site, block) -> (period, units)."""
    idle: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Site, block, period, units."""
    served: list[tuple[int, int, int, float]] = field(default_factory=list)
    """Site, market, period, amount."""
    signed: list[int] = field(default_factory=list)
    """Positions of the signed deals of the request."""
    draws: list[tuple[int, int, float]] = field(default_factory=list)
    """Loan, period, MUSD."""
    sales: list[tuple[int, int, int, int, float]] = field(default_factory=list)
    """Offtake, site, block, period, amount."""


class _Reader:
    def __init__(self, problem: Problem, calendar: Calendar, found: Findings) -> None:
        self.calendar = calendar
        self.found = found
        self.position: dict[str, dict[str, int]] = {
            "site": {s.id: i for i, s in enumerate(problem.sites)},
            "block": {b.id: i for i, b in enumerate(problem.blocks)},
            "market": {m.id: i for i, m in enumerate(problem.markets)},
            "deal": {d.id: i for i, d in enumerate(problem.deals)},
        }
        self.deals = problem.deals
        self.signed: list[int] = []
        self.periods = {m: p for p, m in enumerate(calendar.labels())}
        self.seen: set[tuple[str, Hashable]] = set()

    def row(self, table: str, record: Any, names: tuple[str, ...], terms: int = OWN) -> tuple[int, ...] | None:
        """Positions of the named things and the period, or None after saying what is wrong."""
        self.found.checked += len(names) + 2
        subject = " ".join(str(getattr(record, n)) for n in names)
        result: list[int] = []
        for n in names:
            position = self.position[n].get(getattr(record, n))
            if position is None:
                self._bad("M8.6", subject, record.month, f"{table}: {n} {getattr(record, n)!r} is not in the request")
                return None
            result.append(position)
        period = self.periods.get(record.month)
        if period is None:
            say = f"{table}: {subject} in {record.month!r}, which is not the first month of a period of the horizon"
            self._bad("M1.1", subject, record.month, say)
            return None
        result.append(period)
        key = (table, result[0] if table == "openings" else (*result, terms))
        if key in self.seen:
            self._bad("M8.6", subject, record.month, f"{table}: {subject} in {record.month} is listed twice")
        self.seen.add(key)
        return tuple(result)

    def units(self, table: str, record: Any) -> int | None:
        """A whole number of units, zero or more."""
        value = record.units
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_UNITS or value % 1:
            subject = f"{record.site} {record.block}"
            say = f"{table}: {subject} in {record.month}: {value} is no whole number of units from 0 to {MOST_UNITS:,}"
            self._bad("M2.2", subject, record.month, say)
            return None
        return int(value)

    def amount(self, table: str, record: Any, value: float, unit: str, rule: str) -> float | None:
        """A finite amount, zero or more."""
        if not 0 <= value <= MOST_AMOUNT:
            subject = record.deal if table == "draws" else record.site
            self._bad(rule, subject, record.month, f"{table}: {subject} in {record.month}: {value} {unit} is no amount")
            return None
        return float(value)

    def terms(self, table: str, record: Any) -> int:
        """The signed lease that a row names; what names none is reported and counted as bought."""
        self.found.checked += 1
        if record.terms == "own":
            return OWN
        position = self.position["deal"].get(record.terms)
        why = "name no deal of the request"
        if position is not None:
            if isinstance(self.deals[position], Lease) and position in self.signed:
                return position
            why = "are no lease" if not isinstance(self.deals[position], Lease) else "are a lease that is not signed"
        subject = " ".join(getattr(record, n) for n in ("site", "block") if hasattr(record, n))
        say = f"{table}: terms {record.terms!r} of {subject} in {record.month} {why}"
        self._bad("M8.6" if position is None else "M5.4", subject, record.month, say)
        return OWN

    def is_signed(self, table: str, record: Any, deal: int, kind: type, rule: str) -> bool:
        """True where a row belongs to a signed deal of its kind."""
        self.found.checked += 1
        known = self.deals[deal]
        if isinstance(known, kind) and deal in self.signed:
            return True
        why = f"is no {kind.__name__.lower()}" if not isinstance(known, kind) else "is not signed"
        self._bad(rule, record.deal, record.month, f"{table}: {record.deal} in {record.month}: {record.deal} {why}")
        return False

    def _bad(self, rule: str, subject: str, month: str | None, message: str) -> None:
        self.found.add(rule, FAMILY, subject, month, message)


def read(problem: Problem, calendar: Calendar, plan: Plan, found: Findings) -> Rows:
    """Turn the plan's tables into rows, reporting every row that cannot be one."""
    reader, rows = _Reader(problem, calendar, found), Rows()
    rows.signed = reader.signed = [reader.position["deal"][i] for i in plan.signed if i in reader.position["deal"]]
    for opening in plan.openings:
        if at := reader.row("openings", opening, ("site",)):
            rows.opened[at[0]] = min(at[1], rows.opened.get(at[0], at[1]))
    for order in plan.orders:
        terms = reader.terms("orders", order)
        at, units = reader.row("orders", order, ("site", "block"), terms), reader.units("orders", order)
        if at and units is not None:
            rows.orders.append((at[0], at[1], at[2], units, terms))
    for shell in plan.shells:
        terms = reader.terms("shells", shell)
        at, mw = reader.row("shells", shell, ("site",), terms), reader.amount("shells", shell, shell.mw, "MW", "M3.6")
        if at and mw is not None:
            rows.shells.append((at[0], at[1], mw, terms))
    for gone in plan.retirements:
        at, units = reader.row("retirements", gone, ("site", "block")), reader.units("retirements", gone)
        if at and units is not None:
            rows.retired[at[0], at[1]].append((at[2], units))
    for idle in plan.idle:
        at, units = reader.row("idle", idle, ("site", "block")), reader.units("idle", idle)
        if at and units is not None:
            rows.idle.append((at[0], at[1], at[2], units))
    for served in plan.served:
        at = reader.row("served", served, ("site", "market"))
        amount = reader.amount("served", served, served.amount, f"served of {served.market}", "M7.2")
        if at and amount is not None:
            rows.served.append((at[0], at[1], at[2], amount))
    for draw in plan.draws:
        at, musd = reader.row("draws", draw, ("deal",)), reader.amount("draws", draw, draw.musd, "MUSD", "M5.5")
        if at and musd is not None and reader.is_signed("draws", draw, at[0], Loan, "M5.5"):
            rows.draws.append((at[0], at[1], musd))
    for sale in plan.sales:
        at = reader.row("sales", sale, ("deal", "site", "block"))
        amount = reader.amount("sales", sale, sale.amount, f"of {sale.block} sold", "M5.6")
        if at and amount is not None and reader.is_signed("sales", sale, at[0], Offtake, "M5.6"):
            rows.sales.append((at[0], at[1], at[2], at[3], amount))
    for table in ("power_orders", "generation"):
        found.checked += 1
        if getattr(plan, table):
            say = f"{table}: {len(getattr(plan, table))} rows, but the request has no power options"
            found.add("M8.6", FAMILY, table, None, say)
    return rows
