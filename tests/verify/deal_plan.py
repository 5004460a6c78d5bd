"""A plan with every kind of deal, worked out on paper: decisions, and every figure that deals touch (M5.8, M5.17, M5.18).

Two years, 2026 and 2027, no discounting. Halls (nvidia, 10 MW, 100 PFLOPS, 100 MUSD, revenue 50) and racks (amd, 5 MW,
40 PFLOPS, 40 MUSD). Abilene (US, duty 10 %) gets 2 halls in 2026 and 1 rack in 2027, ours; Milam (MX) 2 racks in 2026 on the
lease.

- *letter* (nvidia): 20 MW are there in 2026, so 30 come in 2027; 30 MW never.
- *shares* (amd): 10 MW in 2026: one million at 100 USD, exercise 20, haircut 1/4, half sold: 0.5 x 0.75 x 80 = 30;
  held at 120: 0.5 x 0.75 x 100 = 37.5.
- *take* (amd): 20 MW ordered by 2027, 15 are: 5 x 2 = 10.
- *oracle*: 10 MW leased, 12 paid: 3 x 12 = 36 in 2026, 2027 and, the term being 3 years, 2028.
- *bank*: 105 drawn in 2026 at 10 % over 2 years: 105 x 0.1 / (1 - 1.1^-2) = 60.5 in 2027 and 2028; owed 105, then 55.
- *customer*: 4 a MW-year; 10 MW = 1 hall in 2026 (40), 6 MW = 0.6 halls in 2027 (24), 2 short of 8, at 1 each.
- *option* is not signed.

Halls left earn 1 x 50 and 1.4 x 50. Capex 2026: 200 + 20 duty, 2027: 40 + 4. Opex: 36; 36 + 60.5 + 10 + 2 = 108.5.
Cost 256 + 152.5 - 105 + 96.5 = 400; net_cost 400 - 30 - 30 - 64 = 276; value 120 + 30 + 64 + 37.5 - 400 = -148.5.
"""

from __future__ import annotations

from typing import Any

from planner.plan import Plan
from planner.problem.problem import Problem
from tests.verify.worlds import plan, problem

Y26, Y27, Y28 = "2026-01", "2027-01", "2028-01"
DEALS: list[dict[str, Any]] = [
    {
        "id": "letter",
        "kind": "equity_tranches",
        "counterparty": "nvidia",
        "vendor": "nvidia",
        "tranches": [{"at": 20, "musd": 30}, {"at": 30, "musd": 50}],
    },
    {
        "id": "shares",
        "kind": "warrants",
        "counterparty": "amd",
        "vendor": "amd",
        "tranches": [{"at": 10, "shares_million": 1}, {"at": 15, "shares_million": 2, "price_hurdle_usd": 200}],
        "exercise_usd": 20,
        "share_price_usd": [{"from": Y26, "value": 100}, {"from": Y27, "value": 120}],
        "monetise": 0.5,
        "haircut": 0.25,
    },
    {
        "id": "take",
        "kind": "purchase_commitment",
        "counterparty": "amd",
        "vendor": "amd",
        "commitments": [{"by": "2027-03", "at": 20, "shortfall_musd_per_unit": 2}],
    },
    {
        "id": "oracle",
        "kind": "lease",
        "counterparty": "oracle",
        "filter": {"sites": ["milam"]},
        "musd_per_mw_year": 3,
        "minimum_mw": 12,
        "term_years": 3,
    },
    {
        "id": "bank",
        "kind": "loan",
        "counterparty": "bank",
        "limit_musd": 105,
        "rate": 0.1,
        "term_years": 2,
        "max_share": 0.5,
    },
    {
        "id": "customer",
        "kind": "offtake",
        "counterparty": "customer",
        "musd_per_mw_year": 4,
        "minimum": 8,
        "shortfall_musd_per_unit_year": 1,
    },
    {"id": "option", "kind": "equity_tranches", "tranches": [{"at": 1, "musd": 9}], "optional": True, "metric": "gpus"},
]


def request() -> Problem:
    """The request of the plan."""
    return problem(
        [
            {"region": "ERCOT", "country": "US", "tariff": 0.1},
            {"id": "milam", "region": "NORTH", "country": "MX", "tariff": 0.2},
        ],
        [
            {"capex_musd": 100, "revenue_musd_per_year": 50},
            {"id": "rack", "vendor": "amd", "it_mw": 5, "pflops": 40, "gpus": 72, "capex_musd": 40},
        ],
        horizon={"start": Y26, "periods": 2, "period": "year"},
        budget={"per_year_musd": 500, "after_horizon_limit_musd": 100},
        deals=DEALS,
    )


def period(month: str, progress: float, **rest: Any) -> dict[str, Any]:
    """One deal in one period; what is not named is 0."""
    return {"month": month, "progress": progress, **rest}


def row(position: int, signed: bool, came: float, cost: float, periods: list[Any], **rest: Any) -> dict[str, Any]:
    """One deal; its names are the request's."""
    deal = DEALS[position]
    names = {"id": deal["id"], "kind": deal["kind"], "counterparty": deal.get("counterparty", "")}
    names |= {"metric": deal.get("metric", "it_mw"), "signed": signed}
    return {**names, "cash_in_musd": came, "cash_out_musd": cost, "periods": periods, **rest}


def deal_rows() -> list[dict[str, Any]]:
    """What the plan says of its deals."""
    return [
        row(
            0,
            True,
            30,
            0,
            [period(Y26, 20, tranches_reached=1), period(Y27, 20, tranches_reached=1, cash_in_musd=30)],
            tranches=[{"at": 20, "month": Y26, "arrives": Y27, "musd": 30}, {"at": 30}],
        ),
        row(
            1,
            True,
            30,
            0,
            [period(Y26, 10, tranches_reached=1, cash_in_musd=30), period(Y27, 15, tranches_reached=1)],
            tranches=[
                {"at": 10, "month": Y26, "arrives": Y26, "musd": 30, "shares_million": 1, "held_musd": 37.5},
                {"at": 15},
            ],
            holding_musd=37.5,
        ),
        row(2, True, 0, 10, [period(Y26, 10), period(Y27, 15, missing=5, cash_out_musd=10)]),
        row(3, True, 0, 72, [period(y, 10, leased_mw=10, cash_out_musd=36) for y in (Y26, Y27)]),
        row(
            4,
            True,
            105,
            60.5,
            [period(Y26, 30, cash_in_musd=105, balance_musd=105), period(Y27, 35, cash_out_musd=60.5, balance_musd=55)],
        ),
        row(
            5,
            True,
            64,
            2,
            [
                period(Y26, 30, sold=10, cash_in_musd=40),
                period(Y27, 35, sold=6, missing=2, cash_in_musd=24, cash_out_musd=2),
            ],
        ),
        row(6, False, 0, 0, [period(Y26, 2144), period(Y27, 2216)], tranches=[{"at": 1}]),
    ]


def cash_rows() -> list[dict[str, Any]]:
    """The cash-flow table."""
    lines: list[tuple[str, dict[str, tuple[float, float]]]] = [
        ("capex", {"blocks": (200, 40), "tariffs": (20, 4)}),
        ("opex", {"lease": (36, 36), "repayments": (0, 60.5), "penalties": (0, 12)}),
        (
            "income",
            {"revenue": (50, 70), "offtake": (40, 24), "equity": (0, 30), "warrants": (30, 0), "loan_draws": (105, 0)},
        ),
    ]
    return [
        {"month": month, "line": line, "kind": kind, "musd": musd}
        for kind, amounts in lines
        for line, by_year in amounts.items()
        for month, musd in zip((Y26, Y27), by_year)
        if musd
    ]


def concentration() -> list[dict[str, Any]]:
    """Of 35 MW 20 are nvidia's and 25 Abilene's; of 320 PFLOPS 200 and 240; of 240 MUSD of blocks 200; of 264 all."""
    seventh = 1 / 7
    rows: list[dict[str, Any]] = [
        {"by": "vendor", "measure": "it_mw", "shares": {"nvidia": 4 * seventh, "amd": 3 * seventh}, "hhi": 25 / 49},
        {"by": "vendor", "measure": "spend_musd", "shares": {"nvidia": 5 / 6, "amd": 1 / 6}, "hhi": 26 / 36},
        {"by": "vendor", "measure": "pflops", "shares": {"nvidia": 0.625, "amd": 0.375}, "hhi": 0.53125},
    ]
    for by, one, other in (("site", "abilene", "milam"), ("region", "ERCOT", "NORTH")):
        rows += [
            {"by": by, "measure": "it_mw", "shares": {one: 5 * seventh, other: 2 * seventh}, "hhi": 29 / 49},
            {"by": by, "measure": "spend_musd", "shares": {one: 1.0}, "hhi": 1.0},
            {"by": by, "measure": "pflops", "shares": {one: 0.75, other: 0.25}, "hhi": 0.625},
        ]
    return rows


def year(number: int, revenue: float, capex: float, opex: float, lease: float, repaid: float) -> dict[str, Any]:
    """One calendar year."""
    owed = capex + opex
    return {
        "year": number,
        "revenue_musd": revenue,
        "capex_musd": capex,
        "opex_musd": opex,
        "lease_musd": lease,
        "repayments_musd": repaid,
        "obligations_musd": owed,
        "cover": revenue / owed,
    }


def document() -> dict[str, Any]:
    """The plan as a document."""
    decided = plan(
        openings=[("abilene", Y26), ("milam", Y26)],
        orders=[
            ("abilene", "hall", Y26, 2),
            ("abilene", "rack", Y27, 1),
            ("milam", "rack", Y26, 2, "oracle"),
        ],
        signed=["letter", "shares", "take", "oracle", "bank", "customer"],
        draws=[("bank", Y26, 105.0)],
        sales=[("customer", "abilene", "hall", Y26, 10.0), ("customer", "abilene", "hall", Y27, 6.0)],
    )
    balance = ("month", "before_musd", "budget_musd", "income_musd", "covered_musd", "cash_musd")
    circular = ("counterparty", "inflow_musd", "spending_musd", "share")
    return decided.model_dump() | {
        "objective": 600,
        "objectives": {
            "compute": 600,
            "spending": 408.5,
            "cost": 400,
            "net_cost": 276,
            "value": -148.5,
            "carbon": 0,
        },
        "cost_split": {"chips": 264, "construction": 0, "land": 0, "power": 0, "other": 144.5},
        "cash": cash_rows(),
        "balances": [
            dict(zip(balance, (Y26, 0, 500, 135, 256, 379))),
            dict(zip(balance, (Y27, 379, 500, 30, 152.5, 756.5))),
        ],
        "after_horizon": [
            {"month": Y28, "line": "lease", "musd": 36},
            {"month": Y28, "line": "repayments", "musd": 60.5},
        ],
        "deals": deal_rows(),
        "circularity": [
            dict(zip(circular, values))
            for values in (
                ("nvidia", 30, 200, 0.15),
                ("amd", 30, 40, 0.75),
                ("oracle", 0, 0, None),
                ("bank", 105, 0, None),
                ("customer", 64, 0, None),
            )
        ],
        "years": [
            year(2026, 90, 220, 36, 36, 0),
            year(2027, 94, 44, 108.5, 36, 60.5),
            year(2028, 0, 0, 96.5, 36, 60.5),
        ],
        "concentration": concentration(),
        "tariff_exposure": [{"country": "US", "tariffs_musd": 24, "block_capex_musd": 240, "per_point_musd": 2.4}],
    }


def read(document: dict[str, Any]) -> Plan:
    """The document as a plan with every default written out."""
    return Plan.model_validate(document)
