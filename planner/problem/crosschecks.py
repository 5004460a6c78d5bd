"""Cross-checks: what no single field can tell. Adding one is a function and its line below.

A check looks at the :class:`~planner.problem.checks.scope.Scope` and yields faults; none stops the others, so that a
reader gets them all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from planner.errors import Fault
from planner.problem import deal_magnitudes, magnitudes
from planner.problem.checks import (
    amounts,
    blocks,
    deal_money,
    deal_reach,
    deals,
    money,
    names,
    policies,
    references,
    schedules,
    sites,
)
from planner.problem.checks.scope import Scope
from planner.problem.request import Request
from planner.problem.site import Site

if TYPE_CHECKING:
    from planner.ground import Ground

Check = Callable[[Scope], Iterator[Fault]]

REQUEST_CHECKS: tuple[Check, ...] = (
    names.request_names,
    names.vendor_names,
    references.block_references,
    references.empty_filters,
    schedules.request_schedules,
    money.discount_rate,
    money.lives,
    money.something_to_serve,
    money.stages,
    money.covered,
    blocks.never_online,
    blocks.supply_enough,
    blocks.regions_agree,
    blocks.late_payments,
    policies.least_and_most,
    policies.limits_bite_early,
    policies.shares_add_up,
    amounts.one_metric,
    deals.deal_names,
    deals.exclusions,
    deals.tranche_order,
    deals.promise_order,
    deals.hurdles,
    deals.loan_terms,
    deals.offtake_bounds,
    deal_money.endless_leases,
    deal_money.money_without_effect,
    magnitudes.request_magnitudes,
    deal_magnitudes.deal_magnitudes,
)
"""These need the request only."""

SITE_CHECKS: tuple[Check, ...] = (
    sites.some_site,
    names.site_names,
    references.site_references,
    references.place_references,
    references.resource_references,
    schedules.site_schedules,
    sites.existing_at_committed,
    sites.some_power,
    sites.peak_above_mean,
    blocks.finite_limit,
    blocks.fits_somewhere,
    amounts.demand_within_power,
    amounts.markets_within_power,
    amounts.survivable,
    policies.site_counts,
    policies.site_minima,
    policies.site_locks,
    policies.order_locks,
    policies.separated_locks,
    policies.matching_filters,
    deal_reach.coverage,
    deal_reach.promises_within_reach,
    deal_reach.tranches_within_reach,
    deal_reach.offtake_within_reach,
    deal_reach.lease_minimum_used,
)
"""These need the sites and the ground too."""


def of_request(request: Request) -> list[Fault]:
    """Everything wrong or suspicious in the request itself."""
    return _run(REQUEST_CHECKS, Scope(request))


def of_problem(request: Request, sites: Sequence[Site], ground: Ground) -> list[Fault]:
    """Everything wrong or suspicious once the sites are known."""
    return _run(SITE_CHECKS, Scope(request, sites, ground))


def _run(checks: tuple[Check, ...], scope: Scope) -> list[Fault]:
    return [fault for check in checks for fault in check(scope)]
