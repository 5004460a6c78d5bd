"""The small world of conftest with a deal of each kind; what each brings, by hand.

L = 1/4. Ordered: 2 n1 (25 MW each, nvidia) at abilene 2026-04, online 2026-10; 1 a1 (20 MW, amd) there 2026-07, online
2026-10; 1 a1 at lordstown 2027-01, online 2027-04, on lease ``rent``.

- ``chips``: 25 MW reached 2026-10, 100 MUSD a period later (2027-01); 500 MW never.
- ``=shares``: 20 MW in 2026-10 vests a million shares of 100 USD: half sold 10 % below, 45 MUSD in cash and 45 held.
- ``rent``: 20 MW x 10 MUSD x 1/4 = 50 MUSD a quarter from 2027-04, three times; all but opex is the partner's.
- ``bank``: 200 MUSD drawn 2026-04, repaid over two years from 2026-07.
- ``client``: 10 MW x 12 MUSD x 1/4 = 30 MUSD a quarter from 2026-10, five times.
- ``promise``: 75 MW of nvidia ordered by 2027-10; 50 are, 25 x 2 = 50 MUSD to pay.
- ``later``: optional, not signed.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from api.outputs.bundle import Bundle
from planner.ledger import evaluate
from planner.plan import Check, Draw, Sale, Status
from planner.problem.problem import Problem
from tests.outputs.conftest import GEOMETRY, make_bundle, make_ground, make_problem

MONTHS = ("2026-01", "2026-04", "2026-07", "2026-10", "2027-01", "2027-04", "2027-07", "2027-10")
DEALS: list[dict[str, Any]] = [
    {"id": "chips", "kind": "equity_tranches", "vendor": "nvidia", "counterparty": "nvidia", "source": "a|letter <b>",
     "tranches": [{"at": 25, "musd": 100}, {"at": 500, "musd": 900}]},
    {"id": "=shares", "kind": "warrants", "vendor": "amd", "counterparty": "amd", "share_price_usd": 100, "haircut": 0.1,
     "monetise": 0.5, "tranches": [{"at": 20, "shares_million": 1}]},
    {"id": "rent", "kind": "lease", "counterparty": "oracle", "filter": {"sites": ["lordstown"]}, "musd_per_mw_year": 10,
     "includes": ["opening", "land", "energy"]},
    {"id": "bank", "kind": "loan", "counterparty": "a bank", "limit_musd": 300, "rate": 0.08, "term_years": 2},
    {"id": "client", "kind": "offtake", "counterparty": "a customer", "musd_per_mw_year": 12},
    {"id": "promise", "kind": "purchase_commitment", "vendor": "nvidia", "counterparty": "nvidia",
     "commitments": [{"by": "2027-10", "at": 75, "shortfall_musd_per_unit": 2}]},
    {"id": "later", "kind": "equity_tranches", "vendor": "amd", "optional": True, "tranches": [{"at": 1, "musd": 7}]},
]  # fmt: skip


def dealt() -> Bundle:
    """The small world with deals, its decisions completed by the ledger."""
    problem = Problem.model_validate({**make_problem().model_dump(by_alias=True), "deals": DEALS})
    plain = make_bundle().plan.decisions()
    lent = {"lordstown": "rent"}
    decisions = plain.model_copy(
        update={
            "orders": [o.model_copy(update={"terms": lent.get(o.site, "own")}) for o in plain.orders],
            "shells": [s.model_copy(update={"terms": lent.get(s.site, "own")}) for s in plain.shells],
            "signed": ["=shares", "bank", "chips", "client", "promise", "rent"],
            "draws": [Draw(deal="bank", month="2026-04", musd=200)],
            "sales": [Sale(deal="client", site="abilene", block="n1", month=m, amount=10) for m in MONTHS[3:]],
        }
    )
    plan = evaluate(problem, make_ground(), decisions)
    plan = plan.model_copy(
        update={
            "status": Status(stopped="gap_reached", holds="plan"),
            "check": Check(ok=True, violations=[], rules_checked=9),
        }
    )
    shapes = gpd.GeoDataFrame(geometry=list(GEOMETRY.values()), index=list(GEOMETRY), crs="EPSG:4326")
    return Bundle(problem, plan, shapes)
