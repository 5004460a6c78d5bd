"""A worker with stub children, and waiting for things to become true."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from api.service.jobs import open_jobs
from api.service.jobs.interface import Job, Jobs
from api.service.settings import Settings, to_env

ROOT = Path(__file__).resolve().parents[3]
STUB_WORKER = (str(ROOT / "benchmarks" / "service" / "stub_worker.py"),)
REAL_WORKER = ("-m", "api.service.run_worker")
ME = "me"


@contextlib.contextmanager
def worker(settings: Settings, arguments: tuple[str, ...] = STUB_WORKER) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process; at the end it is killed."""
    process = start(settings, arguments)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def start(settings: Settings, arguments: tuple[str, ...] = STUB_WORKER) -> subprocess.Popen[bytes]:
    """A worker process that dies with this one."""
    env = {**os.environ, **to_env(settings), "PYTHONPATH": str(ROOT), "GIGASITE_SUPERVISOR": str(os.getpid())}
    return subprocess.Popen([sys.executable, *arguments], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Jobs]:
    """The API's side of the jobs, closed at the end."""
    jobs = await open_jobs(settings)
    try:
        yield jobs
    finally:
        await jobs.close()


def stub(name: str = "", **how: Any) -> dict[str, Any]:
    """A request of which a stub child knows what to do."""
    return {"name": name, "stub": how}


async def until(condition: Callable[[], Awaitable[Any]], within_s: float = 90.0) -> Any:
    """The condition's first true answer. Fails when there is none in time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        answer = await condition()
        if answer:
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing came true within {within_s} s")


async def finished(jobs: Jobs, job_id: str, within_s: float = 90.0) -> Job:
    """The job, once it has ended."""

    async def look() -> Job | None:
        job = await jobs.get(ME, job_id)
        return job if job.is_finished else None

    found = await until(look, within_s)
    assert isinstance(found, Job)
    return found


async def running(jobs: Jobs, job_id: str, with_point: bool = True) -> Job:
    """The job, once it runs (and has a plan in hand)."""

    async def look() -> Job | None:
        job = await jobs.get(ME, job_id)
        return job if job.status == "running" and (job.incumbent is not None or not with_point) else None

    found = await until(look)
    assert isinstance(found, Job)
    return found


def _site(name: str, lon: float, grid_mw: float) -> dict[str, Any]:
    properties = {"id": name, "grid_mw": grid_mw, "buildable_ha": 40, "opening_musd": 50}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, 32.5]}, "properties": properties}


REQUEST: dict[str, Any] = {
    "name": "two sites",
    "horizon": {"start": "2027-01", "periods": 4, "period": "quarter"},
    "discount_rate": 0.08,
    "blocks": [
        {
            "id": "hall",
            "vendor": "acme",
            "it_mw": 12,
            "pflops": 30000,
            "capex_musd": 300,
            "footprint_ha": 1.2,
            "life_years": 5,
        }
    ],
    "sites": {"type": "FeatureCollection", "features": [_site("east", -99.8, 100), _site("west", -101.2, 60)]},
    "site_defaults": {"pue": 1.2, "construction_musd_per_mw": 10, "build_months": 3},
    "budget": {"per_year_musd": [{"from": "2027-01", "value": 1500}]},
    "objective": {"maximize": "compute"},
    "solver": {"time_limit_s": 20},
}
"""A request that the real child plans in a second or two."""
