"""Hand-solved worlds: purchase commitments (M5.3, M5.12), and which deals are signed (M5.7, M5.9)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.model.read import read_decisions
from planner.problem.problem import Problem
from tests.verify.worlds import problem
from tests.worlds import answer, dealt, hopeless, line, near, orders, proven

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}


def promise(*promises: tuple[str, float, float | None], **terms: Any) -> dict[str, Any]:
    """Commitments (by, at, MUSD per missing unit)."""
    listed: list[dict[str, Any]] = [{"by": by, "at": at} for by, at, _ in promises]
    for entry, (_, _, price) in zip(listed, promises):
        if price is not None:
            entry["shortfall_musd_per_unit"] = price
    return {"id": "promise", "kind": "purchase_commitment", "counterparty": "nvidia", "commitments": listed, **terms}


def costing(*deals: dict[str, Any], **rest: Any) -> Problem:
    """Three years, a hall (10 MW, 10 MUSD) is needed in 2028, least cost, nothing discounted or credited."""
    fields: dict[str, Any] = {
        "blocks": [{"capex_musd": 10}],
        "demand": [{"id": "d", "by": "2028-01", "amount": 10}],
        "objectives": [{"minimize": "cost"}],
        "terminal": "none",
        **YEARS,
    }
    return problem(**{**fields, **rest}, deals=list(deals))


def test_a_hard_promise_is_kept() -> None:
    """25 MW by mid-2027 is three halls of 10 by the end of 2027 (30 MUSD): dearer than the one that is needed, but promised."""
    plan = proven(costing(promise(("2027-06", 25, None)), blocks=[{"capex_musd": 10}])).plan
    assert plan.objective == 30
    assert sum(n for (_, _, month), n in orders(plan).items() if month <= "2027-01") == 3
    assert line(plan, "penalties") == {}


@pytest.mark.parametrize(("price", "halls", "cost"), [(0.9, 1, 10 + 15 * 0.9), (1.4, 2, 20 + 5 * 1.4), (3, 3, 30)])
def test_a_priced_promise_is_kept_where_it_pays(price: float, halls: int, cost: float) -> None:
    """25 MW promised by 2027, a hall of 10 MW costs 10, i.e. 1 a MW; the last 5 MW would cost 2 a MW. One hall is needed anyway.
    At 0.9 a MW the 15 missing are paid (13.5), at 1.4 a second hall and 7, at 3 a third hall."""
    plan = proven(costing(promise(("2027-06", 25, price)))).plan
    near(plan.objective, cost)
    assert sum(orders(plan).values()) == halls
    paid = 0 if halls == 3 else cost - 10 * halls
    near(sum(line(plan, "penalties").values()), paid)
    assert [x.missing for x in dealt(plan, "promise").periods] == [0, max(0, 25 - 10 * halls), 0]


def test_the_price_is_read_when_it_is_due() -> None:
    """Nothing can stand before 2028: 10 MW missing once, in the period of `by`, at that period's price: 10 x 2 = 20 in 2027,
    discounted at 10 %: 20 / 1.1; and the hall in 2028: 10 / 1.21."""
    price = [{"from": "2026-01", "value": 1}, {"from": "2027-01", "value": 2}, {"from": "2028-01", "value": 7}]
    deal = promise(("2027-03", 10, 2.0))
    deal["commitments"][0]["shortfall_musd_per_unit"] = price
    w = costing(deal, discount_rate=0.1, blocks=[{"capex_musd": 10, "available_from": "2028-01"}])
    plan = proven(w).plan
    near(plan.objective, 20 / 1.1 + 10 / 1.21)
    assert line(plan, "penalties") == {"2027-01": 20.0}


def test_once_and_not_by_the_year() -> None:
    """Quarters: 10 missing MW pay 10 x 2 once, not a quarter of it and not four times."""
    w = costing(
        promise(("2026-05", 10, 2)),
        horizon={"start": "2026-01", "periods": 4, "period": "quarter"},
        blocks=[{"capex_musd": 10, "available_from": "2026-10"}],
        demand=[{"id": "d", "by": "2026-10", "amount": 10}],
    )
    plan = proven(w).plan
    assert plan.objective == 30
    assert line(plan, "penalties") == {"2026-04": 20.0}


@pytest.mark.parametrize(("counts", "by"), [("ordered", "2027-01"), ("online", "2026-01")])
def test_counts_ordered_by_default(counts: str, by: str) -> None:
    """Lead of a year, 10 MW by 2027. Ordered counts: order in 2027 at a price of 8; online counts: in 2026 at 10."""
    terms = {} if counts == "ordered" else {"counts": counts}
    prices = [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 8}]
    w = costing(promise(("2027-01", 10, None), **terms), blocks=[{"capex_musd": prices, "lead_months": 12}])
    assert list(orders(proven(w).plan)) == [("abilene", "hall", by)]


def test_a_date_before_the_horizon_counts_at_its_start_and_one_after_it_does_not() -> None:
    """By 2025: in 2026. By 2029: no effect."""
    assert list(orders(proven(costing(promise(("2025-06", 10, None)))).plan)) == [("abilene", "hall", "2026-01")]
    assert proven(costing(promise(("2029-01", 90, None)))).plan.objective == 10


def test_every_date_is_asked_for() -> None:
    """10 MW by 2026, 20 by 2027, hard; price 5 a MW of 30 by 2028 (5 x 10 > 10): one hall a year."""
    plan = proven(costing(promise(("2026-01", 10, None), ("2027-01", 20, None), ("2028-01", 30, 5)))).plan
    assert plan.objective == 30


def test_a_promise_that_cannot_be_kept() -> None:
    """20 MW of grid, 30 promised: infeasible; optional: not signed; with a price: paid."""
    sites = [{"grid_mw": 20.0}]
    hopeless(costing(promise(("2028-01", 30, None)), sites=sites))
    plan = proven(costing(promise(("2028-01", 30, None), optional=True), sites=sites)).plan
    assert (plan.objective, plan.signed) == (10, [])
    plan = proven(costing(promise(("2028-01", 30, 0.5)), sites=sites)).plan
    assert (plan.objective, plan.signed) == (10 + 20 * 0.5, ["promise"])


def test_a_hard_promise_within_a_millionth_is_kept() -> None:
    """M5.9: three halls of 33.33332 PFLOPS for 100."""
    w = costing(
        promise(("2027-01", 100, None), metric="pflops"),
        blocks=[{"capex_musd": 10, "pflops": 33.33332}],
        sites=[{"grid_mw": 30.0}],
    )
    assert proven(w).plan.objective == 30


def test_what_is_covered() -> None:
    """The promise is to nvidia; what is needed is cheaper from amd (6), but the promised hall serves it, too: 10.
    Promised at `milam` (opening 1), of any vendor: amd's hall there, 7."""
    given: dict[str, Any] = {
        "blocks": [{"capex_musd": 10}, {"id": "B", "vendor": "amd", "capex_musd": 6}],
        "sites": [{}, {"id": "milam", "opening_musd": 1}],
    }
    plan = proven(costing(promise(("2026-01", 10, None), vendor="nvidia"), **given)).plan
    assert plan.objective == 10
    plan = proven(costing(promise(("2026-01", 10, None), filter={"sites": ["milam"]}), **given)).plan
    assert (plan.objective, {o.site for o in plan.orders}) == (7, {"milam"})


# ------------------------------------------------------------------------------------------------------------- signing


def money(id: str, at: float, musd: float, **terms: Any) -> dict[str, Any]:
    return {"id": id, "kind": "equity_tranches", "tranches": [{"at": at, "musd": musd}], **terms}


def funded(*deals: dict[str, Any]) -> Problem:
    """Three years, halls at 10 MUSD, 20 MUSD in 2026 only, compute; each 10 MUSD in 2027 is worth 200 PFLOPS-years."""
    budget = {"per_year_musd": [{"from": "2026-01", "value": 20}, {"from": "2027-01", "value": 0}]}
    return problem(blocks=[{"capex_musd": 10}], budget=budget, deals=list(deals), **YEARS)


@pytest.mark.parametrize(("a", "b", "signed"), [(20, 10, "a"), (10, 20, "b")])
@pytest.mark.parametrize("says", ["a", "b", "both"])
def test_the_better_of_two_exclusive_deals_is_signed(a: float, b: float, signed: str, says: str) -> None:
    """Either 20 or 10 MUSD come in 2027, whichever of the two names the other: 600 + 2 x 200."""
    first = money("a", 20, a, optional=True, exclusive_with=["b"] if says in ("a", "both") else [])
    second = money("b", 20, b, optional=True, exclusive_with=["a"] if says in ("b", "both") else [])
    plan = proven(funded(first, second)).plan
    assert plan.objective == 1000
    assert plan.signed == [signed]
    assert [x.signed for x in plan.deals] == [signed == "a", signed == "b"]
    assert sum(line(plan, "equity").values()) == 20


def test_without_exclusion_both_are_signed() -> None:
    """20 + 10 MUSD: three more halls in 2027."""
    plan = proven(funded(money("a", 20, 20, optional=True), money("b", 20, 10, optional=True))).plan
    assert (plan.objective, plan.signed) == (600 + 600, ["a", "b"])


def test_a_deal_that_is_not_optional_shuts_the_better_one_out() -> None:
    """a (10 MUSD) is not optional; b (20) excludes it: 600 + 200."""
    plan = proven(funded(money("a", 20, 10), money("b", 20, 20, optional=True, exclusive_with=["a"]))).plan
    assert (plan.objective, plan.signed) == (800, ["a"])


def test_exclusion_is_not_passed_on() -> None:
    """a and c exclude b, not each other: 10 + 10 MUSD against 15."""
    plan = proven(
        funded(
            money("a", 20, 10, optional=True),
            money("b", 20, 15, optional=True, exclusive_with=["a", "c"]),
            money("c", 20, 10, optional=True),
        )
    ).plan
    assert (plan.objective, plan.signed) == (1000, ["a", "c"])


def test_two_promises_that_exclude_each_other() -> None:
    """Both hard and one of them optional: the other one stays, and nothing else is promised."""
    hard = promise(("2026-01", 30, None), optional=True, exclusive_with=["other"])
    other = {**promise(("2026-01", 20, None)), "id": "other"}
    plan = proven(costing(hard, other)).plan
    assert (plan.objective, plan.signed) == (20, ["other"])


def test_what_a_tolerance_leaves_on_an_unsigned_deal_is_not_read() -> None:
    """A binary of 1e-6 lets a loan of 1e7 MUSD draw 10: a deal is signed or not, and what is not signed lends nothing."""
    deal = {"id": "bank", "kind": "loan", "limit_musd": 1e7, "rate": 0, "term_years": 2, "optional": True}
    found = answer(funded(deal))
    m, d = found.model, found.data

    def value(var: Any) -> float:
        return {"signs": 1e-6, "drawn": 10.0}.get(var.parent_component().local_name, 0.0)

    decisions = read_decisions(m, d, value)
    assert (decisions.draws, decisions.signed) == ([], [])
