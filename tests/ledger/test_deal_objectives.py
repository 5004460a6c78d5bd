"""What deals do to every objective, and the figures for a board: circularity, years, concentration, duties (M5.8, M5.17,
M5.18, M8.1)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import RequestError
from planner.ledger import evaluate
from planner.ledger.implied import implied_shells
from tests.ledger.worlds import block, decide, ground, later, ledger, line, problem, site

OPEN = [("abilene", "2026-01")]


def everything() -> dict[str, Any]:
    """At 10 %: one hall of 200 MUSD in 2026, 20 MUSD of revenue a year, half of it sold at 3 per MW.

    50 of equity arrive in 2027, 40 of shares are sold in 2026 and 30 are held at the end, 100 are lent in 2026 over
    2 years at 0 %.
    """
    deals = [
        {"id": "letter", "kind": "equity_tranches", "counterparty": "nvidia", "tranches": [{"at": 10, "musd": 50}]},
        {
            "id": "warrant", "kind": "warrants", "counterparty": "nvidia", "haircut": 0.0, "monetise": 0.5,
            "share_price_usd": [{"from": "2026-01", "value": 40}, {"from": "2029-01", "value": 30}],
            "tranches": [{"at": 10, "shares_million": 2}],
        },
        {"id": "bank", "kind": "loan", "counterparty": "bank", "limit_musd": 100, "rate": 0, "term_years": 2},
        {"id": "customer", "kind": "offtake", "counterparty": "startup", "musd_per_mw_year": 3},
    ]  # fmt: skip
    return {
        "discount_rate": 0.1,
        "blocks": [block(capex_musd=200, revenue_musd_per_year=20)],
        "deals": deals,
    }


def plan(world: Any, **tables: Any) -> dict[str, Any]:
    given = {
        "openings": OPEN,
        "orders": [("abilene", "hall", "2026-01", 1)],
        "signed": [d.id for d in world.deals],
        "draws": [("bank", "2026-01", 100)],
        "sales": [("customer", "abilene", "hall", f"{year}-01", 5) for year in range(2026, 2030)],
        **tables,
    }
    return ledger(world, **given)


def test_every_inflow_stands_in_the_objective_that_counts_it() -> None:
    """Spending 200 + 50/1.1 + 50/1.1^2; less 100 drawn is cost. Net of 50/1.1 equity, 40 of shares, 15 a year of sales.

    Value: 10 of revenue and 15 of sales a year, 40 of shares, nothing of the equity; 30 of holdings at 2029.
    """
    found = plan(problem(**everything()))["objectives"]
    years = [1.1**-p for p in range(4)]
    spending = 200 + 50 * years[1] + 50 * years[2]
    cost = spending - 100
    assert found["spending"] == pytest.approx(spending)
    assert found["cost"] == pytest.approx(cost)
    assert found["net_cost"] == pytest.approx(cost - 50 * years[1] - 40 - 15 * sum(years))
    assert found["value"] == pytest.approx(25 * sum(years) + 40 + 30 * years[3] - cost)


def test_counts_in_value_scales_a_deals_inflow_but_never_its_holding_or_its_cash() -> None:
    """Equity at 0.6, shares sold at 0.5, sales at 0: 0.6*50/1.1 + 0.5*40 + 0; the holding of 30 stays whole."""
    fields = everything()
    for deal, share in zip(fields["deals"], (0.6, 0.5, None, 0)):
        deal["counts_in_value"] = share
    found = plan(problem(**fields))["objectives"]
    years = [1.1**-p for p in range(4)]
    cost = 100 + 50 * years[1] + 50 * years[2]
    assert found["value"] == pytest.approx(10 * sum(years) + 30 * years[1] + 20 + 30 * years[3] - cost)
    assert found["net_cost"] == pytest.approx(cost - 50 * years[1] - 40 - 15 * sum(years))


def test_cash_takes_every_inflow_once() -> None:
    """2026: 40 + 100 in and a tenth of 25, 200 out; 2027: 50 in, 50 out; 2028: 50 out."""
    world = problem(**everything(), budget={"per_year_musd": 100, "revenue_share": 0.1})
    account = plan(world)["balances"]
    assert [b.income_musd for b in account] == pytest.approx([142.5, 52.5, 2.5, 2.5])
    assert [b.covered_musd for b in account] == pytest.approx([200, 50, 50, 0])
    assert [b.cash_musd for b in account] == pytest.approx([42.5, 145, 197.5, 300])


def test_circularity_compares_all_inflow_with_the_price_of_the_vendors_blocks() -> None:
    """nvidia: 50 + 40 in against 200 of blocks (the duty of 25 % is not theirs) = 0.45. The bank sells no blocks."""
    fields = plan(problem(**everything(), sites=[site(tariff=0.25)]))
    rows = [(c.counterparty, c.inflow_musd, c.spending_musd, c.share) for c in fields["circularity"]]
    assert rows == [
        ("nvidia", pytest.approx(90), 200, pytest.approx(0.45)),
        ("bank", 100, 0, None),
        ("startup", 60, 0, None),
    ]
    assert plan(problem(), draws=[], sales=[])["circularity"] == []


def test_years_add_up_quarters_and_go_on_after_the_horizon() -> None:
    """From October 2026, four quarters: 10 MUSD a quarter of revenue; lent 80 in 2026-10 at 0 % over 2 years: 10 each.

    2026: one quarter: 100 of blocks, no payment yet, revenue 10. 2027: 30 repaid, revenue 30, and after the horizon
    10 more in 2027-10; 2028: 40.
    """
    bank = {"id": "bank", "kind": "loan", "limit_musd": 100, "rate": 0, "term_years": 2}
    world = problem(
        horizon={"start": "2026-10", "periods": 4, "period": "quarter"},
        blocks=[block(capex_musd=100, revenue_musd_per_year=40)],
        deals=[bank],
    )
    fields = ledger(
        world,
        openings=[("abilene", "2026-10")],
        orders=[("abilene", "hall", "2026-10", 1)],
        signed=["bank"],
        draws=[("bank", "2026-10", 80)],
    )
    rows = [(y.year, y.revenue_musd, y.capex_musd, y.opex_musd, y.repayments_musd) for y in fields["years"]]
    assert rows == [
        (2026, 10, 100, 0, 0),
        (2027, 30, 0, pytest.approx(40), pytest.approx(40)),
        (2028, 0, 0, pytest.approx(40), pytest.approx(40)),
    ]
    assert [y.obligations_musd for y in fields["years"]] == pytest.approx([100, 40, 40])
    assert [y.cover for y in fields["years"]] == pytest.approx([0.1, 0.75, 0])
    assert sum(later(fields, "repayments").values()) == pytest.approx(50)


def test_years_without_dues_have_no_cover() -> None:
    years = ledger(problem())["years"]
    assert [(y.year, y.cover, y.obligations_musd) for y in years] == [(y, None, 0) for y in range(2026, 2030)]


def test_concentration_by_vendor_site_and_region() -> None:
    """30 MW of nvidia and 10 of amd at two sites, 300 + 50 MUSD of blocks, 40 for one opening.

    Vendor MW: 0.75, 0.25, HHI 0.625. Spending: vendors 300 and 50 of 350; sites 340 and 50 of 390.
    """
    blocks = [block(capex_musd=100), block("other", vendor="amd", pflops=0, capex_musd=50)]
    sites = [site(region="ERCOT", opening_musd=40), site("b", region="PJM")]
    fields = ledger(
        problem(blocks=blocks, sites=sites),
        openings=[*OPEN, ("b", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 3), ("b", "other", "2026-01", 1)],
    )
    found = {(c.by, c.measure): c for c in fields["concentration"]}
    assert len(found) == 9
    assert found["vendor", "it_mw"].shares == pytest.approx({"nvidia": 0.75, "amd": 0.25})
    assert found["vendor", "it_mw"].hhi == pytest.approx(0.625)
    assert found["vendor", "spend_musd"].shares == pytest.approx({"nvidia": 300 / 350, "amd": 50 / 350})
    assert found["site", "spend_musd"].shares == pytest.approx({"abilene": 340 / 390, "b": 50 / 390})
    assert found["region", "it_mw"].shares == pytest.approx({"ERCOT": 0.75, "PJM": 0.25})
    assert found["region", "pflops"].shares == {"ERCOT": 1} and found["region", "pflops"].hhi == 1
    nothing = {c.measure: c for c in ledger(problem())["concentration"]}
    assert nothing["it_mw"].shares == {} and nothing["it_mw"].hhi == 0


def test_tariff_exposure_by_country() -> None:
    """Two halls at 100 and 25 % in US, one at 100 and none in DE: 50 and 0; one point is worth 2 and 1 MUSD."""
    sites = [site(country="US", tariff=0.25), site("b", country="DE"), site("c", country="FR")]
    fields = ledger(
        problem(blocks=[block(capex_musd=100)], sites=sites),
        openings=[*OPEN, ("b", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 2), ("b", "hall", "2026-01", 1)],
    )
    rows = [(t.country, t.tariffs_musd, t.block_capex_musd, t.per_point_musd) for t in fields["tariff_exposure"]]
    assert rows == [("US", 50, 200, 2), ("DE", 0, 100, 1)]


def test_a_plan_of_record_signs_what_is_not_optional_unless_it_says_what_is_signed() -> None:
    """The letter is not optional: its 50 arrive. Where the record lists what is signed, that is taken as it stands."""
    fields = everything()
    fields["deals"][1]["optional"] = True
    world = problem(**fields)
    orders = [("abilene", "hall", "2026-01", 1)]
    made = evaluate(world, ground(world), decide(openings=OPEN, orders=orders))
    assert made.signed == ["letter", "bank", "customer"]
    assert [d.signed for d in made.deals] == [True, False, True, True]
    assert sum(c.musd for c in made.cash if c.line == "equity") == 50
    stated = evaluate(world, ground(world), decide(openings=OPEN, orders=orders, signed=["warrant"]))
    assert stated.signed == ["warrant"]
    assert not [c for c in stated.cash if c.line == "equity"]


def test_a_plan_of_record_keeps_its_draws_and_sales() -> None:
    world = problem(**everything())
    given = decide(draws=[("bank", "2026-01", 10)], sales=[("customer", "abilene", "hall", "2026-01", 1)])
    made = evaluate(world, ground(world), given)
    assert made.draws == given.draws and made.sales == given.sales


def test_the_least_shell_is_built_by_those_who_house_their_own() -> None:
    """20 MW owned from 2027, 30 MW leased from 2028, all housed; 10 MW stand. Own: 10 MW, the partner's: 30 MW."""
    lease = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 1}
    world = problem(sites=[site(existing_shell_mw=10, build_months=12)], deals=[lease])
    orders = [("abilene", "hall", "2027-01", 2), ("abilene", "hall", "2028-01", 3, "oracle")]
    shells = implied_shells(world, decide(openings=OPEN, orders=orders))
    assert [(s.month, s.mw, s.terms) for s in shells] == [("2026-01", 10, "own"), ("2027-01", 30, "oracle")]


def test_names_that_the_request_does_not_have_are_faults() -> None:
    world = problem(**everything())
    with pytest.raises(RequestError) as found:
        ledger(
            world,
            orders=[("abilene", "hall", "2026-01", 1, "letter")],
            signed=["nobody"],
            draws=[("bnk", "2026-01", 1)],
            sales=[("customer", "abilene", "hll", "2026-01", 1)],
        )
    text = str(found.value)
    assert "'letter' is no lease of the request" in text and "'nobody' is no deal of the request" in text
    assert "'bnk' is no deal of the request" in text and "'hll' is no block of the request" in text


def test_every_line_of_cash_sums_to_the_deals_that_wrote_it() -> None:
    """Cash in and out of all deals together are the lines that deals alone write (M4.4)."""
    fields = plan(problem(**everything()))
    income = [sum(line(fields, name).values()) for name in ("equity", "warrants", "loan_draws", "offtake")]
    assert sum(income) == pytest.approx(sum(d.cash_in_musd for d in fields["deals"]))
    assert sum(line(fields, "repayments").values()) == pytest.approx(sum(d.cash_out_musd for d in fields["deals"]))
