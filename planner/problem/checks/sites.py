"""Status and existing units of sites (M3.2, M3.3)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.checks.scope import Scope, error, warning


def existing_at_committed(scope: Scope) -> Iterator[Fault]:
    """M3.3: existing units stand at committed sites only."""
    for site in scope.sites:
        if site.existing and site.status != "committed":
            yield error(
                scope.at(site, "existing"),
                f"{site.id} has existing units but its status is {site.status}",
                "write status: committed",
            )


def some_site(scope: Scope) -> Iterator[Fault]:
    """At least one site is not excluded."""
    if not any(s.status != "excluded" for s in scope.sites):
        what = "every site is excluded" if scope.sites else "there is no site"
        yield error(("sites",), f"{what}: nothing can be planned")


def some_power(scope: Scope) -> Iterator[Fault]:
    """A site whose grid is 0 throughout can take nothing that draws power."""
    for site in scope.sites:
        first = scope.usable_from(site)
        if site.status != "excluded" and first < scope.periods and max(scope.values(site.grid_mw)[first:]) <= 0:
            yield warning(scope.at(site, "grid_mw"), f"{site.id} has no grid power inside the horizon ({scope.span})")


def peak_above_mean(scope: Scope) -> Iterator[Fault]:
    """The peak PUE is not below its annual mean."""
    for site in scope.sites:
        if site.pue_peak is None:
            continue
        pairs = zip(scope.values(site.pue), scope.values(site.pue_peak), strict=True)
        low = next(((mean, peak) for mean, peak in pairs if peak < mean), None)
        if low:
            message = f"{site.id}: peak PUE {low[1]:g} is below the annual mean {low[0]:g}"
            yield warning(scope.at(site, "pue_peak"), message)
