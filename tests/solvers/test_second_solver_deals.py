"""The same program with deals, two solvers: HiGHS through our bridge and SCIP find the same optimum (M8.2)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.model.tiny_deals import draw
from tests.solvers.test_second_solver import agree
from tests.verify.worlds import ground, problem

pytest.importorskip("pyscipopt")


@pytest.mark.parametrize("batch", range(8))
def test_random_requests(batch: int) -> None:
    """Ten tiny requests with deals of all kinds each, optimal or infeasible."""
    ended = [agree(*draw(seed)) for seed in range(30_000 + 10 * batch, 30_010 + 10 * batch)]
    assert "optimal" in ended


def portfolio(goal: dict[str, Any], **more: Any) -> Problem:
    """Three sites, two vendors, six quarters, a deal of every kind."""
    blocks = [
        {
            "id": "a",
            "capex_musd": 30,
            "life_years": 5,
            "revenue_musd_per_year": 9,
            "supply": [{"from": "2026-01", "value": 4}, {"from": "2026-10", "value": 11}],
        },
        {
            "id": "b",
            "vendor": "amd",
            "capex_musd": 22,
            "life_years": 4,
            "it_mw": 7.0,
            "pflops": 61.0,
            "lead_months": 3,
            "revenue_musd_per_year": 7,
        },
    ]
    deals = [
        {
            "id": "letter",
            "kind": "equity_tranches",
            "vendor": "nvidia",
            "tranches": [{"at": 20, "musd": 40}, {"at": 50, "musd": 60}],
            "counts_in_value": 0.5,
        },
        {
            "id": "warrant",
            "kind": "warrants",
            "vendor": "amd",
            "tranches": [
                {"at": 14, "shares_million": 0.3, "price_hurdle_usd": 100},
                {"at": 35, "shares_million": 0.4, "price_hurdle_usd": 150},
            ],
            "share_price_usd": [{"from": "2026-01", "value": 120}, {"from": "2026-10", "value": 180}],
            "monetise": 0.5,
            "haircut": 0.2,
        },
        {
            "id": "promise",
            "kind": "purchase_commitment",
            "vendor": "amd",
            "commitments": [{"by": "2026-12", "at": 20, "shortfall_musd_per_unit": 1}],
        },
        {
            "id": "rented",
            "kind": "lease",
            "filter": {"sites": ["s2"]},
            "musd_per_mw_year": 1.1,
            "minimum_mw": [{"from": "2027-01", "value": 10}],
            "term_years": 2,
            "optional": True,
            "includes": ["opening"],
        },
        {"id": "bank", "kind": "loan", "limit_musd": 90, "rate": 0.09, "term_years": 3, "max_share": 0.4},
        {
            "id": "customer",
            "kind": "offtake",
            "musd_per_mw_year": 1.2,
            "minimum": [{"from": "2027-01", "value": 12}],
            "maximum": 30,
            "shortfall_musd_per_unit_year": 2,
            "optional": True,
        },
    ]
    sites = [
        {
            "id": f"s{i}",
            "grid_mw": [{"from": "2026-01", "value": 20 + 7 * i}, {"from": "2027-01", "value": 45 + 9 * i}],
            "pue_peak": 1.2,
            "existing_shell_mw": 5.0,
            "build_months": 6,
            "construction_musd_per_mw": 1 + i / 10,
            "pace_mw_per_year": 30,
            "opening_musd": 4,
            "electricity_usd_per_mwh": 40 + 5 * i,
        }
        for i in range(3)
    ]
    return problem(
        sites=sites,
        blocks=blocks,
        deals=deals,
        budget={"per_year_musd": 160, "revenue_share": 0.5},
        horizon={"start": "2026-01", "periods": 6, "period": "quarter"},
        discount_rate=0.08,
        objectives=[goal],
        **more,
    )


@pytest.mark.parametrize("goal", [{"maximize": "compute"}, {"maximize": "value"}])
def test_a_portfolio(goal: dict[str, Any]) -> None:
    """A deal of every kind in one request, closed by both."""
    w = portfolio(goal)
    assert agree(w, ground(w)) == "optimal"
