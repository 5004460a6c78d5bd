"""Random deals on top of a random world, and random decisions on them: every field of section 5 is drawn now and then."""

from __future__ import annotations

from typing import Any

from planner.ground import Ground
from planner.plan import Decisions, Sale
from planner.plan import Draw as LoanDraw
from planner.problem.problem import Problem
from planner.verify.dates import Calendar
from tests.verify.random_worlds import Draw, random_world

LINES = ["openings", "land", "blocks", "tariffs", "sales_tax", "construction", "unpaid"]
KINDS = ("equity_tranches", "warrants", "purchase_commitment", "lease", "lease", "loan", "offtake")


def deal(d: Draw, i: int, kind: str) -> dict[str, Any]:
    """One deal of a kind; what every deal has, and what only this kind has."""
    common = {"id": f"x{i}", "kind": kind, "optional": d.maybe(0.5)} | d.some(
        counterparty=lambda: d.random.choice(["nvidia", "amd", "bank"]),
        vendor=lambda: d.random.choice(["nvidia", "amd"]),
        filter=lambda: d.random.choice([{"sites": ["s0", "s1"]}, {"regions": ["R1"]}, {"blocks": ["b0"]}]),
        metric=lambda: d.random.choice(["it_mw", "gpus", "units", "pflops", "capex_musd"]),
        counts=lambda: d.random.choice(["online", "ordered"]),
        counts_existing=lambda: True,
        counts_leased=lambda: False,
        counts_in_value=lambda: d.number(0, 1),
    )
    return common | OWN_FIELDS[kind](d)


def marks(d: Draw) -> list[float]:
    """Rising marks of progress."""
    top = d.random.choice([3, 60, 900])
    return sorted({0.5 + d.number(0, top) for _ in range(d.random.randint(1, 4))})


def equity(d: Draw) -> dict[str, Any]:
    tranches = [{"at": at, "musd": d.number(0, 300)} for at in marks(d)]
    return {"tranches": tranches} | d.some(lag_months=lambda: d.random.choice([0, 1, 4, 13]))


def warrants(d: Draw) -> dict[str, Any]:
    tranches = [
        {"at": at, "shares_million": d.number(0, 9), "price_hurdle_usd": d.random.choice([0, d.number(50, 200)])}
        for at in marks(d)
    ]
    return {
        "tranches": tranches,
        "share_price_usd": d.schedule(40, 250, price=True),
        "haircut": d.number(0, 1),
    } | d.some(exercise_usd=lambda: d.number(0, 120), monetise=lambda: d.number(0, 1), expires=lambda: d.month())


def commitment(d: Draw) -> dict[str, Any]:
    months = sorted({d.month(-0.5, 1.4) for _ in range(3)})
    promises = [
        {"by": by, "at": at} | d.some(shortfall_musd_per_unit=lambda: d.schedule(0, 3, price=True))
        for by, at in zip(months, marks(d))
    ]
    return {"commitments": promises}


def lease(d: Draw) -> dict[str, Any]:
    return {
        "musd_per_mw_year": d.schedule(0, 6, price=True),
        "covers": d.random.choice(["all", "shell", "chips"]),
    } | d.some(
        minimum_mw=lambda: d.schedule(0, 40),
        term_years=lambda: d.random.choice([0.2, 0.5, 1, 1.5, 4]),
        own_allowed=lambda: False,
        includes=lambda: d.random.sample(["opening", "land", "energy", "opex"], 2),
    )


def loan(d: Draw) -> dict[str, Any]:
    return {
        "limit_musd": d.schedule(0, 900, rising=True),
        "rate": d.random.choice([0, 0.05, 0.3]),
        "term_years": d.random.choice([0.1, 0.5, 1, 2.5, 6]),
    } | d.some(
        grace_months=lambda: d.random.choice([0, 2, 3, 8, 14]),
        max_share=lambda: d.number(0, 1),
        lines=lambda: d.random.sample(LINES, 3),
    )


def offtake(d: Draw) -> dict[str, Any]:
    price = d.random.choice(["musd_per_mw_year", "musd_per_pflops_year"])
    return {price: d.schedule(0, 6, price=True)} | d.some(
        minimum=lambda: d.schedule(0, 30),
        maximum=lambda: d.schedule(10, 90),
        shortfall_musd_per_unit_year=lambda: d.schedule(0, 3, price=True),
    )


OWN_FIELDS = {
    "equity_tranches": equity,
    "warrants": warrants,
    "purchase_commitment": commitment,
    "lease": lease,
    "loan": loan,
    "offtake": offtake,
}


def random_deals(seed: int) -> tuple[Problem, Ground, Decisions]:
    """A random world with deals; decisions name deals of the right kind, signed or not; limits may break."""
    problem, ground, decisions = random_world(seed)
    d = Draw(seed)
    d.random.seed(seed + 1_000_000)
    kinds = [d.random.choice(KINDS) for _ in range(d.random.randint(1, 6))]
    deals = [deal(d, i, kind) for i, kind in enumerate(kinds)]
    document = problem.model_dump(by_alias=True) | {"deals": deals}
    return Problem.model_validate(document), ground, _decided(d, problem, decisions, deals)


def _decided(d: Draw, problem: Problem, decisions: Decisions, deals: list[dict[str, Any]]) -> Decisions:
    months = Calendar(problem.horizon).labels()

    def of(kind: str) -> list[str]:
        return [x["id"] for x in deals if x["kind"] == kind]

    everywhere = d.random.choice(of("lease")) if of("lease") and d.maybe(0.4) else None

    def terms() -> str:
        return everywhere or d.random.choice(["own", *of("lease")])

    holds = [(o.site, o.block) for o in decisions.orders]
    sold = sorted({(x, *pair, m) for x in of("offtake") for pair in holds for m in months if d.maybe(0.3)})
    return decisions.model_copy(
        update={
            "orders": [o.model_copy(update={"terms": terms()}) for o in decisions.orders],
            "shells": [x.model_copy(update={"terms": terms()}) for x in decisions.shells],
            "signed": [x["id"] for x in deals if d.maybe(0.75)],
            "draws": [
                LoanDraw(deal=x, month=m, musd=d.number(0, 300)) for x in of("loan") for m in months if d.maybe(0.5)
            ],
            "sales": [Sale(deal=x, site=s, block=b, month=m, amount=d.number(0, 20)) for x, s, b, m in sold],
        }
    )
