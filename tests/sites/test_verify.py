"""M8.3, M3.9: the other method agrees, and catches every changed hectare and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from planner.plan import Plan, SiteResult
from planner.problem.request import Request
from sites import Prepared, prepare
from sites.verify import ground, recheck
from tests.sites.worlds import HERE, collection, layer, request, square

LAND: dict[str, Any] = {"setback_m": 30, "min_patch_ha": 2}


@pytest.fixture(scope="module")
def world() -> tuple[Request, Prepared]:
    """Squares from 55 S to 72 N and over the antimeridian, an L-shape, a point, stated hectares; two layers."""
    ell = square(-99.7, 32.4, 3000).difference(square(-99.69, 32.41, 1800)).difference(square(-99.712, 32.39, 200))
    shapes = [square(10, 60, 1000), square(180, -17, 1500), square(25, 72, 700), square(-70, -55, 5000), ell]
    shapes += [shapely.Point(5, 5), square(5.1, 5, 1000), square(5.2, 5, 1000)]
    own = [{}, {}, {}, {}, {}, {"buildable_ha": 30}, {"parcel_ha": 90}, {"buildable_ha": 60, "location": [5.2, 5.01]}]
    flood = layer([shapely.box(x - 0.004, -80, x, 80) for x in (10, 179.998, -70, -99.7, 5.1)], "flood", 15)
    spots = np.random.default_rng(2).uniform([-99.72, 32.38], [-99.68, 32.42], (30, 2))
    wells = layer([shapely.Point(x, y) for x, y in spots], "wells", 60)
    asked = request(
        collection(shapes, *own),
        land={**LAND, "exclusions": [flood, wells]},
        markets=[{"id": "m", "location": [-90, 40], "amount": 5}, {"id": "n", "amount": 5}],
        policies=[{"kind": "separation", "km": 15}],
    )
    return asked, prepare(asked, HERE)


ZEROS = dict.fromkeys(("it_mw", "facility_mw", "grid_mw", "gpus", "units", "pflops", "spend_musd"), 0)
BLANK = {
    **dict.fromkeys(("name", "region", "country", "state", "main_limit", "why"), ""),
    **dict.fromkeys(("opening_month", "power_used_share", "land_used_share"), None),
    "it_mw_by_vendor": {},
    "units_by_block": {},
    "periods": [],
    "status": "candidate",
    "opened": False,
}


def plan_of(found: Prepared) -> Plan:
    """A plan that reports the ground as prepared, and nothing else."""
    rows = [
        {**ZEROS, **BLANK, "id": g.site, **g.model_dump(include={"lon", "lat", "parcel_ha", "buildable_ha"})}
        | {"land": [s.model_dump() for s in g.steps]}
        for g in found.ground.sites
    ]
    head = {"objective_name": "compute", "objective_sense": "maximize", "objective_unit": ""}
    proof = dict.fromkeys(("objective", "bound", "gap", "gap_absolute"), 0)
    status = {"stopped": "optimal", "holds": "plan"}
    return Plan.model_validate({"name": "p", "status": status, **head, **proof, "sites": rows})


def test_both_methods_agree(world: tuple[Request, Prepared]) -> None:
    asked, found = world
    other = ground(asked, HERE)
    for a, b in zip(found.ground.sites, other.sites, strict=True):
        assert b.parcel_ha == pytest.approx(a.parcel_ha, rel=1e-6)
        assert b.buildable_ha == pytest.approx(a.buildable_ha, rel=1e-4, abs=1e-3)
        assert [s.layer for s in a.steps] == [s.layer for s in b.steps]
        assert [s.ha for s in b.steps] == pytest.approx([s.ha for s in a.steps], rel=1e-3, abs=1e-3)
        assert ((b.lon - a.lon + 180) % 360 - 180, b.lat - a.lat) == pytest.approx((0, 0), abs=1e-6)
    for mine, theirs in ((found.ground.markets, other.markets), (found.ground.close_pairs, other.close_pairs)):
        assert [(d.a, d.b) for d in mine] == [(d.a, d.b) for d in theirs]
        assert [d.km for d in theirs] == pytest.approx([d.km for d in mine], rel=1e-6)
    assert {(d.a, d.b) for d in found.ground.close_pairs} == {("s5", "s6"), ("s6", "s7")}
    assert len(found.ground.markets) == len(found.sites)


def test_a_true_plan_passes(world: tuple[Request, Prepared]) -> None:
    asked, found = world
    assert recheck(asked, HERE, plan_of(found)) == []


@pytest.mark.parametrize("field", ["parcel_ha", "buildable_ha", "lon", "lat"])
def test_every_changed_figure_is_caught(world: tuple[Request, Prepared], field: str) -> None:
    asked, found = world
    plan = plan_of(found)
    for i, row in enumerate(plan.sites):
        value = getattr(row, field)
        changed = row.model_copy(update={field: value * 1.01 + 0.01})
        sites = [*plan.sites[:i], changed, *plan.sites[i + 1 :]]
        wrong = recheck(asked, HERE, plan.model_copy(update={"sites": sites}))
        assert wrong and all(v.subject == row.id and v.family == "land" for v in wrong)


def test_changed_missing_and_foreign_land_is_caught(world: tuple[Request, Prepared]) -> None:
    asked, found = world
    plan = plan_of(found)
    row = plan.sites[0]

    def caught(*sites: SiteResult) -> bool:
        return bool(recheck(asked, HERE, plan.model_copy(update={"sites": [*sites, *plan.sites[1:]]})))

    assert not caught(row)
    assert caught()
    assert caught(row, row.model_copy(update={"id": "elsewhere"}))
    assert caught(row.model_copy(update={"land": row.land[:-1]}))
    assert caught(row.model_copy(update={"land": row.land[::-1]}))
    assert caught(row.model_copy(update={"land": [{**row.land[0], "ha": row.land[0]["ha"] * 1.01}, *row.land[1:]]}))


def test_a_patch_on_the_edge_may_go_either_way() -> None:
    """A square of almost exactly `min_patch_ha`: neither reading is called a mistake."""
    asked = request(collection([square(10, 60, 1000)]), land={"min_patch_ha": 100})
    found = prepare(asked, HERE)
    plan = plan_of(found)
    row = plan.sites[0]
    for buildable in (0.0, row.parcel_ha):
        land = [{"layer": "min_patch", "ha": row.parcel_ha - buildable}]
        changed = row.model_copy(update={"buildable_ha": buildable, "land": land})
        assert recheck(asked, HERE, plan.model_copy(update={"sites": [changed]})) == []


def test_it_shares_no_measuring_code() -> None:
    """The other method imports nothing that measures, cuts or projects."""
    for path in (Path(__file__).parents[2] / "sites" / "verify").glob("*.py"):
        text = path.read_text()
        for module in ("sites.areas", "sites.buildable", "sites.frame", "sites.distances"):
            assert f"from {module}" not in text and f"import {module}" not in text
