"""The twenty traps of services that plan with solvers and other people's maps, each sprung once.

Numbers are those of the list that the project was built to. Where a whole file of tests stands behind a trap, the short one
here springs it through the service's own door.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from fastapi.testclient import TestClient
from scipy import sparse

from api import usecases
from api.service.jobs.interface import Health, JobsUnavailable
from planner.errors import ModelError, SolverError
from planner.plan import Check, Violation
from solvers import process
from solvers.engines import highs
from solvers.engines.form import Form, check, compile_model
from tests.service.http.conftest import client, finished, stub, tiny

ROOT = Path(__file__).parents[3]
JSON = {"Content-Type": "application/json"}


def knapsack(**changes: Any) -> Form:
    """Maximise 5a + 4b + 3c with 2a + 3b + c <= 5 over whole numbers up to 1: a and b, 9."""
    fields = {
        "cost": np.array([-5.0, -4.0, -3.0]),
        "offset": 0.0,
        "A": sparse.csc_matrix([[2.0, 3.0, 1.0]]),
        "row_lower": np.array([-np.inf]),
        "row_upper": np.array([5.0]),
        "lower": np.zeros(3),
        "upper": np.ones(3),
        "whole": np.ones(3, dtype=bool),
    }
    return Form(**{**fields, **changes})


def pointers(api: TestClient, document: dict[str, Any]) -> set[str]:
    answer = api.post("/requests/check", json=document)
    assert answer.status_code == 422, answer.text
    return {f["pointer"] for f in answer.json()["faults"]}


def test_01_a_coefficient_that_would_drop_every_row(api: TestClient) -> None:
    document = tiny()
    document["blocks"][0]["capex_musd"] = 1e15
    assert "/blocks/0/capex_musd" in pointers(api, document)
    with pytest.raises(ModelError, match="1e\\+15"):
        check(knapsack(A=sparse.csc_matrix([[2.0, 1e15, 1.0]])))


def test_02_nothing_is_served_from_a_closed_site(api: TestClient) -> None:
    """Half a million MW of grid, and an opening that no budget pays: a loose big-M would build there without opening."""
    document = tiny(name="big M")
    properties = document["sites"]["features"][0]["properties"]
    properties |= {"grid_mw": 500_000, "opening_musd": 100_000}
    job = api.post("/plans", json=document).json()["jobID"]
    finished(api, job)
    plan = api.get(f"/plans/{job}").json()
    assert plan["check"]["ok"] and {o["site"] for o in plan["orders"]} == {"saline"} == {
        o["site"] for o in plan["openings"]
    }


def test_03_a_plan_that_fails_its_check_is_not_handed_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = Check(ok=False, violations=[Violation(rule="M3.4", family="power", subject="x", message="too much")])
    monkeypatch.setattr(usecases, "check_plan", lambda *_: wrong)
    found = usecases.plan(usecases.load_parsed(tiny(), tmp_path))
    assert (found.status.holds, found.status.stopped, found.orders) == ("no_plan", "error", [])


def test_04_known_bad_versions_and_fractional_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.Integers, bounds=(0.5, 4.5))
    model.row = pyo.Constraint(expr=model.x <= 9)
    form = compile_model(model).form
    assert (form.lower[0], form.upper[0]) == (1, 4)
    monkeypatch.setattr("highspy.Highs.version", lambda _: "1.14.0")
    with pytest.raises(SolverError, match=r"1\.14\.0"):
        highs.Highs(knapsack(), integer=True)


def test_05_not_a_number_is_stopped_at_both_doors(api: TestClient) -> None:
    text = json.dumps(tiny(discount_rate=math.nan))
    assert api.post("/plans", content=text.encode(), headers=JSON).json()["type"] == "/problems/bad-json"
    with pytest.raises(ModelError):
        check(knapsack(cost=np.array([math.nan, 0.0, 0.0])))


def test_06_figures_too_small_to_be_seen_are_not_dropped_in_silence() -> None:
    form = knapsack(
        A=sparse.csc_matrix([[1.0, 1e-10, 1.0]]), upper=np.array([1.0, 1e6, 1.0]), row_upper=np.array([1e-5])
    )
    with pytest.raises(SolverError, match="nine orders"):
        highs.Highs(form, integer=True)


def test_07_no_solver_and_no_geometry_in_the_service_itself() -> None:
    code = (
        "import sys, api.service.http.app, api.service.http.ogc.app\n"
        "print(sorted({'pyomo', 'highspy', 'geopandas', 'shapely', 'pyogrio', 'pandas'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


def test_08_a_solve_after_a_threaded_one_ends(tmp_path: Path) -> None:
    """A forked child would hang for good once this process has solved with two threads; ours is a fresh program."""
    highs.highspy.Highs.resetGlobalScheduler(
        True
    )  # HiGHS refuses another number of threads than a test before this one used
    assert highs.solve(knapsack(), threads=2).objective == pytest.approx(-9)
    began = time.monotonic()
    found = usecases.plan(usecases.load_parsed(tiny(solver={"time_limit_s": 10}), tmp_path))
    assert found.status.holds == "plan" and time.monotonic() - began < 15
    highs.highspy.Highs.resetGlobalScheduler(True)


def test_09_a_solver_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    deaf.write_text("#!/bin/sh\ntrap '' TERM\nwhile true; do sleep 0.1; done\n")
    deaf.chmod(0o755)
    monkeypatch.setattr(process.sys, "executable", str(deaf))
    began = time.monotonic()

    class Nothing:
        options = SimpleNamespace(cluster="")

        def to_bytes(self) -> bytes:
            return b""

    solved = process.solve_in_child(Nothing(), lambda _: None, lambda: True, began + 60)  # type: ignore[arg-type]
    assert solved.stopped_from_outside == "cancelled" and time.monotonic() - began < 2 + process.GRACE_S


def test_10_an_interrupt_does_not_stick() -> None:
    highs.solve(knapsack(), on_pulse=lambda *_: True)
    assert highs.solve(knapsack()).outcome == "optimal"


def test_11_a_misspelt_option_is_refused() -> None:
    with pytest.raises(SolverError, match="mip_rel_gapp"):
        highs.Highs(knapsack(), integer=True).set("mip_rel_gapp", 0.1)


def test_12_nothing_that_cannot_live_beside_highs_is_installed() -> None:
    names = [line.split("==")[0].strip().lower() for line in (ROOT / "requirements.lock").read_text().splitlines()]
    assert "highspy" in names and "ortools" not in names


def test_13_a_start_is_a_start() -> None:
    start = np.array([1.0, 1.0, 0.0])
    found = highs.solve(knapsack(), start=start, max_nodes=0, presolve="off")
    assert found.x is not None and found.objective <= -9 + 1e-9


def test_14_the_gap_is_told_in_the_objectives_own_unit(api: TestClient, plan_id: str) -> None:
    plan = api.get(f"/plans/{plan_id}").json()
    assert plan["bound"] is not None and plan["gap_absolute"] == pytest.approx(abs(plan["bound"] - plan["objective"]))
    assert plan["gap"] == pytest.approx(plan["gap_absolute"] / abs(plan["objective"]))
    assert plan["status"]["stopped"] in {"optimal", "gap_reached"}


def test_15_a_map_that_is_another_files_address(api: TestClient, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("password,hunter2\n")
    layer = f"<OGRVRTLayer name='x'><SrcDataSource>{tmp_path}/secret.csv</SrcDataSource></OGRVRTLayer>"
    text = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    answer = api.post("/datasets", content=text.encode(), headers={"Content-Type": "application/geo+json"})
    assert answer.status_code == 422 and "hunter2" not in answer.text and str(tmp_path) not in answer.text


def test_16_a_crs_that_is_an_address(api: TestClient) -> None:
    sites = {**tiny()["sites"], "crs": {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}}
    assert "/sites" in pointers(api, tiny(sites=sites))
    answer = api.post("/datasets", content=json.dumps(sites).encode(), headers={"Content-Type": "application/geo+json"})
    assert answer.status_code == 422 and "crs" in answer.json()["detail"]


@pytest.mark.parametrize("points", [201, 1999])
def test_17_a_polygon_that_takes_a_minute_to_mend(api: TestClient, points: int) -> None:
    """A star of 201 corners and a scribble of 1,999: mending them the usual way takes 52 s and more."""
    angles = np.arange(points) * (2 * np.pi * (points // 2) / points)
    star = [[-99.78 + 0.01 * math.cos(a), 32.51 + 0.01 * math.sin(a)] for a in angles]
    document = tiny()
    document["sites"]["features"][0]["geometry"]["coordinates"] = [[*star, star[0]]]
    began = time.monotonic()
    answer = api.post("/requests/check", json=document)
    assert time.monotonic() - began < 5 and answer.status_code in (200, 422)
    assert any("abilene" in f["message"] for f in answer.json()["faults"])


@pytest.mark.parametrize(("lon", "lat"), [(17.4, 68.4), (8.6, 59.9), (-99.8, 32.5), (54.4, 24.4)])
def test_18_hectares_are_those_of_the_ground(api: TestClient, lon: float, lat: float) -> None:
    """A square of one kilometre by the ellipsoid's own lengths of a degree: 100 ha, and not the 734 of a web map."""
    phi, a, e2 = math.radians(lat), 6_378_137.0, 0.00669437999014
    north = a * (1 - e2) / (1 - e2 * math.sin(phi) ** 2) ** 1.5 * math.pi / 180
    east = a * math.cos(phi) / math.sqrt(1 - e2 * math.sin(phi) ** 2) * math.pi / 180
    dx, dy = 500 / east, 500 / north
    ring = [
        [lon - dx, lat - dy],
        [lon + dx, lat - dy],
        [lon + dx, lat + dy],
        [lon - dx, lat + dy],
        [lon - dx, lat - dy],
    ]
    document = tiny()
    document["sites"]["features"][0]["geometry"]["coordinates"] = [ring]
    report = api.post("/requests/check", json=document).json()
    assert report["sites"][0]["parcel_ha"] == pytest.approx(100, rel=1e-4)


@pytest.mark.parametrize(
    "body",
    [b'{"name": NaN}', b'{"name": "\\udc00"}', b'{"name": 1e400}', b'{"name": ' + b"1" * 31 + b"}", '{"name": "x"}'.encode("utf-16"),
     b'{"name": 1, "name": 2}', b'{"name": "\\u0000"}', '{"name": "\u202e"}'.encode()],
)  # fmt: skip
def test_19_bodies_that_bring_stock_services_to_their_knees(api: TestClient, body: bytes) -> None:
    answer = api.post("/plans", content=body, headers=JSON)
    assert answer.status_code in (400, 422) and answer.headers["content-type"] == "application/problem+json"


def test_20_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    with client(tmp_path, stub) as api:
        jobs = api.app.state.service.jobs  # type: ignore[attr-defined]

        async def busy(*_: Any, **__: Any) -> None:
            raise JobsUnavailable(f"database is locked: {tmp_path}/jobs.sqlite")

        async def ill() -> Health:
            return Health(False, 1, 0, 0, detail=str(tmp_path))

        jobs.submit, jobs.health = busy, ill
        answer = api.post("/plans", json=tiny())
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and str(tmp_path) not in answer.text
        assert api.get("/readyz").status_code == 503 and str(tmp_path) not in api.get("/readyz").text
        assert api.get("/healthz").status_code == 200
