"""What deals must leave alone: the model of a request without them; and the two books, which must agree on every plan."""

from __future__ import annotations

import random

import numpy as np
import pytest

from planner.ground import Ground
from planner.ledger import complete
from planner.ledger.implied import implied_shells
from planner.model import constraints
from planner.plan import Decisions, Plan, Status
from planner.problem.problem import Problem
from planner.verify import verify
from solvers.engines.form import Form
from tests.model.brute_deals import plans, size
from tests.model.tiny import draw as draw_without
from tests.model.tiny_deals import draw
from tests.verify.worlds import FIGURES, problem
from tests.verify.worlds import ground as flat
from tests.worlds import program

OF_DEALS = {
    *("signs", "reached", "progress", "commitment_missing", "leased", "leased_shell", "lease_mw"),
    *("partner_site", "partner_opens", "sold", "offtake_missing", "drawn", "covered_capex"),
}


def form_of(problem: Problem, ground: Ground) -> tuple[set[str], Form]:
    """Names of the model's components, and its first stage as the solver gets it."""
    _, m, task, _ = program(problem, ground)
    return {c.local_name for c in m.component_objects()}, task.stage_form(0)


def identical(a: Form, b: Form) -> bool:
    """The same columns, rows, coefficients, bounds and costs, in the same order."""
    first, second = a.A.tocsc(), b.A.tocsc()
    arrays = [
        (x.indptr, x.indices, x.data, f.cost, f.lower, f.upper, f.row_lower, f.row_upper, np.asarray(f.whole))
        for x, f in ((first, a), (second, b))
    ]
    return first.shape == second.shape and all(np.array_equal(x, y) for x, y in zip(*arrays))


@pytest.mark.parametrize("seed", range(9400, 9412))
def test_without_deals_the_families_of_deals_write_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same columns, rows and coefficients as if the families did not exist."""
    problem, ground = draw_without(seed)
    names, with_families = form_of(problem, ground)
    assert not names & OF_DEALS
    others = tuple(f for f in constraints.FAMILIES if f not in constraints.DEALS)
    assert len(others) < len(constraints.FAMILIES)
    monkeypatch.setattr("planner.model.build.FAMILIES", others)
    fewer, without_families = form_of(problem, ground)
    assert names == fewer
    assert identical(with_families, without_families)


def test_a_deal_out_of_reach_adds_next_to_nothing() -> None:
    """A mark beyond the grid, a lease and a customer of sites that hold nothing: no binary, no lease, no sale is written."""
    plain = problem(sites=[{}, {"id": "dry", "grid_mw": 0.0}], budget={"per_year_musd": 100})
    nowhere = {"sites": ["dry"]}
    deals = [
        {"id": "far", "kind": "equity_tranches", "tranches": [{"at": 1000, "musd": 5}]},
        {"id": "rented", "kind": "lease", "musd_per_mw_year": 1, "filter": nowhere},
        {"id": "customer", "kind": "offtake", "musd_per_mw_year": 1, "filter": nowhere},
    ]
    budget = {"per_year_musd": 100, "after_horizon_limit_musd": 1000.0}
    with_deals = Problem.model_validate(plain.model_dump(by_alias=True) | {"deals": deals, "budget": budget})
    without = Problem.model_validate(plain.model_dump(by_alias=True) | {"budget": budget})
    (_, a), (_, b) = (form_of(x, flat(x)) for x in (with_deals, without))
    assert a.A.shape == b.A.shape
    assert int(np.sum(a.whole)) == int(np.sum(b.whole))


def recorded(problem: Problem, ground: Ground, decisions: Decisions) -> Plan:
    """A plan of record with the ledger's figures."""
    figures = complete(problem, ground, decisions)
    goal = problem.objectives[0]
    return Plan(
        name=problem.name,
        status=Status(stopped="cancelled", holds="plan"),
        objective_name=goal.name,
        objective_sense=goal.sense,
        objective_unit="PFLOPS-years" if goal.name == "compute" else "MUSD",
        objective=figures["objectives"][goal.name],
        bound=None,
        gap=None,
        gap_absolute=None,
        **dict(decisions),
        **figures,
    )


@pytest.mark.parametrize("batch", range(4))
def test_the_books_agree_on_plans_of_tiny_requests(batch: int) -> None:
    """M8.3: cash, objectives and deals of the ledger are what the check makes of the same decisions, good plans or not."""
    compared, dealt = 0, 0
    for seed in range(50_000 + 30 * batch, 50_000 + 30 * (batch + 1)):
        given, ground = draw(seed)
        if size(given, 3000) > 3000:
            continue
        listed = list(plans(given))
        for decisions in random.Random(seed).sample(listed, min(8, len(listed))):
            whole = decisions.model_copy(update={"shells": implied_shells(given, decisions)})
            found = verify(given, ground, recorded(given, ground, whole)).violations
            if any(v.rule in ("M2.7", "M2.8") for v in found):
                continue  # more leave or idle than there are: the ledger stops at what there is
            wrong = [v.message for v in found if v.family in FIGURES or v.subject == "balances"]
            assert not wrong, f"seed {seed}: {wrong[:3]} of {whole}"
            compared += 1
            dealt += bool(whole.draws or whole.sales or any(o.terms != "own" for o in whole.orders))
    assert compared > 80 and dealt > 10
