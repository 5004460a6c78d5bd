"""Hand-solved worlds: equity that comes as capacity grows (M5.1, M5.9, M5.10)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.verify.worlds import problem
from tests.worlds import dealt, line, near, orders, proven

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}
ONCE: list[dict[str, Any]] = [{"from": "2026-01", "value": 20}, {"from": "2027-01", "value": 0}]
"""A budget of 20 MUSD in 2026 and nothing later."""


def letter(*tranches: tuple[float, float], **terms: Any) -> dict[str, Any]:
    """An equity letter with (mark, MUSD)."""
    return {
        "id": "letter",
        "kind": "equity_tranches",
        "counterparty": "nvidia",
        "tranches": [{"at": at, "musd": musd} for at, musd in tranches],
        **terms,
    }


def funded(deal: dict[str, Any], block: dict[str, Any] | None = None, **rest: Any) -> Problem:
    """Three years, halls of 10 MW, 100 PFLOPS at 10 MUSD, 20 MUSD in 2026 only, compute."""
    fields: dict[str, Any] = {"budget": {"per_year_musd": ONCE}, **YEARS, **rest}
    return problem(blocks=[{"capex_musd": 10, **(block or {})}], deals=[deal], **fields)


@pytest.mark.parametrize(
    ("lag", "arrives", "pflops_years"),
    [
        (None, "2027-01", 2 * 300 + 200),  # one period by default
        (12, "2027-01", 2 * 300 + 200),
        (13, "2028-01", 2 * 300 + 100),  # rounded up
        (24, "2028-01", 2 * 300 + 100),
        (25, "2029-01", 2 * 300),  # after the horizon: not counted
    ],
)
def test_lag(lag: float | None, arrives: str, pflops_years: float) -> None:
    """20 MUSD buy two halls in 2026: 20 MW reach the mark at once; its 10 MUSD buy a third when they arrive."""
    plan = proven(funded(letter((20, 10), **({} if lag is None else {"lag_months": lag})))).plan
    assert plan.objective == pflops_years
    (tranche,) = dealt(plan, "letter").tranches
    assert (tranche.month, tranche.arrives, tranche.musd) == ("2026-01", arrives, 10)
    assert line(plan, "equity") == ({} if arrives == "2029-01" else {arrives: 10.0})


def test_reached_when_online_not_when_ordered() -> None:
    """Lead of a year: ordered in 2026, online in 2027, money in 2028, too late for an order (it would come in 2029): two halls
    online in 2027 and 2028: 400. Counted when ordered: money in 2027, a third hall online in 2028: 500."""
    late, early = (funded(letter((20, 10), counts=c), {"lead_months": 12}) for c in ("online", "ordered"))
    assert proven(late).plan.objective == 400
    assert dealt(proven(late).plan, "letter").tranches[0].month == "2027-01"
    plan = proven(early).plan
    assert plan.objective == 500
    assert orders(plan) == {("abilene", "hall", "2026-01"): 2, ("abilene", "hall", "2027-01"): 1}
    assert [x.progress for x in dealt(plan, "letter").periods] == [20, 30, 30]


def test_a_letter_moves_the_plan_from_the_better_block() -> None:
    """A: 120 PFLOPS, B (the vendor of the letter): 100 PFLOPS, both 10 MUSD and 10 MW; 20 MUSD in 2026, two years. Without the
    letter two of A: 2 x 240 = 480. With 20 MUSD a year after the first 10 MW of B: one of each in 2026 (240 + 200), two more of
    A in 2027 (240): 680. The 20 MW of a second B would bring nothing more."""
    blocks = [
        {"id": "A", "vendor": "amd", "capex_musd": 10, "pflops": 120.0},
        {"id": "B", "vendor": "nvidia", "capex_musd": 10, "pflops": 100.0},
    ]
    given: dict[str, Any] = {
        "blocks": blocks,
        "budget": {"per_year_musd": ONCE},
        "horizon": {"start": "2026-01", "periods": 2, "period": "year"},
    }
    assert proven(problem(**given)).plan.objective == 480
    plan = proven(problem(**given, deals=[letter((10, 20), vendor="nvidia")])).plan
    assert plan.objective == 680
    assert orders(plan) == {
        ("abilene", "A", "2026-01"): 1,
        ("abilene", "B", "2026-01"): 1,
        ("abilene", "A", "2027-01"): 2,
    }


def test_a_chain_of_tranches() -> None:
    """20 MUSD in 2026: two halls. 10 at 20 MW arrive in 2027: one more, 30 MW. 10 at 30 MW arrive in 2028: a fourth.
    600 + 200 + 100 = 900; one dollar less at 20 MW and the chain breaks: 600 and, as 9 buys nothing, 600."""
    plan = proven(funded(letter((20, 10), (30, 10)))).plan
    assert plan.objective == 900
    assert line(plan, "equity") == {"2027-01": 10.0, "2028-01": 10.0}
    assert [x.tranches_reached for x in dealt(plan, "letter").periods] == [1, 2, 2]
    assert proven(funded(letter((20, 9), (30, 10)))).plan.objective == 600


def test_both_tranches_at_once() -> None:
    """Marks 5 and 20 are both passed by the first two halls: 4 + 6 = 10 arrive together."""
    plan = proven(funded(letter((5, 4), (20, 6)))).plan
    assert line(plan, "equity") == {"2027-01": 10.0}
    assert plan.objective == 800


@pytest.mark.parametrize(
    ("metric", "at"), [("it_mw", 20), ("units", 2), ("gpus", 2000), ("pflops", 200), ("capex_musd", 20)]
)
def test_metrics(metric: str, at: float) -> None:
    """The second hall reaches 20 MW, 2 halls, 2,000 GPUs, 200 PFLOPS and 20 MUSD; a mark one thousandth above needs a third."""
    assert proven(funded(letter((at, 10), metric=metric))).plan.objective == 800
    assert proven(funded(letter((at * 1.001, 10), metric=metric))).plan.objective == 600


def test_capex_is_counted_at_the_price_of_its_order() -> None:
    """20 MUSD at 10 in 2026 (two halls); the price of 20 from 2027 revalues nothing: 20 are reached, 40 never are."""
    prices = [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 20}]
    near(proven(funded(letter((20, 20), metric="capex_musd"), {"capex_musd": prices})).plan.objective, 800)
    near(proven(funded(letter((40, 20), metric="capex_musd"), {"capex_musd": prices})).plan.objective, 600)


def test_retirement_does_not_subtract() -> None:
    """Halls live one year: two in 2026 (20 MW), gone in 2027. The 10 MUSD of the mark buy one in 2027: 30 MW have ever come
    online, and a second mark at 30 pays 10 in 2028: 200 + 100 + 100."""
    plan = proven(funded(letter((20, 10), (30, 10)), {"life_years": 1})).plan
    assert plan.objective == 400
    assert [x.progress for x in dealt(plan, "letter").periods] == [20, 30, 40]


@pytest.mark.parametrize(("counts", "best"), [(False, 100 * 3 + 600), (True, 100 * 3 + 600 + 200)])
def test_existing_units_count_if_the_letter_says_so(counts: bool, best: float) -> None:
    """One hall stands since 2025; 20 MUSD buy two. Mark 30: reached only with the standing one."""
    site = {"status": "committed", "existing": [{"block": "hall", "units": 1, "online_from": "2025-01"}]}
    w = problem(
        sites=[site],
        blocks=[{"capex_musd": 10}],
        budget={"per_year_musd": ONCE},
        deals=[letter((30, 10), counts_existing=counts)],
        **YEARS,
    )
    assert proven(w).plan.objective == best


def test_quarters() -> None:
    """The default lag is one period: a quarter. 80 MUSD a year in the first quarter only is 20: two halls, 10 more in the second
    quarter: (2 x 4 + 3) x 100 / 4 = 275."""
    w = funded(
        letter((20, 10)),
        budget={"per_year_musd": [{"from": "2026-01", "value": 80}, {"from": "2026-04", "value": 0}]},
        horizon={"start": "2026-01", "periods": 4, "period": "quarter"},
    )
    plan = proven(w).plan
    assert plan.objective == 275
    assert line(plan, "equity") == {"2026-04": 10.0}


def test_value_counts_equity_only_as_far_as_the_deal_says() -> None:
    """No budget, rate 10 %, a hall costs 10 and earns nothing. 12 MUSD a year after the first: 12 / 1.1 = 10.909 > 10. With
    ``counts_in_value: 1`` one hall is bought: +0.909; with half of it 5.4545 < 10, or by default (0) nothing is."""

    def world(**terms: Any) -> Problem:
        return funded(
            letter((10, 12), **terms),
            budget=None,
            discount_rate=0.1,
            objectives=[{"maximize": "value"}],
            terminal="none",
        )

    plan = proven(world(counts_in_value=1)).plan
    near(plan.objective, 12 / 1.1 - 10)
    assert orders(plan) == {("abilene", "hall", "2026-01"): 1}
    for none in (world(counts_in_value=0.5), world()):
        plan = proven(none).plan
        assert (plan.objective, plan.orders) == (0, [])


def test_net_cost_counts_all_of_it() -> None:
    """10 MW are needed in 2026. A costs 10, B 14 with a letter of 5 a year later, rate 10 %: 14 - 5 / 1.1 = 9.4545 < 10. The
    cost alone (no inflow) is 10 with A."""
    given: dict[str, Any] = {
        "blocks": [{"id": "A", "vendor": "amd", "capex_musd": 10}, {"id": "B", "capex_musd": 14}],
        "deals": [letter((10, 5), vendor="nvidia")],
        "demand": [{"id": "d", "by": "2026-01", "amount": 10}],
        "discount_rate": 0.1,
        "terminal": "none",
        **YEARS,
    }
    plan = proven(problem(**given, objectives=[{"minimize": "net_cost"}])).plan
    near(plan.objective, 14 - 5 / 1.1)
    assert [o.block for o in plan.orders] == ["B"]
    near(plan.objectives["cost"], 14)
    plan = proven(problem(**given, objectives=[{"minimize": "cost"}])).plan
    assert (plan.objective, [o.block for o in plan.orders]) == (10, ["A"])


def test_no_carry_over_forces_money_when_it_is_due() -> None:
    """Leftovers are lost, 10 a year, the mark of 10 MW pays 10 a year later. Halls of 10: one in 2026 would bring 10 into 2027:
    two there; 100 x 3 + 2 x 200 + 100 = 800. But a mark at 20 MW: 2026 one, 2027 one (20 MW), money in 2028: two there:
    300 + 200 + 200 = 700. Money cannot be called for later than it comes."""
    for at, best in ((10, 800), (20, 700)):
        w = funded(letter((at, 10)), budget={"per_year_musd": 10, "carry_over": False})
        assert proven(w).plan.objective == best


def test_money_that_comes_too_early_is_lost() -> None:
    """No carry-over. The dear hall (30 MUSD, 1,000 PFLOPS) is sold from 2028; the small one (10 MUSD, 1 PFLOPS) is free of dates.
    20 a year and 10 a year after 10 small MW are reached: it must be reached in 2027, exactly, for 30 to be there in 2028; in
    2026 the money would come in 2027 and be lost. Small halls: 2 in 2027 (20): 2 x 2 = 4; dear 1 in 2028: 1,000."""
    w = problem(
        blocks=[
            {"id": "small", "vendor": "amd", "capex_musd": 10, "pflops": 1.0},
            {"id": "dear", "capex_musd": 30, "pflops": 1000.0, "available_from": "2028-01"},
        ],
        budget={"per_year_musd": 20, "carry_over": False},
        deals=[letter((10, 10), vendor="amd")],
        **YEARS,
    )
    plan = proven(w).plan
    assert plan.objective == 1004
    assert orders(plan) == {("abilene", "small", "2027-01"): 2, ("abilene", "dear", "2028-01"): 1}
    assert line(plan, "equity") == {"2028-01": 10.0}


@pytest.mark.parametrize(("lag", "best"), [(0, 400), (12, 366.66652)])
@pytest.mark.parametrize("carry_over", [True, False])
def test_marks_are_reached_within_a_millionth(lag: int, best: float, carry_over: bool) -> None:
    """M5.9: three halls of 33.33332 PFLOPS are 99.99996, 0.00004 short of a mark of 100, within 0.0001: reached. 30 MUSD in 2026
    buy three; the 10 of the mark a fourth, in the same year (lag 0: 4 x 3 years) or the next (2 years)."""
    w = funded(
        letter((100, 10), metric="pflops", lag_months=lag),
        {"pflops": 33.33332},
        budget={
            "per_year_musd": [{"from": "2026-01", "value": 30}, {"from": "2027-01", "value": 0}],
            "carry_over": carry_over,
        },
    )
    near(proven(w).plan.objective, best)


@pytest.mark.parametrize("short", [0.0, 0.001])
def test_a_tenth_of_a_megawatt_adds_up(short: float) -> None:
    """Three halls of 0.1 MW are 0.3 MW, whatever binary fractions make of it; 0.301 MW are not reached."""
    w = funded(
        letter((0.3 + short, 10), lag_months=12),
        {"it_mw": 0.1},
        budget={"per_year_musd": [{"from": "2026-01", "value": 30}, {"from": "2027-01", "value": 0}]},
    )
    assert proven(w).plan.objective == (900 if short else 900 + 200)


def test_no_dollar_is_counted_twice() -> None:
    """Two letters of the same capacity are two deals: each pays its own. 10 + 10 a year after 20 MW: two more halls in 2027. Money
    in is exactly what both state."""
    both = [letter((20, 10)), {**letter((20, 10)), "id": "second"}]
    w = problem(blocks=[{"capex_musd": 10}], budget={"per_year_musd": ONCE}, deals=both, **YEARS)
    plan = proven(w).plan
    assert plan.objective == 600 + 2 * 200
    assert sum(line(plan, "equity").values()) == 20 == sum(x.cash_in_musd for x in plan.deals)
    (loop,) = [x for x in plan.circularity if x.counterparty == "nvidia"]
    assert (loop.inflow_musd, loop.spending_musd, loop.share) == (20, 40, 0.5)
