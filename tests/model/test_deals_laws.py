"""Laws of deals on random tiny requests: nothing for nothing, better terms never hurt, order means nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.ground import Ground
from planner.plan import Plan
from planner.problem.deals import EquityTranches, Lease, Loan, Offtake, PurchaseCommitment, Warrants
from planner.problem.problem import Problem
from planner.timeline import Timeline
from tests.model.test_laws import scaled, worth
from tests.model.tiny_deals import KINDS, draw
from tests.worlds import answer, near

SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SLACK = 1e-6


def world(seed: int, kinds: tuple[str, ...] = KINDS) -> tuple[Problem, Ground]:
    """A random request that states its limit after the horizon: the default of M4.5 comes and goes with a loan or lease."""
    problem, ground = draw(seed, kinds)
    if problem.budget is not None and problem.budget.after_horizon_limit_musd is None:
        budget = problem.budget.model_copy(update={"after_horizon_limit_musd": 30.0})
        problem = problem.model_copy(update={"budget": budget})
    return problem, ground


def with_deals(problem: Problem, deals: tuple[Any, ...]) -> Problem:
    """The request with other deals, as if it had been read with them; exclusions that name nobody are dropped."""
    ids = {x.id for x in deals}
    listed = [x.model_copy(update={"exclusive_with": tuple(i for i in x.exclusive_with if i in ids)}) for x in deals]
    return problem.model_copy(update={"deals": tuple(listed)})


def same(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= SLACK * max(1.0, abs(a))


def not_worse(after: float, before: float, what: str) -> None:
    assert after >= before - SLACK * max(1.0, abs(before)) or before == -math.inf, f"{what}: {before} became {after}"


WORTHLESS: dict[str, dict[str, Any]] = {
    "equity_tranches": {"tranches": [{"at": 1, "musd": 0}, {"at": 2, "musd": 0}]},
    "unreachable": {"kind": "equity_tranches", "tranches": [{"at": 1e6, "musd": 1e6}]},
    "warrants": {"tranches": [{"at": 1, "shares_million": 5}], "share_price_usd": 90, "haircut": 1, "monetise": 0.5},
    "out of the money": {
        "kind": "warrants",
        "tranches": [{"at": 1, "shares_million": 5}],
        "share_price_usd": 90,
        "exercise_usd": 100,
        "haircut": 0,
    },
    "purchase_commitment": {"commitments": [{"by": "2026-06", "at": 100, "shortfall_musd_per_unit": 0}]},
    "lease": {"musd_per_mw_year": 1e5},
    "loan": {"limit_musd": 0, "rate": 0, "term_years": 9},
    "offtake": {"musd_per_mw_year": 0, "minimum": 5, "shortfall_musd_per_unit_year": 0, "counts_in_value": 0},
}


@pytest.mark.parametrize("name", WORTHLESS)
@pytest.mark.parametrize("optional", [True, False])
@settings(FEW, max_examples=4)
@given(seed=SEEDS)
def test_a_deal_worth_nothing_changes_nothing(name: str, optional: bool, seed: int) -> None:
    """M5.7."""
    problem, ground = world(seed, ("equity_tranches", "lease", "offtake"))
    extra = {"id": "nothing", "kind": name, "optional": optional} | WORTHLESS[name]
    wider = Problem.model_validate(problem.model_dump(by_alias=True) | {"deals": [*problem.deals, extra]})
    assert same(worth(problem, ground), worth(wider, ground))


@FEW
@given(seed=SEEDS)
def test_order_of_deals_means_nothing(seed: int) -> None:
    problem, ground = world(seed)
    assert same(worth(problem, ground), worth(with_deals(problem, problem.deals[::-1]), ground))


@FEW
@given(seed=SEEDS)
def test_exclusion_works_whoever_says_so(seed: int) -> None:
    """M5.9: every exclusion turned round."""
    problem, ground = world(seed)
    turned = tuple(
        x.model_copy(update={"exclusive_with": tuple(y.id for y in problem.deals if x.id in y.exclusive_with)})
        for x in problem.deals
    )
    assume(any(x.exclusive_with for x in problem.deals))
    assert same(worth(problem, ground), worth(problem.model_copy(update={"deals": turned}), ground))


@FEW
@given(seed=SEEDS)
def test_choices_are_never_a_burden(seed: int) -> None:
    """Without any one optional deal the optimum is never better; with a firm one made optional it is never worse."""
    problem, ground = world(seed)
    here = worth(problem, ground)
    for i, x in enumerate(problem.deals):
        rest = problem.deals[:i] + problem.deals[i + 1 :]
        if x.optional:
            not_worse(here, worth(with_deals(problem, rest), ground), f"without {x.id}")
        else:
            free = (*problem.deals[:i], x.model_copy(update={"optional": True}), *problem.deals[i + 1 :])
            not_worse(worth(with_deals(problem, free), ground), here, f"{x.id} optional")


def richer(x: Any) -> Any:
    """The same dates and marks, better money."""
    if isinstance(x, EquityTranches):
        more = tuple(t.model_copy(update={"musd": t.musd * 1.5 + 1}) for t in x.tranches)
        return x.model_copy(update={"tranches": more})
    if isinstance(x, Warrants):
        more_shares = tuple(t.model_copy(update={"shares_million": t.shares_million * 1.5}) for t in x.tranches)
        return x.model_copy(update={"tranches": more_shares})
    if isinstance(x, PurchaseCommitment):
        cheaper = tuple(
            p.model_copy(update={"shortfall_musd_per_unit": scaled(p.shortfall_musd_per_unit, 0.5)})
            for p in x.commitments
        )
        return x.model_copy(update={"commitments": cheaper})
    if isinstance(x, Lease):
        return x.model_copy(update={"musd_per_mw_year": scaled(x.musd_per_mw_year, 0.5)})
    if isinstance(x, Loan):
        return x.model_copy(update={"limit_musd": scaled(x.limit_musd, 2), "rate": x.rate / 2})
    assert isinstance(x, Offtake)
    return x.model_copy(
        update={
            "musd_per_mw_year": scaled(x.musd_per_mw_year, 2),
            "musd_per_pflops_year": scaled(x.musd_per_pflops_year, 2),
        }
    )


def easier(x: Any) -> Any:
    """The same money, less to be done for it. Equity only where sooner is never worse; a warrant's price may rise meanwhile."""
    if isinstance(x, EquityTranches):
        return x.model_copy(
            update={"tranches": tuple(t.model_copy(update={"at": t.at / 2}) for t in x.tranches), "lag_months": 0.0}
        )
    if isinstance(x, PurchaseCommitment):
        return x.model_copy(update={"commitments": tuple(p.model_copy(update={"at": p.at / 2}) for p in x.commitments)})
    if isinstance(x, Lease):
        return x.model_copy(update={"minimum_mw": scaled(x.minimum_mw, 0.5), "own_allowed": True})
    if isinstance(x, Loan):
        return x.model_copy(update={"max_share": None, "lines": None})
    if isinstance(x, Offtake):
        return x.model_copy(update={"minimum": 0.0, "maximum": None})
    return x


@pytest.mark.parametrize("better", [richer, easier])
@pytest.mark.parametrize("kind", KINDS)
@settings(FEW, max_examples=12)
@given(seed=SEEDS)
def test_better_terms_never_hurt(better: Callable[[Any], Any], kind: str, seed: int) -> None:
    """More money or shares, a cheaper lease or loan, lower marks and minimums: never a worse optimum."""
    problem, ground = world(seed, (kind,))
    assume(better is richer or problem.budget is None or problem.budget.carry_over)
    easy = with_deals(problem, tuple(better(x) for x in problem.deals))
    not_worse(worth(easy, ground), worth(problem, ground), better.__name__)


def inflow_is_what_is_stated(problem: Problem, plan: Plan) -> None:
    """No tranche pays twice or more than it states, no loan lends beyond its limit, and cash holds what the deals brought."""
    time = Timeline(problem.horizon)
    for x, result in zip(problem.deals, plan.deals):
        if not result.signed:
            assert (result.cash_in_musd, result.cash_out_musd, result.holding_musd) == (0, 0, 0)
        elif isinstance(x, EquityTranches):
            assert result.cash_in_musd <= sum(t.musd for t in x.tranches) + SLACK
            assert all(one.musd in (0, t.musd) for one, t in zip(result.tranches, x.tranches))
        elif isinstance(x, Warrants):
            price = time.values(x.share_price_usd)
            for one, t in zip(result.tranches, x.tranches):
                if one.month is not None:
                    p = time.months.index(one.month)
                    assert price[p] >= t.price_hurdle_usd
                    near(one.musd, x.monetise * (1 - x.haircut) * max(0, price[p] - x.exercise_usd) * t.shares_million)
        elif isinstance(x, Loan):
            drawn = sum(one.cash_in_musd for one in result.periods)
            assert drawn <= time.value(x.limit_musd, time.P - 1) + SLACK
    lines = {"equity_tranches": "equity", "warrants": "warrants", "loan": "loan_draws", "offtake": "offtake"}
    for kind, name in lines.items():
        brought = sum(r.cash_in_musd for r in plan.deals if r.kind == kind)
        near(sum(row.musd for row in plan.cash if row.line == name), brought, name)


@settings(FEW, max_examples=40)
@given(seed=SEEDS)
def test_inflow_never_exceeds_what_is_stated(seed: int) -> None:
    problem, ground = world(seed)
    plan = answer(problem, ground).plan
    if plan.status.holds == "plan":
        inflow_is_what_is_stated(problem, plan)


@FEW
@given(seed=SEEDS, kind=st.sampled_from(["equity_tranches", "warrants"]))
def test_vesting_is_told_by_progress_and_price_alone(seed: int, kind: str) -> None:
    """M5.1, M5.2: each tranche in the first period in which its conditions hold: no earlier, no later, and never if they do
    not."""
    problem, ground = world(seed, (kind,))
    plan = answer(problem, ground).plan
    assume(plan.status.holds == "plan")
    time = Timeline(problem.horizon)
    for x, result in zip(problem.deals, plan.deals):
        assert isinstance(x, EquityTranches | Warrants)
        for i, one in enumerate(result.tranches):
            at = x.tranches[i].at
            holds = [p for p in range(time.P) if result.periods[p].progress >= at - 1e-6 * max(1, at)]
            if isinstance(x, Warrants):
                price, hurdle = time.values(x.share_price_usd), x.tranches[i].price_hurdle_usd
                end = time.P if x.expires is None else time.contains(x.expires)
                holds = [p for p in holds if price[p] >= hurdle and p <= end]
            first = time.month(holds[0]) if holds and result.signed else None
            assert one.month == first
