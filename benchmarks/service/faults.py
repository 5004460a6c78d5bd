"""``kill -9`` at random moments of API, worker and solver, and then the audit: nothing lost, nothing doubled, nothing torn.

    python -m benchmarks.service.faults --kills 100                 on SQLite
    python -m benchmarks.service.faults --kills 100 --postgres      on PostgreSQL, with two workers

The API here is :mod:`stub_api` and the solver :mod:`stub`, so that hundreds of jobs pass in minutes; queue, worker, store and
results are the real ones. Whoever was not answered asks again with the same key, as clients do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from api.service.settings import Settings, to_env
from benchmarks.service.audit import Audit, audit
from benchmarks.service.postgres import new_database, server

HERE = Path(__file__).resolve().parent
JOBS_PER_KILL = 3
IN_START_UP = 0.05
"""How often a process that is just starting is killed, too; always would mean that nothing ever runs."""

MOSTLY_BUSY = 0.7
"""How often an idle worker is spared: it is the busy ones that have something to lose."""


@dataclass
class Report:
    """What was done, and what the audit found."""

    database: str
    seed: int
    kills: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    dismissals: int = 0
    asked_again: int = 0
    ended_by_themselves: int = 0
    audit: Audit | None = None


class Target:
    """A process that is killed and started again."""

    def __init__(self, script: str, settings: Settings) -> None:
        self.said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._script, self._env = (
            script,
            {**os.environ, **to_env(settings), "PYTHONUNBUFFERED": "1", "GIGASITE_SUPERVISOR": str(os.getpid())},
        )
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(HERE / self._script)]
        process = subprocess.Popen(command, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.is_ready = False
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        for line in process.stdout:
            if process is self.process:
                self.is_ready = True
            self.said.put(line)

    def kill(self) -> None:
        """kill -9, and a new one in its place."""
        self.process.kill()
        self.process.wait()
        self.process = self._start()

    def tend(self) -> int:
        """Started again when it has ended by itself, as the service does; 1 when it had."""
        if self.process.poll() is None:
            return 0
        self.process = self._start()
        return 1

    def solver(self) -> psutil.Process | None:
        """One of its children, if it has any."""
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self.process.pid).children()
            return random.choice(children) if children else None
        return None


class Client:
    """Submits through an API that may die at any moment; what is not answered in time is asked again."""

    def __init__(self, api: Target, report: Report) -> None:
        self._api, self._report = api, report
        self.acknowledged: dict[str, str] = {}
        self.open: dict[str, dict[str, Any]] = {}
        self._reader = asyncio.create_task(self._read())
        self._asked: dict[str, float] = {}

    async def _read(self) -> None:
        while True:
            try:
                line = self._api.said.get_nowait()
            except queue.Empty:
                await asyncio.sleep(0.02)
                continue
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if "id" in said:
                    known = self.acknowledged.setdefault(said["key"], said["id"])
                    assert known == said["id"], f"key {said['key']} has two jobs: {known} and {said['id']}"
                    self.open.pop(said["key"], None)

    def say(self, asked: dict[str, Any]) -> None:
        """One line to the API; it may be dead."""
        stdin = self._api.process.stdin
        assert stdin
        with contextlib.suppress(OSError):
            stdin.write(json.dumps(asked).encode() + b"\n")
            stdin.flush()

    def submit(self, key: str, document: dict[str, Any]) -> None:
        """Ask; the answer comes, or it is asked again."""
        self.open[key] = document
        self._asked[key] = time.monotonic()
        self.say({"submit": document, "key": key})

    def ask_again(self) -> None:
        """Everything that has waited three seconds for its answer."""
        for key, document in list(self.open.items()):
            if time.monotonic() - self._asked[key] > 3 and self._api.is_ready:
                self._report.asked_again += 1
                self.submit(key, document)

    async def close(self) -> None:
        """Stop reading."""
        self._api.process.kill()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader


def documents(count: int, rng: random.Random) -> list[dict[str, Any]]:
    """Jobs of up to 3 s, some without a plan on the way, some that do not listen."""
    return [
        {
            "name": f"job {i}",
            "stub": {"seconds": rng.uniform(0, 3), "points": rng.choice([0, 1, 3, 8]), "deaf": rng.random() < 0.05},
        }
        for i in range(count)
    ]


async def storm(settings: Settings, kills: int, workers: int, seed: int, patience_s: float = 120.0) -> Report:
    """Jobs flow in while processes die; then everything is left alone until all jobs have ended, and audited."""
    rng, began = random.Random(seed), time.monotonic()
    report = Report("sqlite" if settings.is_sqlite else "postgres", seed)
    api = Target("stub_api.py", settings)
    crew = [Target("stub_worker.py", settings) for _ in range(workers)]
    client = Client(api, report)
    waiting = list(enumerate(documents(kills * JOBS_PER_KILL, rng)))
    total = len(waiting)
    try:
        while sum(report.kills.values()) < kills or waiting or client.open:
            for i, document in [waiting.pop() for _ in range(min(rng.randint(0, 8), len(waiting)))]:
                client.submit(f"key-{i}", document)
            await asyncio.sleep(rng.uniform(0.02, 0.8))
            client.ask_again()
            report.ended_by_themselves += sum(target.tend() for target in (api, *crew))
            if client.acknowledged and rng.random() < 0.05:
                report.dismissals += 1
                client.say({"dismiss": rng.choice(list(client.acknowledged.values()))})
            if sum(report.kills.values()) < kills:
                kill_one(rng, api, crew, report)
            if time.monotonic() - began > kills * 20 + patience_s:
                break
        tending = asyncio.create_task(keep(crew, report))
        report.audit = await audit(settings, client.acknowledged, total, patience_s)
        tending.cancel()
        report.seconds = round(time.monotonic() - began, 1)
    finally:
        await client.close()
        for worker in crew:
            worker.process.kill()
            worker.process.wait()
    return report


async def keep(crew: list[Target], report: Report) -> None:
    """Until cancelled: workers that end by themselves are started again."""
    while True:
        report.ended_by_themselves += sum(worker.tend() for worker in crew)
        await asyncio.sleep(1)


def kill_one(rng: random.Random, api: Target, crew: list[Target], report: Report) -> None:
    """One process less, at once replaced where it is the API or a worker."""
    what = rng.choice(["api", "worker", "worker", "solver", "solver"])
    victim = api if what == "api" else rng.choice(crew)
    if not victim.is_ready and rng.random() > IN_START_UP:
        return
    if what == "worker" and victim.solver() is None and rng.random() < MOSTLY_BUSY:
        return
    if what == "solver":
        solver = victim.solver()
        if solver is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            os.kill(solver.pid, signal.SIGKILL)
    else:
        victim.kill()
    report.kills[what] = report.kills.get(what, 0) + 1


def main() -> int:
    """Prints the report as JSON; exit code 1 when the audit found anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gigasite-faults-")))
        url = new_database(stack.enter_context(server(folder / "pg"))) if args.postgres else ""
        settings = Settings(data=folder / "data", database_url=url, attempts=1000, solves=2)
        report = asyncio.run(storm(settings, args.kills, 2 if args.postgres else 1, args.seed))
    text = json.dumps(asdict(report), indent=1)
    print(text)
    if args.output:
        args.output.write_text(text + "\n")
    assert report.audit is not None
    return 0 if report.audit.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
