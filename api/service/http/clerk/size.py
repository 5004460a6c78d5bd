"""How large a request's mathematics will be at most, counted before anything is built."""

from __future__ import annotations

from planner.problem.deals import Lease
from planner.problem.problem import Problem, allowed
from planner.timeline import Timeline


def most_variables(problem: Problem) -> int:
    """An upper estimate: one variable per period in which a block can be ordered at a site, owned or on each lease (twice
    more where it may retire early), openings, shell and its steps per site and period, and markets served."""
    time = Timeline(problem.horizon)
    leases = sum(isinstance(deal, Lease) for deal in problem.deals)
    markets = len(problem.markets)
    count = 0
    windows = [
        (block, max(0, time.starts(block.available_from)), time.P - 1 - time.up(block.lead_months))
        for block in problem.blocks
    ]
    for site in problem.sites:
        if site.status == "excluded":
            continue
        opens = 0 if site.status == "committed" else max(0, time.starts(site.available_from))
        for block, first, last in windows:
            periods = last - max(first, opens) + 1
            if periods > 0 and allowed(block, site):
                count += periods * (1 + leases) + (2 * time.P if block.early_retirement else 0)
        count += (3 + leases + markets) * max(0, time.P - opens)
    return count
