"""``--from PLAN``: how much of an earlier plan this request knows, told where that is little."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.plan import Order, Plan
from planner.problem.problem import Problem
from planner.timeline import Timeline


def tell_misfits(earlier: Plan, problem: Problem, say: Callable[[str], None]) -> None:
    """One line where the search cannot begin from the earlier plan, or only from a part of it."""
    known = "of this request's sites, blocks and months"
    total, fitting = len(earlier.orders), _fitting(earlier.orders, problem)
    if total == 0:
        say("note: the plan of --from orders nothing; the search begins afresh")
    elif fitting == 0:
        say(f"note: nothing of the plan of --from fits: none of its orders is {known}; the search begins afresh")
    elif fitting < total:
        say(f"note: {fitting} of {total} orders of the plan of --from are {known}")


def _fitting(orders: Sequence[Order], problem: Problem) -> int:
    sites, blocks = {s.id for s in problem.sites}, {b.id for b in problem.blocks}
    timeline = Timeline(problem.horizon)

    def inside(month: str) -> bool:
        try:
            return 0 <= timeline.contains(month) < timeline.P
        except ValueError:
            return False

    return sum(o.site in sites and o.block in blocks and inside(o.month) for o in orders)
