"""Megawatts that change hands between two plans: by vendor or by site, in the last period and where it is most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.outputs.text import number
from planner.plan import Plan

TINY_MW = 1e-6

Holders = Callable[[Plan], dict[str, dict[str, float]]]


@dataclass(frozen=True)
class Moved:
    """Change of energised IT MW in one period, by vendor or site: after less before; equal ones are left out."""

    month: str
    change: Mapping[str, float]

    @property
    def gained_mw(self) -> float:
        """What those that gain gain, IT MW."""
        return sum((x for x in self.change.values() if x > 0), 0.0)

    @property
    def lost_mw(self) -> float:
        """What those that lose lose, IT MW, positive."""
        return sum((-x for x in self.change.values() if x < 0), 0.0)

    @property
    def moved_mw(self) -> float:
        """IT MW that stand with another holder than before: the smaller of gains and losses."""
        return min(self.gained_mw, self.lost_mw)

    @property
    def added_mw(self) -> float:
        """IT MW more in all (negative: fewer)."""
        return self.gained_mw - self.lost_mw

    def ranked(self) -> list[tuple[str, float]]:
        """The holders, the largest change first."""
        return sorted(self.change.items(), key=lambda item: (-abs(item[1]), item[0]))


def vendors(plan: Plan) -> dict[str, dict[str, float]]:
    """Energised IT MW by month and vendor."""
    return {t.month: t.it_mw_by_vendor for t in plan.totals}


def sites(plan: Plan) -> dict[str, dict[str, float]]:
    """Energised IT MW by month and site."""
    found: dict[str, dict[str, float]] = {t.month: {} for t in plan.totals}
    for s in plan.sites:
        for p in s.periods:
            found[p.month][s.id] = p.it_mw
    return found


def moves(before: Plan, after: Plan, holders: Holders) -> list[Moved]:
    """The change in every period that both plans have, in order of time."""
    old, new = holders(before), holders(after)
    found = []
    for month in sorted(old.keys() & new.keys()):
        a, b = old[month], new[month]
        change = {k: b.get(k, 0.0) - a.get(k, 0.0) for k in sorted(a.keys() | b.keys())}
        found.append(Moved(month, {k: x for k, x in change.items() if abs(x) > TINY_MW}))
    return found


def last(found: Sequence[Moved]) -> Moved:
    """The last period's change."""
    return found[-1] if found else Moved("", {})


def peak(found: Sequence[Moved]) -> Moved:
    """The first period in which most stands elsewhere; where nothing moves, the one in which most is added or lost."""
    return max(found, key=lambda m: (m.moved_mw, abs(m.added_mw)), default=Moved("", {}))


def plain(value: float) -> str:
    """Megawatts without a sign."""
    return number(abs(value), 0 if abs(value) >= 10 else 1)


def mw(value: float) -> str:
    """Megawatts with a sign."""
    text = plain(value)
    return text if text in {"0", "0.0"} else ("+" if value > 0 else "-") + text


def words(moved: Moved, most: int = 3) -> str:
    """``amd +300, nvidia -250 MW``; the largest changes by name, the others together."""
    if not moved.change:
        return "none"
    rows = moved.ranked()
    parts = [f"{name} {mw(x)}" for name, x in rows[:most]]
    rest = rows[most:]
    if rest:
        parts.append(f"{len(rest)} more {mw(sum(x for _, x in rest))}")
    return ", ".join(parts) + " MW"
