"""Tiny worlds for the check: requests built directly, plans that hold decisions and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.ground import Distance, Ground, SiteGround
from planner.plan import Draw, Opening, Order, Plan, Sale, Served, Shell, Status, Units, Violation
from planner.problem.problem import Problem
from planner.verify import verify

FIGURES = frozenset(
    {
        "cash",
        "after_horizon",
        "terminal",
        "totals",
        "sites",
        "objective",
        "objectives",
        "cost_split",
        "status",
        "report",
        "deals",
        "circularity",
        "years",
        "concentration",
        "tariff_exposure",
    }
)
"""Families that compare stated figures. A plan of decisions alone states none, so limit tests leave them out."""

SITE: dict[str, Any] = {"id": "abilene", "grid_mw": 100.0, "existing_shell_mw": 1000.0}
BLOCK: dict[str, Any] = {"id": "hall", "vendor": "nvidia", "it_mw": 10.0, "pflops": 100.0, "gpus": 1000}


def problem(sites: Sequence[dict[str, Any]] = ({},), blocks: Sequence[dict[str, Any]] = ({},), **rest: Any) -> Problem:
    """A request of four quarters from 2026-01 whose sites and blocks state what differs from ``SITE`` and ``BLOCK``."""
    document: dict[str, Any] = {
        "name": "tiny",
        "horizon": {"start": "2026-01", "periods": 4, "period": "quarter"},
        "discount_rate": 0.0,
        "sites": [SITE | s for s in sites],
        "blocks": [BLOCK | b for b in blocks],
        "objectives": [{"maximize": "compute"}],
        "terminal": "straight_line",
    }
    return Problem.model_validate(document | rest)


def ground(
    problem: Problem,
    ha: float | dict[str, float] = 1000.0,
    parcel: float = 0.0,
    markets: Sequence[tuple[str, str, float]] = (),
    pairs: Sequence[tuple[str, str, float]] = (),
) -> Ground:
    """The ground of a tiny world: buildable hectares (one figure or by site), parcel hectares, kilometres."""
    return Ground(
        sites=tuple(
            SiteGround(
                site=s.id,
                lon=0.0,
                lat=0.0,
                parcel_ha=parcel if s.parcel_ha is None else s.parcel_ha,
                buildable_ha=ha if isinstance(ha, float) else ha[s.id],
            )
            for s in problem.sites
        ),
        markets=tuple(Distance(a=a, b=b, km=km) for a, b, km in markets),
        close_pairs=tuple(Distance(a=a, b=b, km=km) for a, b, km in pairs),
    )


def plan(
    openings: Sequence[tuple[str, str]] = (),
    orders: Sequence[tuple[str, str, str, int] | tuple[str, str, str, int, str]] = (),
    shells: Sequence[tuple[str, str, float] | tuple[str, str, float, str]] = (),
    retirements: Sequence[tuple[str, str, str, int]] = (),
    idle: Sequence[tuple[str, str, str, int]] = (),
    served: Sequence[tuple[str, str, str, float]] = (),
    signed: Sequence[str] = (),
    draws: Sequence[tuple[str, str, float]] = (),
    sales: Sequence[tuple[str, str, str, str, float]] = (),
) -> Plan:
    """A plan that states decisions only: openings (site, month), orders (site, block, month, units) and so on.

    Orders and shells may name their terms at the end; draws are (deal, month, MUSD), sales (deal, site, block, month,
    amount).
    """
    return Plan(
        name="tiny",
        status=Status(stopped="cancelled", holds="plan"),
        objective_name="compute",
        objective_sense="maximize",
        objective_unit="PFLOPS-years",
        objective=0.0,
        bound=None,
        gap=None,
        gap_absolute=None,
        openings=[Opening(site=s, month=m) for s, m in openings],
        orders=[Order(site=o[0], block=o[1], month=o[2], units=o[3], terms=_terms(o, 4)) for o in orders],
        shells=[Shell(site=x[0], month=x[1], mw=x[2], terms=_terms(x, 3)) for x in shells],
        retirements=[Units(site=s, block=b, month=m, units=n) for s, b, m, n in retirements],
        idle=[Units(site=s, block=b, month=m, units=n) for s, b, m, n in idle],
        served=[Served(site=s, market=k, month=m, amount=x) for s, k, m, x in served],
        signed=list(signed),
        draws=[Draw(deal=d, month=m, musd=x) for d, m, x in draws],
        sales=[Sale(deal=d, site=s, block=b, month=m, amount=x) for d, s, b, m, x in sales],
    )


def _terms(row: tuple[Any, ...], place: int) -> str:
    return str(row[place]) if len(row) > place else "own"


def broken(
    problem: Problem, the_ground: Ground | None = None, **decisions: Any
) -> list[tuple[str, str, str | None, Any]]:
    """Limits that the decisions break: (rule, family, month, amount rounded to 1e-6), figures left out."""
    return [(v.rule, v.family, v.month, _short(v.amount)) for v in violations(problem, the_ground, **decisions)]


def violations(problem: Problem, the_ground: Ground | None = None, **decisions: Any) -> list[Violation]:
    """The same, whole."""
    check = verify(problem, the_ground or ground(problem), plan(**decisions))
    return [v for v in check.violations if v.family not in FIGURES and v.subject != "balances"]


def _short(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 6)
