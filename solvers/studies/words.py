"""Rows of the program in the request's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planner.model.data import ModelData
from planner.plan import Clash
from planner.problem.policies import Lock

FAMILY_OF_ROW = {
    "power": "power",
    "land": "land",
    "shell_holds": "shell",
    "pace": "pace",
    "resources": "resources",
    "supply": "supply",
    "supply_pool": "supply",
    "demand": "demand",
    "demand_single": "demand",
    "one_holder": "demand",
    "markets": "markets",
    "budget": "budget",
    "after_horizon": "budget",
    "limit_min": "policies",
    "limit_max": "policies",
    "share_min": "policies",
    "share_max": "policies",
    "site_count": "policies",
    "site_minimum": "policies",
    "lock": "policies",
    "separation": "policies",
    "zone": "policies",
    "survive": "policies",
    "market_capacity": "markets",
    "at_least": "openings",
}
"""Rows that a person could relax; bookkeeping rows (cumulative orders, open sites) are not among them."""


@dataclass(frozen=True)
class Words:
    """One row: who it is about, when, its unit, its stated limit, and a sentence about missing ``{amount}``."""

    family: str
    subject: str
    month: str | None
    unit: str
    sentence: str

    @property
    def key(self) -> tuple[str, str]:
        """Rows with the same key differ only by month."""
        return self.family, self.subject

    def clash(self, amount: float) -> Clash:
        """The clash that so much slack tells of."""
        text = self.sentence.format(amount=f"{amount:,.6g}", when=f" in {self.month}" if self.month else "")
        return Clash(
            family=self.family, subject=self.subject, month=self.month, amount=amount, unit=self.unit, message=text
        )


def describe(d: ModelData, name: str, index: Any) -> Words:
    """The words for one row of the model."""
    i = index if isinstance(index, tuple) else (index,)
    family = FAMILY_OF_ROW[name]
    if name in ("power", "land", "shell_holds", "pace"):
        return _at_site(d, name, int(i[0]), int(i[1]))
    if name == "resources":
        s, r, p = i
        limit = d.time.value(d.sites[s].resources[r], p)
        text = f"{d.sites[s].id} would need {{amount}} more {r}{{when}} than the {limit:,.6g} it states"
        return Words(family, f"{d.sites[s].id} {r}", d.time.month(p), r, text)
    if name == "supply":
        block = d.blocks[i[0]]
        limit = d.time.value(block.supply or 0.0, int(i[1]))
        text = f"supply of {block.id} would have to be {{amount}} units more{{when}} than the {limit:,.6g} stated"
        return Words(family, block.id, d.time.month(int(i[1])), "units", text)
    if name == "supply_pool":
        pool = d.problem.supply_pools[i[0]]
        limit = d.time.value(pool.amount, int(i[1]))
        text = f"supply pool {pool.id} would have to be {{amount}} {pool.metric} more{{when}} than {limit:,.6g}"
        return Words(family, pool.id, d.time.month(int(i[1])), pool.metric, text)
    if name == "one_holder":
        x = d.problem.demand[i[0]]
        return Words(
            family, x.id, None, "holders", f"no single site or vendor may hold demand {x.id} ({{amount}} missing)"
        )
    if name in ("demand", "demand_single"):
        x = d.problem.demand[i[0]]
        p = int(i[-1])
        text = f"demand {x.id} asks {x.amount:,.6g} {x.metric} by {x.by}; {{amount}} {x.metric} of it cannot be met{{when}}"
        return Words(family, x.id, d.time.month(p), x.metric, text)
    if name == "markets":
        market = d.problem.markets[i[0]]
        amount = d.time.value(market.amount, int(i[1]))
        text = f"market {market.id} asks {amount:,.6g} {market.metric}; {{amount}} of it cannot be served{{when}}"
        return Words(family, market.id, d.time.month(int(i[1])), market.metric, text)
    if name == "market_capacity":
        site = d.sites[i[0]].id
        return Words(
            family, site, d.time.month(int(i[1])), "", f"{site} would serve {{amount}} more than it runs{{when}}"
        )
    if name == "budget":
        p = int(i[0])
        year = d.time.value(d.problem.budget.per_year_musd, p) if d.problem.budget else 0.0
        text = f"the budget ({year:,.6g} MUSD a year then) is {{amount}} MUSD short{{when}}"
        return Words(family, "budget", d.time.month(p), "MUSD", text)
    if name == "after_horizon":
        limit = (d.problem.budget.after_horizon_limit_musd or 0.0) if d.problem.budget else 0.0
        return Words(
            family, "after_horizon", None, "MUSD", f"{{amount}} MUSD more than {limit:,.6g} falls due after the horizon"
        )
    if name == "at_least":
        site, block = d.sites[i[0]].id, d.blocks[i[1]]
        text = f"{block.id} at {site}: {{amount}} units fewer than min_per_site {block.min_per_site}"
        return Words(family, f"{block.id} at {site}", None, "units", text)
    return _policy(d, name, i)


def _at_site(d: ModelData, name: str, s: int, p: int) -> Words:
    site, month = d.sites[s], d.time.month(p)
    if name == "power":
        text = (
            f"{site.id} would need {{amount}} MW of IT power more{{when}} than its grid gives "
            f"({d.grid_mw[s, p]:,.6g} MW at peak PUE {d.pue_peak[s, p]:.4g})"
        )
        return Words("power", site.id, month, "MW IT", text)
    if name == "land":
        text = f"{site.id} would need {{amount}} ha more{{when}} than its {d.buildable_ha[s]:,.6g} buildable ha"
        return Words("land", site.id, month, "ha", text)
    if name == "shell_holds":
        text = f"{site.id} would need {{amount}} MW of shell more{{when}} than can be finished by then ({site.build_months:g} months)"
        return Words("shell", site.id, month, "MW IT", text)
    text = f"{site.id} would have to start {{amount}} MW of shell a year more than its pace of {site.pace_mw_per_year:,.6g}{{when}}"
    return Words("pace", site.id, month, "MW IT", text)


def _policy(d: ModelData, name: str, i: tuple[Any, ...]) -> Words:
    policy = d.problem.policies[i[0]]
    label = policy.id or f"{policy.kind} (policies[{i[0]}])"
    month = d.time.month(int(i[-1])) if name not in ("site_count", "site_minimum", "lock", "separation") else None
    unit = getattr(policy, "metric", "MW" if name in ("zone", "site_minimum") else "sites")
    side = {"limit_min": "min", "limit_max": "max", "share_min": "min", "share_max": "max"}.get(name)
    if name == "site_count":
        side = str(i[1])
    text = f"policy {label} would have to give way by {{amount}} {unit}{{when}}" + (f" on its {side}" if side else "")
    if isinstance(policy, Lock):
        o = policy.order
        what = policy.site if o is None else f"{o.units} x {o.block} at {o.site}"
        text, unit = f"lock of {what} cannot be honoured ({{amount}} missing)", "units"
    if name == "separation":
        text = f"{d.sites[i[1]].id} and {d.sites[i[2]].id} are closer than policy {label} allows"
    return Words("policies", label, month, str(unit), text)
