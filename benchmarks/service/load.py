"""A thousand jobs accepted at once while a worker works: how long each waited for its answer, and what became of them.

    python -m benchmarks.service.load                       on SQLite
    python -m benchmarks.service.load --postgres            on PostgreSQL, with two workers
    python -m benchmarks.service.load --real                fifty at once while real solves of a small request run

This measures the job store (validation and HTTP stand before it, see :mod:`benchmarks.service.hostile`). An answer means:
the job is on the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.service.jobs import Jobs, open_jobs
from api.service.settings import Settings, to_env
from benchmarks.service.audit import Audit, audit
from benchmarks.service.postgres import new_database, server

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OWNER = "load"


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Milliseconds: median, 99th percentile and the worst."""
    ranked = sorted(seconds)
    pick = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    return {name: round(1000 * ranked[min(len(ranked) - 1, int(q * len(ranked)))], 1) for name, q in pick.items()}


async def timed(jobs: Jobs, document: dict[str, Any]) -> tuple[float, str]:
    """One submission: seconds until the answer, and the job."""
    began = time.perf_counter()
    job = (await jobs.submit(OWNER, document)).job
    return time.perf_counter() - began, job.id


async def measure(settings: Settings, count: int, document: dict[str, Any] | None, patience_s: float) -> dict[str, Any]:
    """All at once; meanwhile somebody reads; then one every 50 ms; then wait for the end of all and audit."""
    jobs = await open_jobs(settings)
    reads: list[float] = []
    accepted = asyncio.Event()

    def one(i: int) -> dict[str, Any]:
        return {**(document or {"stub": {"seconds": 0.0, "points": 1}}), "name": f"job {i}"}

    async def read() -> None:
        while not accepted.is_set():
            began = time.perf_counter()
            await jobs.list(OWNER, limit=20)
            reads.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)

    reader = asyncio.create_task(read())
    began = time.perf_counter()
    told = await asyncio.gather(*(timed(jobs, one(i)) for i in range(count)))
    all_s = time.perf_counter() - began
    accepted.set()
    await reader
    later = []
    for i in range(min(count, 100 if document is None else 10)):
        later.append(await timed(jobs, one(count + i)))
        await asyncio.sleep(0.05)
    ids = {f"{i}": job for i, (_, job) in enumerate([*told, *later])}
    audited: Audit = await audit(settings, ids, len(told) + len(later), patience_s)
    done_s = time.perf_counter() - began
    await jobs.close()
    return {
        "database": "sqlite" if settings.is_sqlite else "postgres",
        "solver": "stub" if document is None else "real",
        "at_once": {"jobs": count, "seconds": round(all_s, 3), **quantiles([s for s, _ in told])},
        "reads_meanwhile": {"count": len(reads), **quantiles(reads)},
        "one_by_one_while_jobs_run": {"jobs": len(later), **quantiles([s for s, _ in later])},
        "all_ended_s": round(done_s, 1),
        "audit": asdict(audited),
    }


def workers(settings: Settings, count: int, real: bool) -> list[subprocess.Popen[bytes]]:
    """Worker processes that die with this one, ready to work."""
    env = {**os.environ, **to_env(settings), "GIGASITE_SUPERVISOR": str(os.getpid()), "PYTHONPATH": str(ROOT)}
    if real:
        command = [sys.executable, "-m", "api.service.run_worker"]
        found = [subprocess.Popen(command, env=env) for _ in range(count)]
        time.sleep(6)
        return found
    command = [sys.executable, str(HERE / "stub_worker.py")]
    found = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE) for _ in range(count)]
    for process in found:
        assert process.stdout
        process.stdout.readline()
    return found


def main() -> int:
    """Prints the figures as JSON; exit code 1 when a job was lost, doubled or failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--real", action="store_true")
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    document = json.loads((ROOT / "tests/benchmarks/three_sites.json").read_text()) if args.real else None
    if document is not None:
        document["solver"] = {**document.get("solver", {}), "time_limit_s": 3}
    count = args.jobs or (50 if args.real else 1000)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gigasite-load-")))
        url = new_database(stack.enter_context(server(folder / "pg"))) if args.postgres else ""
        settings = Settings(data=folder / "data", database_url=url, solves=2 if args.real else 4)
        crew = workers(settings, 2 if args.postgres else 1, args.real)
        try:
            report = asyncio.run(measure(settings, count, document, 300))
        finally:
            for process in crew:
                process.kill()
                process.wait()
    report["load_average"] = [round(x, 1) for x in os.getloadavg()]
    text = json.dumps(report, indent=1)
    print(text)
    if args.output:
        args.output.write_text(text + "\n")
    return 1 if report["audit"]["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
