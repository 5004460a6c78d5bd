"""A child that solves nothing: what it does is in the document's ``stub``. Only the worker of our own tests and benchmarks starts it.

``seconds`` it takes, ``points`` it tells on the way, ``deaf`` to SIGTERM, ``crash`` on the first start (without having told a
point when ``points`` is 0), ``fail`` with words.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Like ``api.service.jobs.child``, in a few milliseconds."""
    spec = json.loads(sys.stdin.buffer.read())
    how: dict[str, Any] = spec["document"].get("stub", {})
    stop: list[int] = []
    signal.signal(signal.SIGTERM, signal.SIG_IGN if how.get("deaf") else lambda *_: stop.append(1))
    tell("about", objective_name="compute", objective_sense="maximize", objective_unit="PF", time_limit_s=10.0)
    if how.get("fail"):
        tell("failed", code="request", message=how["fail"], faults=[])
        sys.exit(3)
    value, stopped = 0.0, "optimal"
    if spec["finish"]:
        value, stopped = spec["point"]["value"], "cancelled"
    else:
        seconds, points = float(how.get("seconds", 0.0)), int(how.get("points", 1))
        tell("event", event="phase", message="searching")
        until = time.monotonic() + seconds
        for i in range(points):
            value = float(i + 1)
            tell("point", value=value, bound=100.0, decisions={"openings": [], "value": value})
            tell("event", event="incumbent", objective=value, bound=100.0, gap=(100 - value) / value)
            pause(stop, min(seconds / points, until - time.monotonic()))
        if how.get("crash") and crash_now(spec):
            os.kill(os.getpid(), signal.SIGKILL)
        pause(stop, until - time.monotonic())
        if stop:
            stopped = "cancelled"
        elif spec["point"] is not None:
            value = max(value, spec["point"]["value"])
    out = Path(spec["out_dir"])
    text = json.dumps({"format": "stub", "value": value, "name": spec["document"].get("name"), "note": spec["note"]})
    (out / "plan.json").write_text(text)
    tell(
        "result",
        files=["plan.json"],
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        holds="plan" if value else "no_plan",
        stopped=stopped,
        objective=value,
        bound=100.0,
        gap=0.5,
        check_ok=True,
        violations=[],
    )


def crash_now(spec: dict[str, Any]) -> bool:
    """Every time, or as often as ``crash`` says (counted in a file beside the drafts)."""
    most = spec["document"]["stub"]["crash"]
    marks = Path(spec["out_dir"]).parent / "crashes"
    done = len(marks.read_text()) if marks.exists() else 0
    marks.write_text("x" * (done + 1))
    return bool(most is True or done < most)


def pause(stop: list[int], seconds: float) -> None:
    """Sleep; a deaf child has no ``stop`` that could wake it."""
    until = time.monotonic() + seconds
    while not stop and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.02))


def tell(kind: str, **fields: Any) -> None:
    """One line."""
    sys.stdout.write(json.dumps({"kind": kind, **fields}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != int(os.environ["GIGASITE_PARENT"]):
        os._exit(1)
    main()
