"""Exit codes of the command line: the one table from outcomes to numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.plan import Plan

OK = 0
FAILED = 1
BAD_REQUEST = 2
INFEASIBLE = 3
NO_PLAN_YET = 4
INTERRUPTED = 130

TEXT = (
    "Exit codes: 0 a plan, or all limits hold; 1 verify or evaluate found a broken limit, or something failed; "
    "2 bad request or usage; 3 infeasible; 4 a limit was reached without a plan."
)


def of_plan(plan: Plan) -> int:
    """The exit code of a finished search."""
    if plan.status.holds == "plan":
        return OK
    return {"infeasible": INFEASIBLE, "time_limit": NO_PLAN_YET, "cancelled": NO_PLAN_YET}.get(
        plan.status.stopped, FAILED
    )
