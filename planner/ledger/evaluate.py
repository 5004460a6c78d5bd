"""A planner's own plan of record, scored with the same arithmetic as a searched one."""

from __future__ import annotations

from collections.abc import Iterable

from planner.ground import Ground
from planner.ledger.complete import complete
from planner.ledger.implied import implied_signed
from planner.ledger.objectives import objective_value
from planner.plan import Assumption, Decisions, Plan, Stage, Status
from planner.problem.objective import ObjectiveName
from planner.problem.problem import Problem

UNITS: dict[ObjectiveName, str] = {
    "compute": "PFLOPS-years",
    "value": "MUSD",
    "cost": "MUSD",
    "net_cost": "MUSD",
    "carbon": "tonnes CO2",
}
"""The unit of each objective."""


def evaluate(
    problem: Problem,
    ground: Ground,
    decisions: Decisions,
    assumptions: Iterable[Assumption] = (),
    warnings: Iterable[str] = (),
) -> Plan:
    """A plan around given decisions: no search was made, so there is no bound and no gap.

    ``status`` has no word for 'never searched'; ``cancelled`` with a bound of ``None`` is the one of M8.2 that claims
    nothing, and ``provenance.origin`` says ``plan of record``. Where no deal is said to be signed, those that are not
    optional are. The check is left to the caller.
    """
    decisions = decisions.model_copy(update={"signed": implied_signed(problem, decisions)})
    fields = complete(problem, ground, decisions)
    first = problem.objectives[0]
    stages = [
        Stage(
            name=stage.name,
            sense=stage.sense,
            value=objective_value(stage.name, fields),
            bound=None,
            gap=None,
            tolerance=stage.tolerance,
            stopped="cancelled",
        )
        for stage in problem.objectives
    ]
    return Plan(
        name=problem.name,
        status=Status(stopped="cancelled", holds="plan"),
        objective_name=first.name,
        objective_sense=first.sense,
        objective_unit=UNITS[first.name],
        objective=stages[0].value,
        bound=None,
        gap=None,
        gap_absolute=None,
        bound_source="none: a plan of record, not searched",
        stages=stages,
        assumptions=list(assumptions),
        warnings=list(warnings),
        provenance={"origin": "plan of record"},
        **dict(decisions),
        **fields,
    )
