"""Very large requests: nothing that needs all sites in one program.

1. Prices from the relaxations of samples of sites (:mod:`sample`).
2. Every site's own relaxation at these prices: multipliers of all rows, and with them a bound (:mod:`site_relaxations`).
3. Every site's own whole-number program: a better bound, and openings (:mod:`site_by_site`).
4. Sites in use planned in groups, each with its share of what all must share (:mod:`groups`).
5. Repair of the whole, beginning with the sites where the plan loses most.
"""

from __future__ import annotations

from solvers.strategies.branch_and_bound import to_the_end
from solvers.strategies.common import Found, Search
from solvers.strategies.groups import settle_groups
from solvers.strategies.losses import losses_at_relaxation
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relax_and_repair import relax_and_repair
from solvers.strategies.repair import repair
from solvers.strategies.sample import by_samples
from solvers.strategies.site_by_site import row_sites, site_by_site

SITES_SHARE = 0.45
"""The part of the time left for the sites' own programs. They give half of what is known of the gap, and openings: groups whose
openings are not held end three times as far from the bound."""


def decomposed(search: Search) -> Found:
    """See the module. Where a sample or the groups have no answer, the request is relaxed as a whole."""
    search.tell_phase("pricing by samples of sites")
    owner = row_sites(search.form, search.task.site)
    sampled = by_samples(search, owner)
    if sampled is None:
        return relax_and_repair(search)
    relaxed = sampled.relaxed
    search.tell_phase("bounding site by site")
    plans = site_by_site(search, relaxed, SITES_SHARE)
    search.tell_phase("planning groups of sites")
    planned = settle_groups(search, owner, relaxed, plans, sampled.milestones)
    columns = milestone_columns(search)
    if not planned and not search.over and len(columns):
        planned = settle_groups(search, owner, relaxed, plans, lambda: search.form.lower[columns])
    if not planned and not search.over:
        return relax_and_repair(search)
    if not search.over:
        search.tell_phase("repairing")
        losses = losses_at_relaxation(search, relaxed.row_dual, plans)  # milestones of the sample are near enough
        repair(search, relaxed, losses, lambda: not search.over)
    return search.found() if search.over else to_the_end(search, plans)
