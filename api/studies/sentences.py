"""What changed, in sentences a board can read: the result, capacity, sites, money, deals. The first plan is the base."""

from __future__ import annotations

from collections.abc import Sequence

from api.outputs import views
from api.outputs.text import big, money, number
from api.studies import moved
from api.studies.entry import Entry
from api.studies.lines import OPEN_BEFORE, change_text, months_later
from api.studies.sections import OBJECTIVE_UNITS, opening_month
from planner.plan import DealResult, Plan

MOST = 4
"""Names told one by one; the rest is counted."""


def sentences(entries: Sequence[Entry]) -> list[str]:
    """All plans but the first against the first, the most important first."""
    base = entries[0]
    if len(entries) == 2:
        return [s[:1].upper() + s[1:] for s in of_pair(base, entries[1])]
    return [f"{other.label}: {s}" for other in entries[1:] for s in of_pair(base, other)]


def of_pair(a: Entry, b: Entry) -> list[str]:
    """What changed from a to b."""
    for e in (a, b):
        if not e.holds:
            return [f"there is nothing to compare: {e.label} holds no plan ({views.status_text(e.plan)})."]
    if a.plan.decisions() == b.plan.decisions():
        return [f"the decisions are the same.{_requests(a.plan, b.plan)}"]
    found = [_result(a.plan, b.plan), _capacity(a.plan, b.plan), _places(a.plan, b.plan)]
    found += [_sites(a.plan, b.plan), _money(a.plan, b.plan), *_deals(a.plan, b.plan)]
    return [s for s in found if s]


def _percent(a: float, b: float) -> str:
    if abs(a) < 1e-9:
        return ""
    share = 100 * (b - a) / abs(a)
    if abs(share) >= 1000:  # beside so small a base a percentage says nothing; up to a thousandfold a factor does
        return f" ({number(b / a)} times as much)" if a * b > 0 and b / a < 1000 else ""
    return f" ({share:+.1f} %)" if abs(share) >= 0.05 else f" ({share:+.2g} %)"


def _result(a: Plan, b: Plan) -> str:
    """The objective that the first plan sought, and whether the difference is more than the search left open."""
    name = a.objective_name
    x, y = a.objectives.get(name), b.objectives.get(name)
    if x is None or y is None:
        return ""
    unit = OBJECTIVE_UNITS.get(name, a.objective_unit)
    if abs(x - y) <= 1e-9 * max(1.0, abs(x)):
        return f"{name} is the same, {_amount(x, unit)}.{_requests(a, b)}"
    better = (y > x) == (a.objective_sense == "maximize")
    text = (
        f"{name} goes from {_amount(x, unit)} to {_amount(y, unit)}{_percent(x, y)}, {'better' if better else 'worse'}"
    )
    if name == b.objective_name:
        open_ = sum(p.gap_absolute or 0.0 for p in (a, b))
        unproven = [p for p in (a, b) if p.bound is None]
        if unproven:
            text += "; no bound says how much of that is the search's doing"
        elif abs(x - y) <= open_:
            text += f"; that is inside the gaps of the two searches ({_amount(open_, unit)} together)"
    else:
        text += f" (the second plan sought {b.objective_name})"
    return f"{text}.{_requests(a, b)}"


def _amount(value: float, unit: str) -> str:
    return money(value) if unit == "MUSD" else f"{big(value)} {unit}"


def _requests(a: Plan, b: Plan) -> str:
    """Two plans of one request, or of two."""
    x, y = (p.provenance.get("request_sha256") for p in (a, b))
    if x is None or y is None:
        return ""
    if x != y:
        return " The two plans answer different requests."
    return " A study changed the request's deals." if a.provenance.get("study") != b.provenance.get("study") else ""


def _capacity(a: Plan, b: Plan) -> str:
    """The last period that both plans have, and the period in which most has changed hands."""
    found = moved.moves(a, b, moved.vendors)
    end = moved.last(found)
    if not end.month:
        return "the plans have no period in common."
    before = sum(moved.vendors(a)[end.month].values())
    after = sum(moved.vendors(b)[end.month].values())
    text = f"in {end.month} {number(after)} MW of IT instead of {number(before)}"
    if end.change:
        text += f": {moved.words(end)}"
    most = moved.peak(found)
    if most.moved_mw > end.moved_mw + 0.5:
        text += f"; most moves between vendors in {most.month}: {moved.words(most)}"
    return f"{text}."


def _names(names: list[str]) -> str:
    rest = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {rest} more" if rest > 0 else "")


def _places(a: Plan, b: Plan) -> str:
    """Which sites gain and lose at the end."""
    end = moved.last(moved.moves(a, b, moved.sites))
    if not end.change:
        return ""
    rows = end.ranked()
    gains = [f"{s} {moved.mw(x)}" for s, x in rows if x > 0]
    losses = [f"{s} {moved.mw(x)}" for s, x in rows if x < 0]
    return f"MW by site in {end.month}: {'; '.join(_names(x) for x in (gains, losses) if x)}."


def _sites(a: Plan, b: Plan) -> str:
    """Openings: new, gone, earlier, later."""
    sites = sorted({s.id for p in (a, b) for s in p.sites if s.opened})
    new, gone, moves = [], [], []
    for s in sites:
        x, y = opening_month(a, s), opening_month(b, s)
        if x == y:
            continue
        if x is None:
            new.append(f"{s} ({y})")
        elif y is None:
            gone.append(s)
        elif OPEN_BEFORE not in (x, y):
            n = months_later(x, y)
            moves.append(f"{s} {abs(n)} month{'s' if abs(n) != 1 else ''} {'later' if n > 0 else 'earlier'}")
    parts = []
    if new:
        parts.append(f"opens {_names(new)}")
    if gone:
        parts.append(f"leaves {_names(gone)} shut")
    if moves:
        parts.append(f"opens {_names(moves)}")
    return f"it {'; '.join(parts)}." if parts else "the same sites open in the same months."


def _money(a: Plan, b: Plan) -> str:
    x, y = views.spending(a), views.spending(b)
    later, then = views.due_after(a), views.due_after(b)
    text = (
        f"spending over the horizon is {money(y)} instead of {money(x)}" if abs(x - y) > 0.5 else "spending is the same"
    )
    if abs(later - then) > 0.5:
        text += f", and {money(then)} instead of {money(later)} falls due after it"
    return f"{text}."


def _deals(a: Plan, b: Plan) -> list[str]:
    """One sentence for each deal whose signing, tranches or money changed."""
    old, new = ({d.id: d for d in p.deals} for p in (a, b))
    found = []
    for id in dict.fromkeys([*old, *new]):
        text = _deal(old.get(id), new.get(id))
        if text:
            found.append(f"deal {id} {text}.")
    return found


def _deal(a: DealResult | None, b: DealResult | None) -> str:
    was, now = a is not None and a.signed, b is not None and b.signed
    if was and not now:
        assert a is not None
        return "is not signed" + (f": {money(a.cash_in_musd)} less comes in" if a.cash_in_musd else "")
    if now and not was:
        assert b is not None
        return "is signed" + (f" and brings {money(b.cash_in_musd)}" if b.cash_in_musd else "")
    if not (a and b and now):
        return ""
    parts = []
    for n, (x, y) in enumerate(zip(a.tranches, b.tranches), 1):
        if x.month != y.month:
            parts.append(f"tranche {n} {y.month or 'not reached'} (was {x.month or 'not reached'})")
    flows = (("brings", a.cash_in_musd, b.cash_in_musd), ("costs", a.cash_out_musd, b.cash_out_musd))
    for word, was_musd, is_musd in flows:
        if abs(was_musd - is_musd) > 0.5:
            parts.append(f"{word} {money(is_musd)} ({change_text(is_musd - was_musd, 'MUSD')})")
    return ": ".join(["changes", ", ".join(parts)]) if parts else ""
