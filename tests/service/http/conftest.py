"""A service in this process: the real application on jobs in memory, with real solves of a tiny world."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.service.http.app import create_app
from api.service.jobs.memory import MemoryJobs
from api.service.settings import Settings

LOCAL = "http://127.0.0.1"

TINY: dict[str, Any] = {
    "name": "Tiny",
    "horizon": {"start": "2027-01", "periods": 4, "period": "quarter"},
    "discount_rate": 0.08,
    "blocks": [{"id": "hall", "vendor": "acme", "it_mw": 10, "pflops": 100, "capex_musd": 50, "footprint_ha": 1}],
    "sites": {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[-99.79, 32.5], [-99.77, 32.5], [-99.77, 32.52], [-99.79, 32.52], [-99.79, 32.5]]],
                },
                "properties": {"id": "abilene", "grid_mw": 35, "opening_musd": 10},
            },
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [-83.8, 42.17]},
                "properties": {"id": "saline", "grid_mw": 25, "buildable_ha": 60, "opening_musd": 5},
            },
        ],
    },
    "budget": {"per_year_musd": 400},
    "objective": {"maximize": "compute"},
    "solver": {"time_limit_s": 10},
}


def solve(document: dict[str, Any], folder: Path, news: Any, stop: Callable[[], bool]) -> dict[str, Any]:
    """The work of a job: the product's own use cases, and all its files."""
    from api import outputs, usecases
    from api.outputs.bundle import Bundle
    from api.outputs.canonical import sha256

    loaded = usecases.load_parsed(document, DATA["base"])
    found = usecases.plan(loaded, cancelled=stop)
    outputs.write(Bundle(loaded.problem, found, loaded.prepared.geometries, {}), folder)
    news("incumbent", {"objective": found.objective, "bound": found.bound})
    return {
        "holds": found.status.holds,
        "stopped": found.status.stopped,
        "incumbent": found.objective,
        "bound": found.bound,
        "result_sha256": sha256(found.model_dump(mode="json")),
    }


DATA: dict[str, Path] = {"base": Path("/nonexistent")}


def stub(document: dict[str, Any], folder: Path, news: Any, stop: Callable[[], bool]) -> dict[str, Any]:
    """A job that runs until it is stopped, and has a plan of sorts then."""
    news("incumbent", {"objective": 1.0})
    until = time.monotonic() + 30
    while not stop() and time.monotonic() < until:
        time.sleep(0.02)
    folder.joinpath("plan.json").write_text("{}", encoding="utf-8")
    return {"holds": "no_plan", "stopped": "cancelled"}


def tiny(**changes: Any) -> dict[str, Any]:
    """The tiny request with other values at the top."""
    return {**copy.deepcopy(TINY), **changes}


def client(data: Path, work: Any = solve, **settings: Any) -> TestClient:
    """A client of a fresh service."""
    jobs = MemoryJobs(work, data / "jobs")
    app = create_app(Settings(data=data, log_level="ERROR", **settings), jobs, clerks=1)
    return TestClient(app, base_url=LOCAL, raise_server_exceptions=False)


def finished(
    api: TestClient, job_id: str, seconds: float = 60, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """The job's status once it has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status: dict[str, Any] = api.get(f"/jobs/{job_id}", headers=headers).json()
        if status["status"] not in {"accepted", "running"}:
            return status
        time.sleep(0.05)
    raise AssertionError(f"job {job_id} did not end within {seconds} s")


def warmed(api: TestClient, seconds: float = 180) -> TestClient:
    """The client, once its clerk has loaded its libraries: until then requests are accepted on half a check."""
    until = time.monotonic() + seconds
    while api.post("/requests/check", json=tiny()).status_code != 200:
        assert time.monotonic() < until, f"no request could be checked within {seconds} s"
    return api


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One service for all tests that do not change its settings."""
    with client(tmp_path_factory.mktemp("service")) as api:
        yield warmed(api)


@pytest.fixture(scope="session")
def plan_id(api: TestClient) -> str:
    """A finished plan of the tiny request."""
    answer = api.post("/plans", json=tiny())
    assert answer.status_code in (200, 201), answer.text
    job_id: str = answer.json()["jobID"]
    status = finished(api, job_id)
    assert (status["status"], status.get("holds")) == ("successful", "plan"), status
    return job_id
