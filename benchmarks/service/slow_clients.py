"""Five hundred slow clients: half-sent bodies, event streams that nobody reads, headers that never end. Are the others served?

    python -m benchmarks.service.slow_clients --clients 500 --seconds 20

The real API with a stub worker. While the slow ones hold on, somebody asks for a job's status and submits jobs, one after the
other; the same is measured without them. A body that does not come is given up after ten seconds, so that those who sent
half of one are opened anew all the time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api.client import Client
from api.service.settings import Settings
from benchmarks.service.load import HERE, quantiles
from benchmarks.service.running import running
from benchmarks.service.wire import at_once, get, post

HALF = b'POST /plans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"name": "'


async def slow(address: str, kind: int, job: str, ends: Counter[str]) -> None:
    """One slow client, again and again until cancelled: a body byte by byte, a stream that is not read, endless headers."""
    parts = urlsplit(address)
    while True:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1)
        try:
            if kind == 1:
                writer.write(f"GET /jobs/{job}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                await asyncio.sleep(3600)
            first, drop = (HALF, b"x") if kind == 0 else (b"GET /jobs HTTP/1.1\r\nHost: localhost\r\n", b"X-A: b\r\n")
            writer.write(first)
            while not reader.at_eof():
                writer.write(drop)
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    answer = await asyncio.wait_for(reader.read(15), 1.0)
                    ends[answer[9:12].decode("latin-1") or "closed"] += 1
                    break
        except OSError:
            ends["reset"] += 1
        finally:
            writer.close()


async def asked(address: str, job: str, seconds: float) -> dict[str, Any]:
    """A status and a submission, one after the other, for so long."""
    loop = asyncio.get_running_loop()
    document = json.loads((HERE / "request.json").read_text())
    calls = {
        "status": get(f"/jobs/{job}"),
        "submit": post("/plans", json.dumps(document).encode(), "Cache-Control: no-cache"),
    }
    took: dict[str, list[float]] = {name: [] for name in calls}
    statuses: Counter[int] = Counter()
    until = loop.time() + seconds
    while loop.time() < until:
        for name, call in calls.items():
            [caller] = await at_once(address, [call])
            took[name].append(caller.seconds)
            statuses[caller.status] += 1
        await asyncio.sleep(0.05)
    return {name: {"calls": len(t), **quantiles(t)} for name, t in took.items()} | {"answers": dict(statuses)}


async def measure(address: str, clients: int, seconds: float) -> dict[str, Any]:
    """Without them, and with them."""
    document = json.loads((HERE / "request.json").read_text())
    job = await asyncio.to_thread(lambda: Client(address).submit(document).id)
    await asked(address, job, 2.0)
    alone = await asked(address, job, seconds / 4)
    ends: Counter[str] = Counter()
    tasks = [asyncio.create_task(slow(address, i % 3, job, ends)) for i in range(clients)]
    await asyncio.sleep(2.0)
    among = await asked(address, job, seconds)
    failed = sum(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "clients": clients,
        "alone": alone,
        "among_slow_clients": among,
        "how_they_ended": dict(ends),
        "fell_out": failed,
    }


def main() -> int:
    """Prints the figures as JSON; exit code 1 when a call failed or the 99th percentile was above half a second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("-o", "--output", type=Path)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="gigasite-slow-") as folder,
        running(Settings(data=Path(folder) / "data")) as (_, at),
    ):
        before = os.getloadavg()
        report = asyncio.run(measure(at, args.clients, args.seconds))
    report["load_average_before"] = [round(x, 1) for x in before]
    report["date"] = datetime.now(UTC).date().isoformat()
    text = json.dumps(report, indent=1)
    print(text)
    if args.output:
        args.output.write_text(text + "\n")
    found = report["among_slow_clients"]
    bad = [s for s in found["answers"] if not 200 <= s < 300]
    return 1 if bad or max(found["status"]["p99_ms"], found["submit"]["p99_ms"]) > 500 else 0


if __name__ == "__main__":
    sys.exit(main())
