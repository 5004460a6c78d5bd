"""What is compared: result, money, capacity by year and vendor, openings, units by block, deals and tranches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from api.outputs import views
from api.studies.entry import Entry
from api.studies.lines import OPEN_BEFORE, Line, Section, Value
from planner.ledger.evaluate import UNITS
from planner.plan import KIND_OF_LINE, DealResult, Plan

TINY = 5e-7
OBJECTIVE_UNITS: dict[str, str] = {**{str(k): v for k, v in UNITS.items()}, "spending": "MUSD"}
Entries = Sequence[Entry]


def sections(entries: Entries) -> tuple[Section, ...]:
    """All sections in reading order; those without a line are left out."""
    return tuple(s for s in (section(entries) for section in SECTIONS) if s.lines)


def _line(entries: Entries, item: str, unit: str, read: Callable[[Plan], Value]) -> Line:
    return Line(item, unit, tuple(read(e.plan) if e.holds else None for e in entries))


def _sum(amounts: Iterable[float]) -> float:
    return math.fsum(amounts)


def _optional(value: float | None) -> float | None:
    return None if value is None else float(value)


def result(entries: Entries) -> Section:
    """Why the search stopped and what it holds, what was sought, its bound and gap, the check."""
    plans = [e.plan for e in entries]
    unit = plans[0].objective_unit if len({p.objective_unit for p in plans}) == 1 else ""
    lines = [
        Line("status", "", tuple(_status(p) for p in plans)),
        Line("sought", "", tuple(_sought(p) for p in plans)),
        Line("objective", unit, tuple(_optional(p.objective) for p in plans)),
        Line("bound", unit, tuple(_optional(p.bound) for p in plans)),
        Line("gap", "share", tuple(_optional(p.gap) for p in plans)),
        Line(
            "check", "", tuple(views.check_text(p).split(" (")[0] if e.holds else None for e, p in zip(entries, plans))
        ),
        _line(entries, "sites open", "sites", lambda p: float(sum(s.opened for s in p.sites))),
    ]
    return Section("Result", tuple(lines))


def _status(plan: Plan) -> str:
    if plan.provenance.get("origin") == views.OF_RECORD:
        return views.OF_RECORD
    return f"{plan.status.stopped}, {plan.status.holds}"


def objectives(entries: Entries) -> Section:
    """Every objective of M8.1 evaluated on every plan, whatever was sought."""
    lines = [_line(entries, name, of, lambda p, n=name: p.objectives.get(n)) for name, of in OBJECTIVE_UNITS.items()]  # type: ignore[misc]
    return Section("Every objective (money discounted)", tuple(x for x in lines if set(x.values) != {None}))


def _sought(plan: Plan) -> str:
    if plan.stages:
        return ", then ".join(f"{s.sense} {s.name}" for s in plan.stages)
    return f"{plan.objective_sense} {plan.objective_name}"


def money(entries: Entries) -> Section:
    """Every cash line that some plan uses, summed over the horizon (nominal MUSD), and what lies beyond it."""

    def total(plan: Plan, line: str) -> float:
        return _sum(c.musd for c in plan.cash if c.line == line)

    used = [x for x in KIND_OF_LINE if any(abs(total(e.plan, x)) > TINY for e in entries)]
    lines = [_line(entries, "spending (capex and opex)", "MUSD", lambda p: float(views.spending(p)))]
    for kind in ("capex", "opex", "income"):
        lines += [
            _line(entries, f"{kind}: {x.replace('_', ' ')}", "MUSD", lambda p, x=x: total(p, x))  # type: ignore[misc]
            for x in used
            if KIND_OF_LINE[x] == kind
        ]
    lines += [
        _line(entries, "due after the horizon", "MUSD", lambda p: float(views.due_after(p))),
        _line(entries, "unexpired life at the end", "MUSD", lambda p: _sum(c.musd for c in p.terminal)),
        _line(entries, "shares held at the end", "MUSD", lambda p: _sum(d.holding_musd for d in p.deals)),
    ]
    kept = [x for x in lines if any(isinstance(v, float) and abs(v) > TINY for v in x.values)]
    return Section("Money over the horizon", tuple(kept))


def _years(entries: Entries) -> list[str]:
    return sorted({t.month[:4] for e in entries for t in e.plan.totals})


def capacity(entries: Entries) -> Section:
    """Energised IT MW at the end of each year, in all and by vendor."""
    years = [{y.year: y for y in views.years(e.plan)} for e in entries]
    vendors = sorted({v for found in years for y in found.values() for v, mw in y.by_vendor.items() if mw})
    lines = []
    for year in _years(entries):
        of = [found.get(year) for found in years]
        lines.append(Line(f"{year} all", "MW", tuple(None if y is None else float(y.it_mw) for y in of)))
        lines += [
            Line(f"{year} {v}", "MW", tuple(None if y is None else float(y.by_vendor.get(v, 0.0)) for y in of))
            for v in vendors
        ]
    return Section("IT MW at the end of each year", tuple(lines))


def compute(entries: Entries) -> Section:
    """Dense FP8 PFLOP/s at the end of each year."""
    years = [{y.year: y for y in views.years(e.plan)} for e in entries]
    lines = [
        Line(year, "PFLOPS", tuple(float(found[year].pflops) if year in found else None for found in years))
        for year in _years(entries)
    ]
    return Section("PFLOPS at the end of each year", tuple(lines))


def opening_month(plan: Plan, site: str) -> str | None:
    """The month a site opens, :data:`OPEN_BEFORE` for a committed one, None where it stays shut."""
    found = next((s for s in plan.sites if s.id == site), None)
    if found is None or not found.opened:
        return None
    return found.opening_month or OPEN_BEFORE


def openings(entries: Entries) -> Section:
    """When each site opens that opens in any plan."""
    sites = sorted({s.id for e in entries for s in e.plan.sites if s.opened})
    lines = [_line(entries, s, "month", lambda p, s=s: opening_month(p, s)) for s in sites]  # type: ignore[misc]
    return Section("Openings", tuple(sorted(lines, key=lambda x: (not x.differs, x.item))), short=True)


def units(entries: Entries) -> Section:
    """Whole units by block: ordered over the horizon, and standing at its end (existing ones included)."""
    ordered = sorted({o.block for e in entries for o in e.plan.orders})
    standing = sorted({b for e in entries for s in e.plan.sites for b, n in s.units_by_block.items() if n})

    def bought(plan: Plan, block: str) -> float:
        return float(sum(o.units for o in plan.orders if o.block == block))

    def at_end(plan: Plan, block: str) -> float:
        return float(sum(s.units_by_block.get(block, 0) for s in plan.sites))

    lines = [_line(entries, f"{b} ordered", "units", lambda p, b=b: bought(p, b)) for b in ordered]  # type: ignore[misc]
    lines += [_line(entries, f"{b} at the end", "units", lambda p, b=b: at_end(p, b)) for b in standing]  # type: ignore[misc]
    return Section("Units by block", tuple(sorted(lines, key=lambda x: x.item)), short=True)


def deals(entries: Entries) -> Section:
    """Each deal: signed or not, money in and out, shares held, tranches reached and when."""
    ids = list(dict.fromkeys(d.id for e in entries for d in e.plan.deals))
    lines: list[Line] = []
    for id in ids:
        of = [next((d for d in e.plan.deals if d.id == id), None) for e in entries]
        lines.append(Line(id, "", tuple(_signed(d) for d in of)))
        for item, read in (("brings", _brings), ("costs", _costs), ("shares held", _holds)):
            values = tuple(read(d) for d in of)
            if any(values):
                lines.append(Line(f"{id}: {item}", "MUSD", values))
        lines += _tranches(id, of)
    return Section("Deals and tranches", tuple(lines))


def _signed(deal: DealResult | None) -> str | None:
    return None if deal is None else "signed" if deal.signed else "not signed"


def _brings(deal: DealResult | None) -> float:
    return deal.cash_in_musd + 0.0 if deal is not None else 0.0


def _costs(deal: DealResult | None) -> float:
    return deal.cash_out_musd + 0.0 if deal is not None else 0.0


def _holds(deal: DealResult | None) -> float:
    return deal.holding_musd + 0.0 if deal is not None else 0.0


def _tranches(id: str, of: Sequence[DealResult | None]) -> list[Line]:
    """One line a tranche: the month in which it is reached."""
    rows = zip_longest(*(d.tranches if d is not None else [] for d in of))
    found = []
    for n, row in enumerate(rows, 1):
        at = next(t.at for t in row if t is not None)
        found.append(
            Line(f"{id}: tranche {n} at {at:,.6g}", "month", tuple(None if t is None else t.month for t in row))
        )
    return found


SECTIONS: tuple[Callable[[Entries], Section], ...] = (
    result,
    objectives,
    money,
    capacity,
    compute,
    openings,
    units,
    deals,
)
"""In reading order."""
