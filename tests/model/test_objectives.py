"""Hand-solved worlds: the five objectives, lists of them, and ties (M8.1)."""

from __future__ import annotations

from typing import Any

from tests.verify.worlds import problem
from tests.worlds import near, openings, orders, proven

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 2, "period": "year"}}
ONE: dict[str, Any] = {"demand": [{"id": "d", "by": "2026-01", "amount": 10}]}


def test_compute_is_discounted() -> None:
    """10 % a year, one hall: 100 + 100 / 1.1."""
    near(proven(problem(blocks=[{"max_per_site": 1}], discount_rate=0.1, **YEARS)).plan.objective, 100 + 100 / 1.1)


def test_value() -> None:
    """Revenue 30 a year, price 40, energy none: 60 - 40 = 20 a hall, 2 years; a hall bought in 2027 earns 30 - 40 < 0. 10: 200."""
    w = problem(
        blocks=[{"capex_musd": 40, "revenue_musd_per_year": 30}],
        objectives=[{"maximize": "value"}],
        terminal="none",
        **YEARS,
    )
    assert proven(w).plan.objective == 200
    # At a price of 70 nothing pays: 0, and nothing is bought.
    dear = w.model_copy(update={"blocks": (w.blocks[0].model_copy(update={"capex_musd": 70.0}),)})
    plan = proven(dear).plan
    assert plan.objective == 0 and not plan.orders and not plan.openings


def test_net_cost_counts_resale() -> None:
    """10 MW in 2026 and 2027. Hall 10, resale 6: keep: 10. Sell and buy anew in 2027: 10 - 6 + 10 = 14. A block for 11 with
    resale 9 (from 2026), then the 3-MUSD one of 2027: 11 - 9 + 3 = 5 net, at a cost of 14."""
    w = problem(
        sites=[{"grid_mw": 10.0}],
        blocks=[
            {"id": "keep", "capex_musd": 10, "early_retirement": True, "resale_musd": 6},
            {"id": "lend", "capex_musd": 11, "early_retirement": True, "resale_musd": 9},
            {"id": "late", "capex_musd": 3, "available_from": "2027-01"},
        ],
        objectives=[{"minimize": "net_cost"}],
        terminal="none",
        **ONE,
        **YEARS,
    )
    plan = proven(w).plan
    assert plan.objective == 5
    assert plan.objectives["cost"] == 14
    assert (
        proven(
            w.model_copy(update={"objectives": problem(objectives=[{"minimize": "cost"}]).objectives})
        ).plan.objective
        == 10
    )


def test_carbon() -> None:
    """10 MW x 8760 h: 400 kg at a, 100 kg x PUE 1.5 at b for two years: 2 x 10 x 8760 x 150 / 1000 = 26,280 t, undiscounted."""
    w = problem(
        sites=[
            {"id": "a", "carbon_kg_per_mwh": 400},
            {"id": "b", "carbon_kg_per_mwh": 100, "pue": 1.5, "opening_musd": 99},
        ],
        objectives=[{"minimize": "carbon"}],
        discount_rate=0.1,
        **ONE,
        **YEARS,
    )
    plan = proven(w).plan
    near(plan.objective, 26_280.0)
    assert list(openings(plan)) == ["b"]


def test_lexicographic_with_a_tolerance() -> None:
    """Compute 10 halls x 2 years x 100 = 2000 at 10 each. Giving up 10 % (1800) at a hall's 200: one hall fewer: cost 90; or all ten
    with ... 2027 orders lose 100 each: 2 of them would lose the same 200 and save nothing. So 9 halls, 1800 and 90."""
    w = problem(
        blocks=[{"capex_musd": 10}],
        objectives=[{"maximize": "compute", "tolerance": 0.1}, {"minimize": "cost"}],
        terminal="none",
        **YEARS,
    )
    plan = proven_stages(w)
    assert [s.value for s in plan.stages] == [1800, 90]
    assert plan.objective == 1800 and plan.bound == 2000
    near(plan.gap, 200 / 1800)


def proven_stages(w: Any) -> Any:
    """A plan whose stages are all optimal and whose check passes; the first stage's bound stands at its own best value."""
    from planner.verify import verify
    from tests.worlds import answer

    found = answer(w)
    check = verify(found.problem, found.ground, found.plan)
    assert check.ok, [v.message for v in check.violations]
    assert all(s.stopped == "optimal" for s in found.plan.stages)
    for i, s in enumerate(found.plan.stages):
        near(found.stage_value(i), s.value, s.name)
    return found.plan


def test_lexicographic_order_matters() -> None:
    """Cost first: 10 MW at the cheaper site (5 against 9), then carbon has no say; carbon first: the other way round."""
    base: dict[str, Any] = {
        "sites": [
            {"id": "cheap", "opening_musd": 5, "carbon_kg_per_mwh": 500},
            {"id": "clean", "opening_musd": 9, "carbon_kg_per_mwh": 50},
        ],
        "terminal": "none",
        **ONE,
    }
    first = proven_stages(problem(objectives=[{"minimize": "cost"}, {"minimize": "carbon"}], **base))
    assert [s.value for s in first.stages] == [5, 43_800]
    second = proven_stages(problem(objectives=[{"minimize": "carbon"}, {"minimize": "cost"}], **base))
    near(second.stages[0].value, 4380.0)
    assert second.stages[1].value == 9


def test_two_money_objectives_with_early_retirement() -> None:
    """Both read the terminal credit; it is one and the same. Revenue 40 x 1 year - (5 - 5 x 1/2) = 37.5 a hall; 2 halls: 75."""
    w = problem(
        blocks=[
            {"early_retirement": True, "life_years": 2, "capex_musd": 5, "revenue_musd_per_year": 40, "max_per_site": 2}
        ],
        objectives=[{"maximize": "value"}, {"minimize": "cost"}],
    )
    plan = proven_stages(w)
    near(plan.stages[0].value, 75.0, relative=2e-4)
    near(plan.stages[1].value, 5.0, relative=2e-4)


def test_ties_are_settled_by_least_spending() -> None:
    """Two equal halls, one dearer; two equal sites, one with an opening cost: the cheap ones, and no second opening."""
    w = problem(
        sites=[{"id": "a", "opening_musd": 7}, {"id": "b"}],
        blocks=[{"id": "dear", "capex_musd": 9}, {"id": "cheap", "capex_musd": 8}],
        policies=[{"kind": "limit", "max": 30}],
    )
    plan = proven(w).plan
    assert orders(plan) == {("b", "cheap", "2026-01"): 3}
    assert openings(plan) == {"b": "2026-01"}


def test_nothing_without_use() -> None:
    """M8.1: no site opens early or for nothing, no shell is built that nobody uses; free sites included."""
    w = problem(
        sites=[{"id": "a", "existing_shell_mw": 0.0}, {"id": "b", "grid_mw": 5.0}],
        blocks=[{"available_from": "2026-07", "max_per_site": 2}],
    )
    plan = proven(w).plan
    assert openings(plan) == {"a": "2026-07"}
    assert [(s.month, s.mw) for s in plan.shells] == [("2026-07", 20.0)]
