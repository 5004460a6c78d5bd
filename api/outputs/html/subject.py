"""What a report is about: a plan and, where it is at hand, the request behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from api.outputs.bundle import Bundle
from planner.plan import Plan, SiteResult
from planner.problem.schedule import month_number


@dataclass(frozen=True)
class Subject:
    """A plan, and the bundle with its request: without it what only a request knows (prices, deal terms) is left out."""

    plan: Plan
    bundle: Bundle | None = None

    @cached_property
    def months(self) -> list[str]:
        """The plan's periods by their first months."""
        return [t.month for t in self.plan.totals]

    @cached_property
    def months_per_period(self) -> int | None:
        """1, 3 or 12; None where neither a request nor a second period tells."""
        if self.bundle is not None:
            return self.bundle.problem.horizon.months_per_period
        return month_number(self.months[1]) - month_number(self.months[0]) if len(self.months) > 1 else None

    @property
    def years_per_period(self) -> float | None:
        """L of M1.1."""
        return None if self.months_per_period is None else self.months_per_period / 12

    @property
    def ends(self) -> str:
        """The first month after the horizon; where that is not known, the last period's first month."""
        number = month_number(self.months[-1]) + (self.months_per_period or 0)
        return f"{number // 12:04d}-{number % 12 + 1:02d}"

    @property
    def period_word(self) -> str:
        """``month``, ``quarter``, ``year`` or ``period``."""
        return {1: "month", 3: "quarter", 12: "year"}.get(self.months_per_period or 0, "period")

    @cached_property
    def vendors(self) -> tuple[str, ...]:
        """Vendors in the request's order, then others that the plan names."""
        first = self.bundle.vendors if self.bundle is not None else ()
        return tuple(dict.fromkeys([*first, *(v for t in self.plan.totals for v in t.it_mw_by_vendor)]))

    @cached_property
    def open_sites(self) -> list[SiteResult]:
        """Open sites, the largest first; the report and the map number them in this order."""
        return sorted((s for s in self.plan.sites if s.opened), key=lambda s: (-s.it_mw, s.opening_month or "", s.id))

    @cached_property
    def left_out(self) -> list[SiteResult]:
        """Sites that stay closed, excluded ones last."""
        closed = (s for s in self.plan.sites if not s.opened)
        return sorted(closed, key=lambda s: (s.status == "excluded", s.main_limit, -s.grid_mw, s.id))

    @property
    def has_deals(self) -> bool:
        """True where the plan says something about deals."""
        return bool(self.plan.deals)

    @cached_property
    def site_names(self) -> dict[str, str]:
        """Names for readers by site id."""
        return {s.id: s.name or s.id for s in self.plan.sites}
