"""Revenue against obligations by calendar year, those after the horizon included (M5.18). MUSD, nominal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from planner.verify.dates import known
from planner.verify.findings import Findings
from planner.verify.lines import KIND
from planner.verify.money import Money
from planner.verify.world import World

FAMILY = "years"
COLUMNS = ("revenue_musd", "capex_musd", "opex_musd", "lease_musd", "repayments_musd")
TINY = 1e-9


def by_year(world: World, money: Money) -> dict[int, dict[str, float]]:
    """Every year of the horizon and every later one in which something falls due; a period counts where it begins."""

    def begins(period: int) -> int:
        return known(world.calendar.label(period)) // 12

    years: dict[int, dict[str, float]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0.0))
    for p in range(world.periods):
        year = years[begins(p)]
        for line in KIND:
            for column in _columns(line):
                year[column] += float(money.total(line)[p])
    for (p, line), musd in money.after.items():
        if abs(musd) > TINY:
            for column in _columns(line):
                years[begins(p)][column] += musd
    return dict(years)


def _columns(line: str) -> Iterable[str]:
    """Where a line counts."""
    if KIND[line] != "income":
        yield f"{KIND[line]}_musd"
    if line in {"lease", "repayments"}:
        yield f"{line}_musd"
    if line in {"revenue", "offtake"}:
        yield "revenue_musd"


def unstated(world: World) -> bool:
    """A plan of the older form, of a request without deals, states none of these tables."""
    plan = world.plan
    return not (world.problem.deals or plan.years or plan.concentration or plan.tariff_exposure)


def check(world: World, money: Money, found: Findings) -> None:
    """The years are all there, rising, and so is what came in and fell due in each."""
    if unstated(world):
        return
    true, rows = by_year(world, money), world.plan.years
    found.checked += 1
    if [row.year for row in rows] != sorted(true):
        say = f"years: {[row.year for row in rows]} are stated; wanted {sorted(true)}"
        found.add("M5.18", FAMILY, "years", None, say)
        return
    for row in rows:
        subject, figures = str(row.year), true[row.year]
        owed = figures["capex_musd"] + figures["opex_musd"]
        cover = figures["revenue_musd"] / owed if owed else None
        for name, value in (*figures.items(), ("obligations_musd", owed), ("cover", cover)):
            found.figure("M5.18", FAMILY, subject, None, f"{row.year}: {name}", getattr(row, name), value)
