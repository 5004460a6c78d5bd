"""Revenue against obligations by calendar year, those after the horizon included (M5.18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from planner.ledger.money import LINES, Money
from planner.plan import KIND_OF_LINE, AfterHorizon, YearMoney

EARNED = ("revenue", "offtake")


def years(book: Money, later: Iterable[AfterHorizon]) -> list[YearMoney]:
    """Every year of the horizon and every later one in which anything falls due. A period counts in its first month's."""
    sums: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for month, line, musd in _due(book, later):
        year = sums[int(month[:4])]
        kind = "earned" if line in EARNED else KIND_OF_LINE[line]
        year[kind] += musd
        if kind == "opex":
            year[line] += musd
    return [_row(year, sums[year]) for year in sorted(sums)]


def _due(book: Money, later: Iterable[AfterHorizon]) -> Iterator[tuple[str, str, float]]:
    """``(month, line, MUSD)``, every period of the horizon with every line."""
    for line in LINES:
        yield from zip(book.figures.timeline.months, [line] * book.figures.P, book.line(line).tolist())
    for row in later:
        if row.line != "date":
            yield row.month, row.line, row.musd


def _row(year: int, sums: dict[str, float]) -> YearMoney:
    due = sums["capex"] + sums["opex"]
    return YearMoney(
        year=year,
        revenue_musd=sums["earned"],
        capex_musd=sums["capex"],
        opex_musd=sums["opex"],
        lease_musd=sums["lease"],
        repayments_musd=sums["repayments"],
        obligations_musd=due,
        cover=sums["earned"] / due if due else None,
    )
