"""The plan's words: every site's main limit from a closed vocabulary, bindings in periods of the horizon (M8.6)."""

from __future__ import annotations

from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "report"
OPEN_ONLY = frozenset({"demand_met"})
SHUT_ONLY = frozenset({"excluded", "no_power", "no_land", "not_needed"})
EITHER = frozenset(
    {
        "power",
        "land",
        "shell",
        "pace",
        "resources",
        "max_per_site",
        "supply",
        "policy",
        "budget",
        "none",
        "not_allowed",
        "not_available",
    }
)


def check(world: World, found: Findings) -> None:
    """A main limit is a known word that fits the site's state; a held plan clashes with nothing."""
    plan, state = world.plan, {site.id: site for site in world.sites}
    for row in plan.sites:
        found.checked += 1
        allowed = EITHER | (OPEN_ONLY if row.opened else SHUT_ONLY)
        site = state.get(row.id)
        excluded = site is not None and site.status == "excluded"
        if row.main_limit not in allowed or excluded != (row.main_limit == "excluded"):
            words = "excluded" if excluded else ", ".join(sorted(allowed - {"excluded"}))
            say = f"main_limit of {row.id} is {row.main_limit!r}; it can be {words}"
            found.add("M8.6", FAMILY, row.id, None, say)
    for binding in plan.bindings:
        for month in binding.months:
            found.checked += 1
            if month not in world.months:
                say = f"bindings: {binding.family} {binding.subject} in {month!r}, which is no period of the horizon"
                found.add("M8.6", FAMILY, binding.subject, month, say)
    found.checked += 1
    if plan.clashes:
        say = f"clashes: {len(plan.clashes)} are listed, but a plan is held"
        found.add("M8.2", FAMILY, "clashes", None, say)
