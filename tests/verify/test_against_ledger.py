"""The check and the ledger are written apart; on random decisions every figure must agree."""

from __future__ import annotations

from collections import Counter

from planner.ground import Ground
from planner.ledger import complete
from planner.plan import Decisions, Plan, Status
from planner.problem.problem import Problem
from planner.verify import verify
from tests.verify.random_worlds import random_world
from tests.verify.worlds import FIGURES

WORLDS = 200


def completed(problem: Problem, ground: Ground, decisions: Decisions) -> Plan:
    """A plan of record: decisions, and the ledger's figures for them."""
    figures = complete(problem, ground, decisions)
    goal = problem.objectives[0]
    unit = {"compute": "PFLOPS-years", "carbon": "tonnes"}.get(goal.name, "MUSD")
    return Plan(
        name=problem.name,
        status=Status(stopped="cancelled", holds="plan"),
        objective_name=goal.name,
        objective_sense=goal.sense,
        objective_unit=unit,
        objective=figures["objectives"][goal.name],
        bound=None,
        gap=None,
        gap_absolute=None,
        **dict(decisions),
        **figures,
    )


def test_figures_agree() -> None:
    """M8.3: no figure of the ledger is questioned by the check, where units can retire and idle as decided."""
    compared = 0
    families: Counter[str] = Counter()
    for seed in range(WORLDS):
        problem, ground, decisions = random_world(seed)
        check = verify(problem, ground, completed(problem, ground, decisions))
        families.update({v.family for v in check.violations})
        if any(
            v.rule == "M2.7" or (v.rule == "M2.8" and "existing units online" in v.message) for v in check.violations
        ):
            continue  # more leave or idle than there are: the ledger stops at what there is
        wrong = [v.message for v in check.violations if v.family in FIGURES or v.subject == "balances"]
        assert not wrong, f"seed {seed}: " + "; ".join(wrong[:5])
        compared += 1
    assert compared > WORLDS / 2
    assert {"power", "land", "shell", "pace", "supply", "budget", "demand", "markets", "orders"} <= set(families)
