"""Hostile requests against the service in this process: every answer in time, none of them a 5xx.

    python -m benchmarks.service.hostile [--requests 100000] [--seed 0] [--uploads 40] [--write]

Requests are made from real ones by changing bytes, values, keys, geometries, headers and addresses. The application is the
real one, called as ASGI; jobs end at once. ``--write`` records the result in ``benchmarks/results/service-hostile.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from api.service.http.app import create_app
from api.service.jobs.memory import MemoryJobs
from api.service.settings import Settings
from benchmarks.service.mutations import Call, calls

RESULT = Path(__file__).resolve().parent.parent / "results" / "service-hostile.json"
AT_ONCE = 16
SLOW_S = 5.0


def done_at_once(document: dict[str, Any], folder: Path, news: Any, stop: Any) -> dict[str, Any]:
    """The work of a job here: a plan.json of one line."""
    folder.joinpath("plan.json").write_text('{"format": "gigasite-plan/1"}', encoding="utf-8")
    return {"holds": "no_plan", "stopped": "infeasible"}


async def call(app: Any, made: Call) -> tuple[int, bytes]:
    """One ASGI call; its status and body. 0: nothing was answered. A stream is left after its first lines."""
    path, _, query = made.target.partition("?")
    status, body = 0, b""
    enough = asyncio.Event()
    sent = 0

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent < len(made.body) or (sent == 0 and not made.body):
            chunk = made.body[sent : sent + 65_536]
            sent = max(sent + len(chunk), 1)
            return {"type": "http.request", "body": chunk, "more_body": sent < len(made.body)}
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, body
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body += message.get("body", b"")
            if not message.get("more_body") or len(body) > 5_000_000:
                enough.set()

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": made.method, "scheme": "http",
        "path": path, "raw_path": path.encode("utf-8", "replace"), "query_string": query.encode("utf-8", "replace"),
        "root_path": "", "headers": made.headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return status, body


async def run(requests: int, uploads: int, seed: int, data: Path) -> dict[str, Any]:
    """Make all calls, some at once; what came back."""
    jobs = MemoryJobs(done_at_once, data / "jobs", max_queue=10**6)
    app = create_app(Settings(data=data, log_level="CRITICAL", max_json_depth=64), jobs)
    source = calls(random.Random(seed), requests, uploads)
    statuses: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    bad: list[dict[str, Any]] = []
    slow: list[dict[str, Any]] = []
    times: list[float] = []

    async def worker() -> None:
        for made in source:
            began = time.perf_counter()
            try:
                status, body = await call(app, made)
            except Exception as error:
                status, body = -1, repr(error).encode()
            took = time.perf_counter() - began
            times.append(took)
            statuses[status] += 1
            kinds[made.kind] += 1
            leaked = any(word in body for word in (b"Traceback", str(data).encode(), b"site-packages"))
            told = {
                "kind": made.kind,
                "method": made.method,
                "target": made.target[:300],
                "status": status,
                "s": round(took, 2),
            }
            if status <= 0 or status >= 500 or leaked:
                bad.append(
                    {
                        **told,
                        "leaked": leaked,
                        "body": made.body[:2000].decode("latin-1"),
                        "answer": body[:300].decode("latin-1"),
                    }
                )
            if took > SLOW_S:
                slow.append({**told, "body": made.body[:300].decode("latin-1")})

    began = time.perf_counter()
    async with app.router.lifespan_context(app):
        await app.state.service.clerks.warm()
        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    took = time.perf_counter() - began
    times.sort()
    return {
        "requests": len(times),
        "seed": seed,
        "at_once": AT_ONCE,
        "seconds": round(took, 1),
        "per_second": round(len(times) / took),
        "answers": {str(k): v for k, v in sorted(statuses.items())},
        "kinds": dict(sorted(kinds.items())),
        "server_errors_or_leaks": len(bad),
        "slower_than_5_s": len(slow),
        "ms": {
            p: round(times[min(int(len(times) * q), len(times) - 1)] * 1000, 1)
            for p, q in (("p50", 0.5), ("p99", 0.99), ("max", 1))
        },
        "bad": bad[:20],
        "slow": slow[:20],
    }


def main() -> int:
    """Run, tell, record; 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument(
        "--uploads", type=int, default=40, help="of them: hostile files, each opened in a process of its own"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as room:
        found = asyncio.run(run(given.requests, given.uploads, given.seed, Path(room)))
    found |= {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": [round(x, 1) for x in os.getloadavg()],
    }
    print(json.dumps(found, indent=1))
    if given.write:
        RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if found["bad"] or found["slow"] else 0


if __name__ == "__main__":
    sys.exit(main())
