"""The same thousand jobs over HTTP, sent by ``ab`` (package apache2-utils): the real API with its validation, a stub worker.

    python -m benchmarks.service.http_load --jobs 1000 --at-once 100

A Python client would be the bottleneck. Every answer must be 2xx, every job must be there afterwards, once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.service.jobs import tables
from api.service.jobs.tables import JOBS
from api.service.settings import Settings, to_env
from benchmarks.service.audit import audit
from benchmarks.service.load import HERE, ROOT, workers


def until_ready(url: str) -> None:
    """Waits until the API answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the API did not start within two minutes")


def ab(url: str, jobs: int, at_once: int, body: Path) -> dict[str, Any]:
    """Runs ab; counts and milliseconds out of what it prints."""
    command = ["ab", "-q", "-n", str(jobs), "-c", str(at_once), "-p", str(body), "-T", "application/json", "-s", "120"]
    headers = ["-H", "Prefer: respond-async", "-H", "Cache-Control: no-cache"]
    said = subprocess.run([*command, *headers, f"{url}/plans"], capture_output=True, text=True)
    found: dict[str, Any] = {"jobs": jobs, "at_once": at_once}
    for name, pattern in (
        ("complete", r"Complete requests:\s+(\d+)"),
        ("not_2xx", r"Non-2xx responses:\s+(\d+)"),
        ("per_second", r"Requests per second:\s+([\d.]+)"),
        ("p50_ms", r"\n\s+50%\s+(\d+)"),
        ("p99_ms", r"\n\s+99%\s+(\d+)"),
        ("max_ms", r"\n\s+100%\s+(\d+)"),
    ):
        match = re.search(pattern, said.stdout)
        found[name] = float(match[1]) if match else 0.0
    if said.returncode != 0:
        found["ab_said"] = said.stderr.strip()[-300:]
    return found


def main() -> int:
    """Prints the figures as JSON; exit code 1 when a job was lost, doubled, refused or failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    if shutil.which("ab") is None:
        raise SystemExit("ab is missing; next step: apt-get install apache2-utils")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="gigasite-http-") as folder:
        settings = Settings(data=Path(folder) / "data", port=port, solves=4)
        tables.prepare(settings)
        env = {**os.environ, **to_env(settings), "GIGASITE_SUPERVISOR": str(os.getpid()), "PYTHONPATH": str(ROOT)}
        processes = workers(settings, 1, real=False)
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "api.service.run_api"],
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        try:
            until_ready(url)
            warm = ab(url, 5, 1, HERE / "request.json")
            report = ab(url, args.jobs, args.at_once, HERE / "request.json")
            report["warm_up"] = warm
            report |= asyncio.run(look(settings, args.jobs + 5))
        finally:
            for process in processes:
                process.kill()
                process.wait()
    report["load_average"] = [round(x, 1) for x in os.getloadavg()]
    text = json.dumps(report, indent=1)
    print(text)
    if args.output:
        args.output.write_text(text + "\n")
    return 1 if report["audit_faults"] or report["not_2xx"] or report["complete"] != args.jobs else 0


async def look(settings: Settings, expected: int) -> dict[str, Any]:
    """Every job that was acknowledged is there and ends once."""
    engine = tables.open_engine(settings, 1)
    with engine.connect() as c:
        ids = [row[0] for row in c.execute(sa.select(JOBS.c.id))]
    engine.dispose()
    found = await audit(settings, {job: job for job in ids}, expected, 1200)
    return {"jobs_there": len(ids), "statuses": found.statuses, "audit_faults": found.faults}


if __name__ == "__main__":
    sys.exit(main())
