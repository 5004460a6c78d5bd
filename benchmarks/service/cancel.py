"""How long a dismissed job's core is still busy: real solves of the Stargate example, stopped at random moments.

    python -m benchmarks.service.cancel --times 10

``core_free_s`` is the time until no process of the solver is left; ``ended_s`` until the job has ended, its best plan checked
and all files written.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import yaml

from api.service.jobs import Jobs, open_jobs
from api.service.settings import Settings
from benchmarks.service.load import ROOT, workers

EXAMPLE = ROOT / "api" / "examples" / "stargate"
OWNER = "cancel"


def solvers_of(pid: int) -> list[psutil.Process]:
    """The processes that search, below a worker."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "solvers.worker" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


async def once(jobs: Jobs, document: dict[str, Any], pid: int, after_s: float) -> dict[str, Any]:
    """Submit, wait until it searches and a while longer, dismiss, measure."""
    job = (await jobs.submit(OWNER, document, base_dir="in")).job
    while not solvers_of(pid):
        await asyncio.sleep(0.05)
    await asyncio.sleep(after_s)
    had_plan = (await jobs.get(OWNER, job.id)).incumbent is not None
    began = time.perf_counter()
    await jobs.dismiss(OWNER, job.id)
    while solvers_of(pid):
        await asyncio.sleep(0.01)
    core_free_s = time.perf_counter() - began
    while not (job := await jobs.get(OWNER, job.id)).is_finished:
        await asyncio.sleep(0.05)
    ended_s = time.perf_counter() - began
    return {
        "searched_s": round(after_s, 2),
        "had_plan": had_plan,
        "core_free_s": round(core_free_s, 2),
        "ended_s": round(ended_s, 2),
        "status": job.status,
        "holds": job.holds,
    }


async def run(times: int, seed: int) -> list[dict[str, Any]]:
    """One after the other, in one worker."""
    rng = random.Random(seed)
    document = yaml.safe_load((EXAMPLE / "request.yaml").read_text())
    document["solver"] = {**document.get("solver", {}), "time_limit_s": 60, "relative_gap": 0}
    with tempfile.TemporaryDirectory(prefix="gigasite-cancel-") as folder:
        settings = Settings(data=Path(folder) / "data")
        shutil.copytree(EXAMPLE, settings.data / "in")
        jobs = await open_jobs(settings)
        [worker] = workers(settings, 1, real=True)
        try:
            return [await once(jobs, document, worker.pid, rng.uniform(0, 12)) for _ in range(times)]
        finally:
            worker.kill()
            worker.wait()
            await jobs.close()


def main() -> int:
    """Prints the figures as JSON; exit code 1 when a core was busy for more than three seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    found = asyncio.run(run(args.times, args.seed))
    worst = max(one["core_free_s"] for one in found)
    report = {"worst_core_free_s": worst, "load_average": os.getloadavg(), "cancellations": found}
    text = json.dumps(report, indent=1)
    print(text)
    if args.output:
        args.output.write_text(text + "\n")
    return 0 if worst <= 3.0 else 1


if __name__ == "__main__":
    sys.exit(main())
