"""The board's figures about money: peak funding, what is committed and what can still be stopped."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from api.outputs.html.subject import Subject
from planner.ground import Ground, LandStep, SiteGround
from planner.plan import INCOME_LINES, Decisions, Plan
from planner.problem.problem import Problem
from planner.problem.schedule import month_number
from sites.distances import to_markets

FIRST_MONTHS = 12
"""Decisions of the first year are what is to be signed now; all later ones can still be stopped or changed."""


@dataclass(frozen=True)
class Funding:
    """The largest sum that spending has run ahead of income by, and when. Million US dollars, nominal."""

    musd: float
    month: str


def by_month(subject: Subject, kinds: tuple[str, ...], lines: tuple[str, ...] | None = None) -> list[float]:
    """Cash of these kinds (and lines) in every period."""
    found = dict.fromkeys(subject.months, 0.0)
    for row in subject.plan.cash:
        if row.kind in kinds and (lines is None or row.line in lines):
            found[row.month] = found.get(row.month, 0.0) + row.musd
    return list(found.values())


def spending(subject: Subject) -> list[float]:
    """Capex and opex in every period."""
    return by_month(subject, ("capex", "opex"))


def counted_income(subject: Subject) -> list[float]:
    """Income that the budget's account counts (M4.1); without a budget, all income."""
    counted = {b.month: b.income_musd for b in subject.plan.balances}
    every = by_month(subject, ("income",), INCOME_LINES)
    return [counted.get(month, income) for month, income in zip(subject.months, every, strict=True)]


def peak(subject: Subject, income: list[float]) -> Funding | None:
    """The most that all spending so far exceeds all income so far; None where it never does."""
    behind = list(accumulate(s - i for s, i in zip(spending(subject), income, strict=True)))
    most = max(behind, default=0.0)
    return Funding(most, subject.months[behind.index(most)]) if most > 0.005 else None


@dataclass(frozen=True)
class Committed:
    """Spending by period, split by when it is decided; the three add up to the plan's. Million US dollars, nominal."""

    standing: list[float]
    """What falls due although nothing at all is decided any more: existing units, open sites, signed deals."""
    first_year: list[float]
    later: list[float]
    after_standing: float
    """Of what falls due after the horizon: from decisions up to the end of the first year, and from later ones."""
    after_later: float
    """The rest; below zero where later decisions save what a deal would cost otherwise."""

    @property
    def firm_musd(self) -> float:
        """What cannot be stopped once the first year is signed."""
        return sum(self.standing) + sum(self.first_year)

    @property
    def reversible_musd(self) -> float:
        """What depends on decisions that come later."""
        return sum(self.later)


def committed(subject: Subject) -> Committed | None:
    """Each period's spending by when it is decided; None without the request, whose prices and terms it takes.

    The plan's decisions up to a date are put through the same ledger: what is due then is due in any case, shortfall
    payments and take-or-pay minimums among it.
    """
    if subject.bundle is None:
        return None
    start = month_number(subject.bundle.problem.horizon.start)
    nothing, first = (_spent_when(subject, start + months) for months in (0, FIRST_MONTHS))
    whole = spending(subject)
    return Committed(
        standing=nothing[0],
        first_year=[a - b for a, b in zip(first[0], nothing[0], strict=True)],
        later=[a - b for a, b in zip(whole, first[0], strict=True)],
        after_standing=first[1],
        after_later=sum(a.musd for a in subject.plan.after_horizon if a.line != "date") - first[1],
    )


def _spent_when(subject: Subject, before: int) -> tuple[list[float], float]:
    """Spending by period, and what is due after the horizon, if nothing is decided from this month number on."""
    from planner.ledger.complete import complete

    assert subject.bundle is not None
    fields = complete(
        subject.bundle.problem, ground_of(subject.bundle.problem, subject.plan), _until(subject.plan, before)
    )
    found = dict.fromkeys(subject.months, 0.0)
    for row in fields["cash"]:
        if row.kind != "income":
            found[row.month] += row.musd
    return list(found.values()), sum(a.musd for a in fields["after_horizon"] if a.line != "date")


def _until(plan: Plan, before: int) -> Decisions:
    """The decisions taken before a month. Deals stay signed: they are signed at the start."""
    made = plan.decisions()
    dated = ("openings", "orders", "shells", "retirements", "idle", "draws", "sales", "served")
    kept = {name: [row for row in getattr(made, name) if month_number(row.month) < before] for name in dated}
    return made.model_copy(update=kept)


def ground_of(problem: Problem, plan: Plan) -> Ground:
    """The ground that a plan states for its sites, and their kilometres to the request's markets."""
    lon, lat = np.array([s.lon for s in plan.sites]), np.array([s.lat for s in plan.sites])
    return Ground(
        markets=to_markets([s.id for s in plan.sites], lon, lat, problem.markets),
        sites=tuple(
            SiteGround(
                site=s.id,
                lon=s.lon,
                lat=s.lat,
                parcel_ha=s.parcel_ha,
                buildable_ha=s.buildable_ha,
                steps=tuple(LandStep(layer=str(step["layer"]), ha=float(step["ha"])) for step in s.land),
            )
            for s in plan.sites
        ),
    )
