"""A small world for the outputs: three parcels and a point, two vendors, two years of quarters.

Nothing is searched: the decisions are written by hand and the ledger completes them.

- ``abilene`` opens 2026-01, starts 100 MW of shell, takes 2 units of ``n1`` (25 MW each) ordered 2026-04, and 1 unit of
  ``a1`` (20 MW) ordered 2026-07; it is a polygon whose ring is written the wrong way round.
- ``lordstown`` opens 2026-07 and takes 1 unit of ``a1`` ordered 2027-01; it is a multipolygon.
- ``milam`` is not opened; ``shut`` is excluded and is a point with stated hectares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from api.outputs.bundle import Bundle
from planner.ground import Ground, LandStep, SiteGround
from planner.ledger import evaluate
from planner.plan import Check, Decisions, Opening, Order, Plan, Shell, Status
from planner.problem.block import Block
from planner.problem.common import Horizon
from planner.problem.money import Budget
from planner.problem.objective import Objective
from planner.problem.problem import Problem
from planner.problem.site import Site


def clockwise(lon: float, lat: float, d: float = 0.02) -> Polygon:
    """A square whose exterior runs clockwise: right-hand writers must turn it round."""
    return Polygon([(lon - d, lat - d), (lon - d, lat + d), (lon + d, lat + d), (lon + d, lat - d)])


GEOMETRY: dict[str, BaseGeometry] = {
    "abilene": clockwise(-99.73, 32.45),
    "lordstown": MultiPolygon([box(-80.9, 41.1, -80.88, 41.12), box(-80.86, 41.1, -80.85, 41.12)]),
    "milam": Polygon(
        clockwise(-97.0, 30.8).exterior, [[(-97.005, 30.795), (-96.995, 30.795), (-96.995, 30.805), (-97.005, 30.805)]]
    ),
    "shut": Point(-106.65, 31.8),
}


def make_problem(names: dict[str, str] | None = None, vendors: tuple[str, str] = ("nvidia", "amd")) -> Problem:
    """The small world; ``names`` replaces site names."""
    names = names or {}
    n1 = Block(
        id="n1", vendor=vendors[0], name="N hall", gpus=12000, it_mw=25, pflops=60000, capex_musd=700,
        opex_musd_per_year=8,
        lead_months=6, life_years=6, footprint_ha=2.5, load_factor=0.85,
        basis={
            "capex_musd": {"value": 700, "low": 650, "high": 900, "unit": "MUSD", "basis": "assumed"},
            "it_mw": {"value": 25, "low": 22, "high": 28, "unit": "MW", "basis": "assumed"},
        },
    )  # fmt: skip
    a1 = Block(
        id="a1", vendor=vendors[1], name="A hall", gpus=6000, it_mw=20, pflops=52000, capex_musd=560,
        opex_musd_per_year=6,
        lead_months=3, life_years=6, footprint_ha=2, load_factor=0.85, available_from="2026-04",
    )  # fmt: skip
    common: dict[str, Any] = {
        "region": "ERCOT", "country": "US", "state": "TX", "pue": 1.2, "electricity_usd_per_mwh": 55,
        "carbon_kg_per_mwh": 370, "land_usd_per_ha": 20000, "opening_musd": 40, "construction_musd_per_mw": 11,
        "build_months": 6, "tariff": 0.1,
    }  # fmt: skip
    sites = (
        Site(id="abilene", name=names.get("abilene", "Abilene"), grid_mw=100, **common),
        Site(id="lordstown", name=names.get("lordstown", "Lordstown"), grid_mw=80, **{**common, "state": "OH"}),
        Site(id="milam", name=names.get("milam", "Milam"), grid_mw=50, **common),
        Site(id="shut", name=names.get("shut", "Shut"), grid_mw=50, status="excluded", buildable_ha=20, **common),
    )
    return Problem(
        name=names.get("plan", "Small world"),
        horizon=Horizon(start="2026-01", periods=8, period="quarter"),
        discount_rate=0.08,
        blocks=(n1, a1),
        sites=sites,
        budget=Budget(per_year_musd=2500),
        objectives=(Objective(maximize="compute"),),
        terminal="straight_line",
    )


def make_ground() -> Ground:
    """Hectares as a reader of the shapes would roughly find them."""
    rows = (("abilene", -99.73, 32.45, 1660.0), ("lordstown", -80.88, 41.11, 480.0), ("milam", -97.0, 30.8, 1600.0))
    return Ground(
        sites=(
            *(
                SiteGround(
                    site=i,
                    lon=x,
                    lat=y,
                    parcel_ha=ha,
                    buildable_ha=0.8 * ha,
                    steps=(LandStep(layer="setback", ha=0.2 * ha),),
                )
                for i, x, y, ha in rows
            ),
            SiteGround(site="shut", lon=-106.65, lat=31.8, parcel_ha=0, buildable_ha=20, overridden=True),
        )
    )


def make_plan(problem: Problem, ground: Ground) -> Plan:
    """The hand-written decisions, completed, dressed as a searched plan with a bound."""
    decisions = Decisions(
        openings=[Opening(site="abilene", month="2026-01"), Opening(site="lordstown", month="2026-07")],
        orders=[
            Order(site="abilene", block="n1", month="2026-04", units=2),
            Order(site="abilene", block="a1", month="2026-07", units=1),
            Order(site="lordstown", block="a1", month="2027-01", units=1),
        ],
        shells=[Shell(site="abilene", month="2026-01", mw=70.0), Shell(site="lordstown", month="2026-07", mw=20.0)],
    )
    plan = evaluate(problem, ground, decisions)
    assert plan.objective is not None
    bound = plan.objective * 1.01
    return plan.model_copy(
        update={
            "status": Status(stopped="gap_reached", holds="plan"),
            "bound": bound,
            "gap": 0.01,
            "gap_absolute": bound - plan.objective,
            "check": Check(ok=True, violations=[], rules_checked=123),
            "provenance": {"request_sha256": "0" * 64, "gigasite": "0.1.0", "highs": "1.15.1", "pyomo": "6.10.1"},
        }
    )


def make_bundle(names: dict[str, str] | None = None, vendors: tuple[str, str] = ("nvidia", "amd")) -> Bundle:
    """Problem, plan and shapes."""
    problem, ground = make_problem(names, vendors), make_ground()
    shapes = gpd.GeoDataFrame(geometry=list(GEOMETRY.values()), index=list(GEOMETRY), crs="EPSG:4326")
    return Bundle(problem, make_plan(problem, ground), shapes, {"elapsed_s": 1.5})


def make_no_plan() -> Bundle:
    """An infeasible search."""
    problem = make_problem()
    plan = Plan(
        name=problem.name,
        status=Status(stopped="infeasible", holds="no_plan"),
        objective_name="compute", objective_sense="maximize", objective_unit="PFLOPS-years",
        objective=None, bound=None, gap=None, gap_absolute=None,
        clashes=[
            {
                "family": "power", "subject": "abilene", "month": "2027-01", "amount": 90.0, "unit": "MW",
                "message": "abilene asks 190 MW in 2027-01; grid 100; short 90",
            }
        ],
    )  # fmt: skip
    shapes = gpd.GeoDataFrame(geometry=list(GEOMETRY.values()), index=list(GEOMETRY), crs="EPSG:4326")
    return Bundle(problem, plan, shapes)


@pytest.fixture
def bundle() -> Bundle:
    """The small world with its plan."""
    return make_bundle()


@pytest.fixture
def no_plan() -> Bundle:
    """The small world, infeasible."""
    return make_no_plan()


@pytest.fixture
def world() -> Callable[..., Bundle]:
    """Makes the small world with other names or vendors."""
    return make_bundle
