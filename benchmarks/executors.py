"""What it costs to let others work: the sites' programs of a portfolio on threads, processes and a local Dask cluster.

``python -m benchmarks.executors [REQUEST.json] [--rounds N]`` (default: family F100). Prints a table and writes
``benchmarks/results/executors.md``. Every executor gets the same programs in the same process, in turn; the best of the rounds counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.families import draw
from solvers.engines.increments import Increments
from solvers.engines.job import solve_job
from solvers.executors import Where, Work, crew_of
from solvers.strategies.common import Search
from solvers.strategies.relaxation import relaxation
from solvers.strategies.site_by_site import _job, row_sites, site_programs

RESULT = Path(__file__).parent / "results" / "executors.md"
NOTHING = 200
"""Pieces of no work at all, for what each hand-out costs."""


def programs(path: Path) -> list[Any]:
    """The sites' programs at the relaxation's prices."""
    from api.usecases import load
    from planner.model.build import build_model
    from planner.model.data import build_data
    from solvers.search import in_order, make_task

    loaded = load(path)
    d = build_data(in_order(loaded.problem), loaded.ground)
    task, _ = make_task(build_model(d), d)
    silent = lambda *_: None  # noqa: E731
    form = task.stage_form(0)
    inc = Increments.of(form, task.before)
    search = Search(task, form, inc, time.monotonic() + 3600, silent, silent, silent, lambda: False)
    relaxed = relaxation(search)
    assert relaxed is not None
    prices = np.where(row_sites(form, task.site) < 0, relaxed.row_dual, 0.0)
    sites = [int(s) for s in np.unique(task.site[task.site >= 0])]
    parts = site_programs(search, form.cost - form.A.T @ prices, sites)
    return [
        replace(_job(search, part.program), work_s=3600.0, clock_s=3600.0) for part in parts
    ]  # nodes end it, not the clock


def nothing(job: int, stop: Callable[[], bool]) -> int:
    """No work."""
    return job


def same(item: Any) -> Any:
    """All of an item travels."""
    return item


def never() -> bool:
    """Nobody stops."""
    return False


def measure(where: Where, workers: int, jobs: list[Any], rounds: int) -> dict[str, Any]:
    """Seconds until the first answer, for one empty piece, and for all programs; and the sum of their bounds."""
    began = time.perf_counter()
    crew = crew_of(where, workers)
    try:
        list(crew.map(Work(same, nothing, never), range(workers)))
        ready = time.perf_counter() - began
        began = time.perf_counter()
        list(crew.map(Work(same, nothing, never), range(NOTHING)))
        each = (time.perf_counter() - began) / NOTHING
        walls, bounds = [], []
        for _ in range(rounds):
            began = time.perf_counter()
            found = list(crew.map(Work(same, solve_job, never), jobs))
            walls.append(time.perf_counter() - began)
            bounds.append([r.bound for r in found if r is not None])
        assert all(b == bounds[0] for b in bounds)
        return {"ready": ready, "each": each, "wall": min(walls), "bounds": bounds[0]}
    finally:
        crew.close()


def table(rows: list[tuple[str, dict[str, Any]]], jobs: int) -> str:
    """Markdown."""
    one = rows[0][1]["wall"]
    lines = [
        f"| Executor | until the first answer, s | an empty piece, ms | {jobs} site programs, s | against one thread |",
        "|---|---|---|---|---|",
    ]
    for name, r in rows:
        lines.append(
            f"| {name} | {r['ready']:.2f} | {r['each'] * 1e3:.2f} | {r['wall']:.2f} | {one / r['wall']:.2f} x |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """All of them in turn."""
    from distributed import LocalCluster

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("request", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.request or draw(["F100"], ["compute"], [1], Path(folder))[0].path
        jobs = programs(path)
    rows = [
        ("threads, 1", measure(Where(), 1, jobs, args.rounds)),
        ("threads, 2", measure(Where(), 2, jobs, args.rounds)),
    ]
    rows.append(("processes, 2", measure(Where("processes"), 2, jobs, args.rounds)))
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        where = Where("dask", cluster.scheduler_address)
        rows.append(("Dask, 2 workers on this machine", measure(where, 2, jobs, args.rounds)))
    assert all(r["bounds"] == rows[0][1]["bounds"] for _, r in rows), "the executors do not agree"
    text = table(rows, len(jobs))
    print(text)
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    sizes = [j.program.A.data.nbytes + j.program.A.indices.nbytes + 7 * j.program.cost.nbytes for j in jobs]
    RESULT.write_text(
        f"# Executors\n\n`python -m benchmarks.executors`, {os.cpu_count()} processors ({platform.machine()}), Python "
        f"{platform.python_version()}, best of {args.rounds} rounds; load averages afterwards {load}. A program is "
        f"{sum(sizes) / len(sizes) / 1024:.0f} kB on average. All executors gave the same bounds to the last bit.\n\n{text}",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
