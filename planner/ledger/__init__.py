"""The ledger: from decisions to a complete plan, every dollar, megawatt and hectare of it.

``complete`` derives all figures of a plan from its decisions and the request; ``evaluate`` wraps it around a planner's
own plan of record. The check (:mod:`planner.verify`) recomputes the same figures by itself and shares nothing
with this.
"""

from planner.ledger.complete import complete
from planner.ledger.evaluate import evaluate
from planner.ledger.limits import MAIN_LIMITS
from planner.ledger.objectives import objective_value

__all__ = ["MAIN_LIMITS", "complete", "evaluate", "objective_value"]
