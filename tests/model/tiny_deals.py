"""Random tiny requests with deals of every kind; figures are small whole numbers, so that marks, limits and money meet."""

from __future__ import annotations

from typing import Any

from planner.ground import Distance, Ground, SiteGround
from planner.problem.problem import Problem
from tests.model.tiny import Draw, block, demand, policy, site

KINDS = ("equity_tranches", "warrants", "purchase_commitment", "lease", "loan", "offtake")


def deal(d: Draw, i: int, kind: str) -> dict[str, Any]:
    """One deal of a kind, with terms in the reach of one or two blocks."""
    terms = {
        "equity_tranches": equity,
        "warrants": warrants,
        "purchase_commitment": commitment,
        "lease": lease,
        "loan": loan,
        "offtake": offtake,
    }[kind]
    common = {"id": f"{kind}-{i}", "kind": kind, "optional": d.maybe(0.4)}
    return (
        common
        | terms(d)
        | d.some(
            0.25,
            vendor=lambda: "nvidia",
            filter=lambda: d.r.choice([{"sites": ["s0"]}, {"blocks": ["b0"]}]),
            counts=lambda: d.r.choice(["online", "ordered"]),
            metric=lambda: d.r.choice(["units", "pflops", "capex_musd", "gpus"]),
            counts_existing=lambda: True,
            counts_leased=lambda: False,
            counts_in_value=lambda: d.r.choice([0, 0.5, 1]),
        )
    )


def marks(d: Draw) -> list[float]:
    return sorted(d.r.sample([1, 1.5, 2, 3, 4, 7, 100], d.r.choice([1, 1, 2])))


def equity(d: Draw) -> dict[str, Any]:
    return {"tranches": [{"at": at, "musd": d.r.choice([3, 8, 15])} for at in marks(d)]} | d.some(
        0.5, lag_months=lambda: d.r.choice([0, 0, 1, d.step, 2 * d.step])
    )


def warrants(d: Draw) -> dict[str, Any]:
    hurdle = [0, 0, 10, 30]
    return {
        "tranches": [
            {"at": at, "shares_million": d.r.choice([0.5, 1]), "price_hurdle_usd": d.r.choice(hurdle)}
            for at in marks(d)
        ],
        "share_price_usd": d.schedule([5, 10, 20, 40]),
        "exercise_usd": d.r.choice([0, 0, 10]),
        "monetise": d.r.choice([0, 0.5, 1]),
        "haircut": d.r.choice([0, 0.25]),
    } | d.some(0.3, expires=lambda: d.within())


def commitment(d: Draw) -> dict[str, Any]:
    price = {"shortfall_musd_per_unit": d.schedule([1, 6, 20])} if d.maybe(0.8) else {}
    return {"commitments": [{"by": d.within(), "at": d.r.choice([1, 2, 3]), **price}]}


def lease(d: Draw) -> dict[str, Any]:
    return {
        "musd_per_mw_year": d.schedule([1, 3, 9]),
        "covers": d.r.choice(["all", "all", "shell", "chips"]),
        "includes": [x for x in ("opening", "land", "energy", "opex") if d.maybe(0.4)],
    } | d.some(
        0.35,
        own_allowed=lambda: False,
        minimum_mw=lambda: d.schedule([1, 2], price=False),
        term_years=lambda: d.r.choice([1, 2, 3]) * d.step / 12,
    )


def loan(d: Draw) -> dict[str, Any]:
    return {
        "limit_musd": d.schedule([4, 8, 10], price=False, rising=True),
        "rate": d.r.choice([0, 0, 0.05, 0.2]),
        "term_years": d.r.choice([1, 2, 4]) * d.step / 12,
    } | d.some(
        0.35,
        grace_months=lambda: d.r.choice([1, d.step, 2 * d.step]),
        max_share=lambda: d.r.choice([0.5, 1]),
        lines=lambda: d.r.choice([["blocks"], ["blocks", "tariffs"], ["construction", "openings"]]),
    )


def offtake(d: Draw) -> dict[str, Any]:
    price = {d.r.choice(["musd_per_mw_year", "musd_per_mw_year", "musd_per_pflops_year"]): d.schedule([2, 10, 40])}
    penalty = {"shortfall_musd_per_unit_year": d.schedule([1, 12])} if d.maybe(0.8) else {}
    return (
        price
        | d.some(
            0.5,
            minimum=lambda: d.schedule([1, 2], price=False),
            maximum=lambda: d.schedule([1, 2, 3], price=False, rising=True),
        )
        | penalty
    )


def exclusions(d: Draw, deals: list[dict[str, Any]]) -> None:
    """Now and then two deals exclude each other, one of them optional (M5.7)."""
    if len(deals) > 1 and d.maybe(0.3):
        a, b = d.r.sample(deals, 2)
        a["exclusive_with"] = [b["id"]]
        a["optional"] = True


def draw(seed: int, kinds: tuple[str, ...] = KINDS) -> tuple[Problem, Ground]:
    """One request with one to three deals, whatever its size."""
    d = Draw(seed)
    leaves = d.maybe(0.12)
    d.P = min(d.P, 2) if leaves else d.P
    K, S = (1, 1) if leaves else d.r.choice([(1, 1), (1, 2), (2, 1)])
    d.P = min(d.P, 3 if K + S > 2 else 4)
    deals = [deal(d, i, d.r.choice(kinds)) for i in range(d.r.choice([1, 1, 2, 2, 3]))]
    exclusions(d, deals)
    budget = None
    if d.maybe(0.65):
        budget = {"per_year_musd": d.schedule([6 / d.step * 12, 12 / d.step * 12, 15, 40])} | d.some(
            0.3,
            opening_musd=lambda: 6,
            carry_over=lambda: False,
            covers=lambda: d.r.choice([["capex"], ["opex"]]),
            revenue_share=lambda: d.r.choice([0.5, 1]),
            min_cash_musd=lambda: d.r.choice([-5, -5, 1]),
            after_horizon_limit_musd=lambda: d.r.choice([0, 4, 20]),
        )
    # Shells are enumerated as late as possible: only right where early money is of no more use than late money.
    free_shell = budget is not None and not budget.get("carry_over", True)
    blocks = [block(d, k, leaves) for k in range(K)]
    for b in blocks:
        b.setdefault("capex_musd", d.r.choice([5, 8, 13]))
    goals: list[dict[str, Any]] = [{"maximize": "compute"}, {"maximize": "value"}]
    needs = [demand(d, i) for i in range(d.r.choice([0, 1, 1]))]
    if needs:
        goals += [{"minimize": "cost"}, {"minimize": "net_cost"}]
    problem = Problem.model_validate(
        {
            "name": f"deals {seed}",
            "horizon": {"start": "2026-01", "periods": d.P, "period": d.period},
            "discount_rate": d.r.choice([0.0, 0.1]),
            "blocks": blocks,
            "sites": [site(d, s, blocks, free_shell) for s in range(S)],
            "budget": budget,
            "deals": deals,
            "demand": needs,
            "policies": [policy(d) for _ in range(d.r.choice([0, 0, 0, 0, 1]))],
            "objectives": [d.r.choice(goals)],
            "terminal": d.r.choice(["straight_line", "none"]),
        }
    )
    ids = [s.id for s in problem.sites]
    ground = Ground(
        sites=tuple(SiteGround(site=i, lon=0, lat=0, parcel_ha=10, buildable_ha=d.r.choice([1, 2, 5])) for i in ids),
        close_pairs=tuple(Distance(a=a, b=b, km=d.r.choice([20, 80])) for n, a in enumerate(ids) for b in ids[n + 1 :]),
    )
    return problem, ground
