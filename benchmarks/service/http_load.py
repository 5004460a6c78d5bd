"""The same thousand jobs over HTTP, sent by ``ab`` (package apache2-utils): the real API with its validation, a stub worker.

    python -m benchmarks.service.http_load --jobs 1000 --at-once 1000
    python -m benchmarks.service.http_load --different          no two requests the same
    python -m benchmarks.service.http_load --while-solving --jobs 200   one by one, beside a real solve

Every answer must be 2xx, every job must be there afterwards, once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.service.jobs import tables
from api.service.jobs.tables import JOBS
from api.service.settings import Settings
from benchmarks.service.audit import audit
from benchmarks.service.load import HERE, quantiles
from benchmarks.service.postgres import new_database, server
from benchmarks.service.running import running
from benchmarks.service.wire import at_once, post


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


def different(address: str, jobs: int) -> dict[str, Any]:
    """As many requests at once, no two the same, so that no check of one serves another. (``ab`` sends one body only.)"""
    document = json.loads((HERE / "request.json").read_text())
    bodies = [json.dumps({**document, "name": f"load {i}"}).encode() for i in range(jobs)]
    calls = [post("/plans", body, "Prefer: respond-async") for body in bodies]
    began = time.perf_counter()
    callers = asyncio.run(at_once(address, calls))
    seconds = time.perf_counter() - began
    return {
        "jobs": jobs,
        "at_once": jobs,
        "complete": sum(c.status > 0 for c in callers),
        "not_2xx": sum(not 200 <= c.status < 300 for c in callers),
        "per_second": round(jobs / seconds, 1),
        **quantiles([c.seconds for c in callers]),
    }


def while_solving(address: str, jobs: int, folder: Path) -> dict[str, Any]:
    """One after the other, while a real solve of the shipped example runs beside."""
    from api import examples
    from api.client import Client
    from planner.problem.document import load_document

    long = load_document(examples.path("stargate"))
    long["sites"] = json.loads((examples.folder("stargate") / long["sites"]).read_text())
    long["solver"] = {"time_limit_s": 300, "relative_gap": 0}
    job = Client(address).submit(long)
    while job.status().get("incumbent") is None:
        time.sleep(0.2)
    found = ab(address, jobs, 1, HERE / "request.json")
    still = job.status()
    job.cancel()
    return {**found, "solving_before_and_after": still["status"] == "running"}


def main() -> int:
    """Prints the figures as JSON; exit code 1 when a job was lost, doubled, refused or failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--different", action="store_true", help="no two requests the same, all at once")
    parser.add_argument("--while-solving", action="store_true", help="one by one, beside a real solve")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    if shutil.which("ab") is None:
        raise SystemExit("ab is missing; next step: apt-get install apache2-utils")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gigasite-http-")))
        url = new_database(stack.enter_context(server(folder / "pg"))) if args.postgres else ""
        settings = Settings(data=folder / "data", database_url=url, solves=1 if args.while_solving else 4)
        settings, address = stack.enter_context(running(settings, real=args.while_solving))
        before = os.getloadavg()
        warm = ab(address, 5, 1, HERE / "request.json")
        if args.while_solving:
            report = while_solving(address, args.jobs, folder)
        else:
            if args.different:
                report = different(address, args.jobs)
            else:
                report = ab(address, args.jobs, args.at_once, HERE / "request.json")
            report |= asyncio.run(look(settings, args.jobs + 5))
        report["warm_up"] = warm
    report["database"] = "postgres" if args.postgres else "sqlite"
    report["load_average_before"] = [round(x, 1) for x in before]
    report["date"] = datetime.now(UTC).date().isoformat()
    text = json.dumps(report, indent=1)
    print(text)
    if args.output:
        args.output.write_text(text + "\n")
    return 1 if report.get("audit_faults") or report["not_2xx"] or report["complete"] != args.jobs else 0


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
