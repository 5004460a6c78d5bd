"""Random worlds with deals of every kind, random terms, draws and sales."""

from __future__ import annotations

import random
from typing import Any

from planner.ground import Ground
from planner.plan import Decisions, Draw, Order, Sale, Shell
from planner.problem.problem import Problem
from planner.timeline import Timeline
from tests.ledger.worlds import random_world


def random_deals(seed: int) -> tuple[Problem, Ground, Decisions]:
    """The random world of the same seed with one to five deals, half of them optional, most signed."""
    world, land, decisions = random_world(seed)
    r = random.Random(seed + 1_000_000)
    timeline = Timeline(world.horizon)
    P, step = timeline.P, timeline.len

    def month(p: float) -> str:
        """A month p periods after the start, maybe inside a period or outside the horizon."""
        start = world.horizon.start
        m = int(start[:4]) * 12 + int(start[5:]) - 1 + round(p * step)
        return f"{m // 12:04d}-{m % 12 + 1:02d}"

    def schedule(low: float, high: float, price: bool = True) -> Any:
        if r.random() < 0.5:
            return round(r.uniform(low, high), 3)
        at = [-r.randint(0, 5) if price else r.randint(-3, P * step // 2)]
        while r.random() < 0.6:
            at.append(at[-1] + r.randint(1, P * step // 2 + 5))
        return [{"from": month(m / step), "value": round(r.uniform(low, high), 3)} for m in at]

    vendors = sorted({b.vendor for b in world.blocks})
    filters: list[dict[str, Any]] = [{}, {"sites": ["s0", "s1"]}, {"regions": ["PJM"]}, {"blocks": ["b0"]}]

    def shared(number: int, kind: str) -> dict[str, Any]:
        return {
            "id": f"{kind}-{number}",
            "kind": kind,
            "counterparty": r.choice(["", "a bank", *vendors]),
            "vendor": r.choice([None, None, *vendors]),
            "filter": r.choice(filters),
            "optional": r.random() < 0.5,
            "metric": r.choice(["it_mw", "gpus", "units", "pflops", "capex_musd"]),
            "counts": r.choice(["online", "ordered"]),
            "counts_existing": r.random() < 0.5,
            "counts_leased": r.random() < 0.5,
            "counts_in_value": r.choice([None, 0.3]),
        }

    def rising(low: float, high: float) -> list[float]:
        return sorted({round(r.uniform(low, high), 1) for _ in range(r.randint(1, 4))})

    def terms(kind: str) -> dict[str, Any]:
        if kind == "equity_tranches":
            lag = r.choice([None, 0, 2, 14])
            return {"tranches": [{"at": at, "musd": r.randint(0, 90)} for at in rising(5, 90)], "lag_months": lag}
        if kind == "warrants":
            return {
                "tranches": [
                    {"at": at, "shares_million": r.randint(0, 9), "price_hurdle_usd": r.choice([0, 40, 70])}
                    for at in rising(5, 90)
                ],
                "exercise_usd": r.choice([0, 30]),
                "share_price_usd": schedule(20, 90),
                "monetise": r.choice([0, 0.4, 1]),
                "haircut": r.choice([0, 0.25]),
                "expires": r.choice([None, month(r.uniform(-1, P + 1))]),
            }
        if kind == "purchase_commitment":
            return {
                "commitments": [
                    {"by": month(by), "at": r.randint(0, 90), "shortfall_musd_per_unit": schedule(0, 4)}
                    for by in rising(-1, P + 2)
                ]
            }
        if kind == "lease":
            return {
                "covers": r.choice(["all", "shell", "chips"]),
                "musd_per_mw_year": schedule(0, 6),
                "minimum_mw": schedule(0, 30, price=False),
                "term_years": r.choice([None, 0.5, 1, 4]),
                "includes": [x for x in ("opening", "land", "energy", "opex") if r.random() < 0.5],
            }
        if kind == "loan":
            return {
                "limit_musd": schedule(1e6, 1e7, price=False),
                "rate": r.choice([0, 0.07, 0.4]),
                "term_years": r.choice([0.5, 2, 5]),
                "grace_months": r.choice([0, 0, 5, 18]),
            }
        price = r.choice(["musd_per_mw_year", "musd_per_pflops_year"])
        return {
            price: schedule(0, 9),
            "minimum": schedule(0, 30, price=False),
            "shortfall_musd_per_unit_year": schedule(0, 3),
        }

    kinds = ("equity_tranches", "warrants", "purchase_commitment", "lease", "lease", "loan", "offtake")
    deals = [{**shared(i, kind), **terms(kind)} for i, kind in enumerate(r.choices(kinds, k=r.randint(1, 5)))]
    given = Problem.model_validate({**world.model_dump(by_alias=True), "deals": deals})
    signed = [d.id for d in given.deals if not d.optional or r.random() < 0.7]
    by_kind = {kind: [d.id for d in given.deals if d.kind == kind and d.id in signed] for kind in kinds}
    leases = by_kind["lease"]
    housing = [d.id for d in given.deals if d.kind == "lease" and d.covers != "chips" and d.id in leases]

    def on(choices: list[str]) -> str:
        return r.choice(["own", *choices])

    retiring = {(x.site, x.block) for x in decisions.retirements}
    orders = [
        x if (x.site, x.block) in retiring else Order(**{**x.model_dump(), "terms": on(leases)})
        for x in decisions.orders
    ]
    shells = [Shell(**{**x.model_dump(), "terms": on(housing)}) for x in decisions.shells]
    months = timeline.months
    draws = {(deal, r.choice(months)): round(r.uniform(1, 500), 2) for deal in by_kind["loan"] for _ in range(2)}
    sales = {
        (deal, x.site, x.block, r.choice(months)): round(r.uniform(0.1, 20), 2)
        for deal in by_kind["offtake"]
        for x in orders
        if r.random() < 0.6
    }
    made = decisions.model_copy(
        update={
            "orders": orders,
            "shells": shells,
            "signed": signed,
            "draws": [Draw(deal=d, month=m, musd=x) for (d, m), x in draws.items()],
            "sales": [Sale(deal=d, site=s, block=b, month=m, amount=x) for (d, s, b, m), x in sales.items()],
        }
    )
    return given, land, made
