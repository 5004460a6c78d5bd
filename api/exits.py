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
"""128 + SIGINT, as shells write it. SIGTERM before the search ends the program the plain way, which they write as 143."""

TEXT = (
    "Exit codes: 0 a plan, or all limits hold; 1 verify or evaluate found a broken limit, or something failed; "
    "2 bad request or usage; 3 infeasible; 4 a limit was reached without a plan; "
    "78 serve cannot run with its settings; 130 interrupted (Ctrl-C), 143 terminated, with nothing to keep. "
    "Whether anybody reads the output to its end changes none of them."
)


def of_plan(plan: Plan) -> int:
    """The exit code of a finished search."""
    if plan.status.holds == "plan":
        return OK
    return {"infeasible": INFEASIBLE, "time_limit": NO_PLAN_YET, "cancelled": NO_PLAN_YET}.get(
        plan.status.stopped, FAILED
    )
