"""After the storm: every accepted job ended once, with a whole result, and nothing else is there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from api.service.jobs import tables
from api.service.jobs.tables import EVENTS, JOBS
from api.service.settings import Settings

ENDS = ("successful", "failed", "dismissed")


@dataclass
class Audit:
    """Counts of what was found; ``faults`` in words, empty when all is well."""

    acknowledged: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    starts: int = 0
    losses: int = 0
    results: int = 0
    from_last_point: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Nothing lost, doubled or torn."""
        return not self.faults


async def audit(settings: Settings, acknowledged: dict[str, str], expected: int, patience_s: float) -> Audit:
    """Wait until every job has ended, or none has for ``patience_s``; then look at everything."""
    engine = tables.open_engine(settings)
    until, before = time.monotonic() + patience_s, -1
    while time.monotonic() < until and (left := _unfinished(engine)):
        if left != before:
            until, before = time.monotonic() + patience_s, left
        await asyncio.sleep(0.5)
    found = Audit(acknowledged=len(acknowledged))
    with engine.connect() as c:
        rows = {row["id"]: row for row in c.execute(sa.select(JOBS)).mappings()}
        ends: dict[str, int] = {}
        for job, data in c.execute(sa.select(EVENTS.c.job, EVENTS.c.data).where(EVENTS.c.kind == "status")):
            ends[job] = ends.get(job, 0) + (json.loads(data)["status"] in ENDS)
        if settings.is_sqlite and c.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            found.faults.append("SQLite's integrity check failed")
    if len(acknowledged) != expected:
        found.faults.append(f"{expected - len(acknowledged)} of {expected} submissions were never acknowledged")
    if lost := set(acknowledged.values()) - set(rows):
        found.faults.append(f"{len(lost)} acknowledged jobs are lost")
    if doubled := set(rows) - set(acknowledged.values()):
        found.faults.append(f"{len(doubled)} jobs are there that nobody was told of")
    for job_id, row in rows.items():
        _look_at(settings, row, ends.get(job_id, 0), found)
    engine.dispose()
    return found


def _unfinished(engine: sa.Engine) -> int:
    with engine.connect() as c:
        query = sa.select(sa.func.count()).select_from(JOBS).where(JOBS.c.status.in_(tables.UNFINISHED))
        return int(c.execute(query).scalar_one())


def _look_at(settings: Settings, row: Any, ends: int, found: Audit) -> None:
    name = f"{row['name']} ({row['id'][:8]})"
    found.statuses[row["status"]] = found.statuses.get(row["status"], 0) + 1
    found.starts += row["attempt"]
    found.losses += row["losses"]
    if row["status"] not in ENDS:
        told = len(found.faults) < 3
        found.faults.append(
            f"{name} never ended: {(dict(row), workflow(settings, row['id'])) if told else row['status']}"
        )
        return
    if ends != 1:
        found.faults.append(f"{name} ended {ends} times")
    if row["status"] == "failed":
        found.faults.append(f"{name} failed: {row['error']}")
    if row["status"] == "successful" and row["folder"] is None:
        found.faults.append(f"{name} ended well but has no result")
    if row["folder"] is None:
        return
    folder = tables.results_dir(settings) / row["id"] / row["folder"]
    raw = (folder / "plan.json").read_bytes() if (folder / "plan.json").exists() else b""
    if hashlib.sha256(raw).hexdigest() != row["result_sha256"]:
        found.faults.append(f"{name} has a torn result")
        return
    plan = json.loads(raw)
    found.results += 1
    found.from_last_point += bool(plan.get("note"))
    if plan["name"] != row["name"]:
        found.faults.append(f"{name} has somebody else's result: {plan['name']}")
    if sorted(p.name for p in folder.iterdir()) != sorted(json.loads(row["files"])):
        found.faults.append(f"{name}: the files there are not those that its row names")


def workflow(settings: Settings, job_id: str) -> dict[str, Any]:
    """What DBOS says of a job, for the fault's report."""
    engine = tables.open_engine(settings, 1)
    table = "workflow_status" if settings.is_sqlite else "dbos.workflow_status"
    with engine.connect() as c:
        query = sa.text(f"SELECT * FROM {table} WHERE workflow_uuid = :job")
        row = c.execute(query, {"job": job_id}).mappings().first()
    engine.dispose()
    return {} if row is None else dict(row)
