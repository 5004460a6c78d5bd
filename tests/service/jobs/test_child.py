"""The real child: plans, finishes from a stored point, stops, is limited, and sees nothing that it should not."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from api import examples
from api.service.jobs.line import Spec
from api.service.jobs.runner import Ended, Watch, run
from planner.problem.document import load_document
from tests.service.jobs.crew import REQUEST


def spec(tmp_path: Path, document: dict[str, Any] | None = None, **more: Any) -> Spec:
    document = REQUEST if document is None else document
    values = {"memory_mb": 4096, "limit_s": 60.0, **more}
    return Spec("plan", document, str(tmp_path), str(tmp_path), **values)


def done(watch: Watch, **how: Any) -> Ended:
    return asyncio.run(run(watch, **how))


def test_it_plans_tells_points_and_a_point_alone_gives_the_same_checked_plan(tmp_path: Path) -> None:
    """The last point told is what a lost search ends from: the same decisions, priced and checked again, with a note."""
    told: list[dict[str, Any]] = []
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    ended = done(Watch(spec(first), told.append))
    assert ended.code == 0 and ended.failure is None and ended.result is not None, ended
    assert (ended.result["holds"], ended.result["check_ok"]) == ("plan", True)
    assert sorted(ended.result["files"]) == sorted(p.name for p in first.iterdir())
    about = next(line for line in told if line["kind"] == "about")
    assert about["time_limit_s"] == 20
    point = [line for line in told if line["kind"] == "point"][-1]

    ended = done(Watch(spec(second, point=point, finish=True, note="the worker was lost"), told.append))
    assert ended.result is not None and ended.result["check_ok"] is True
    before, after = (json.loads((d / "plan.json").read_text()) for d in (first, second))
    assert after["orders"] == before["orders"] and after["objective"] == pytest.approx(before["objective"])
    assert after["status"] == {"stopped": "cancelled", "holds": "plan"}
    assert "the worker was lost" in after["warnings"]


def test_told_to_stop_in_mid_search_it_hands_back_a_checked_plan_within_seconds(tmp_path: Path) -> None:
    """The real solver on the shipped example, asked to stop as soon as it has told a plan: no proof is waited for."""
    out = tmp_path / "out"
    out.mkdir()
    document = load_document(examples.path("stargate"))
    document["solver"] = {"time_limit_s": 120, "relative_gap": 0}
    how = Spec("plan", document, str(examples.folder("stargate")), str(out), memory_mb=4096, limit_s=120.0)
    told: list[dict[str, Any]] = []

    async def stopped() -> tuple[Ended, float]:
        watch = Watch(how, told.append)
        task = asyncio.create_task(run(watch))
        while not any(line["kind"] == "point" for line in told):
            assert not task.done(), told[-3:]
            await asyncio.sleep(0.05)
        watch.asked = "dismissed"
        asked = time.monotonic()
        return await task, time.monotonic() - asked

    ended, took = asyncio.run(stopped())
    assert ended.asked == "dismissed" and ended.result is not None, ended
    assert (ended.result["holds"], ended.result["check_ok"], ended.result["stopped"]) == ("plan", True, "cancelled")
    assert json.loads((out / "plan.json").read_text())["check"]["ok"] is True
    assert took < 20, f"{took:.1f} s; on a quiet machine it is three or four, most of it writing files"


def test_a_point_that_breaks_the_request_is_not_a_plan(tmp_path: Path) -> None:
    """A point from the database is believed no more than any other: what fails the check is told as a failure (M8.3)."""
    site, block = REQUEST["sites"]["features"][0]["properties"]["id"], REQUEST["blocks"][0]["id"]
    order = {"site": site, "block": block, "month": "2027-04", "units": 1_000}
    point = {"value": 1.0, "bound": None, "decisions": {"orders": [order]}}
    ended = done(Watch(spec(tmp_path, point=point, finish=True), lambda line: None))
    assert ended.result is not None, ended
    assert (ended.result["holds"], ended.result["check_ok"], ended.result["stopped"]) == ("no_plan", False, "error")


def test_a_bad_request_comes_back_with_its_faults(tmp_path: Path) -> None:
    ended = done(Watch(spec(tmp_path, {**REQUEST, "horizon": {"start": "never"}, "colour": 1}), lambda line: None))
    assert ended.result is None and ended.failure is not None
    assert ended.failure["code"] == "request" and len(ended.failure["faults"]) >= 2


def test_too_little_memory_is_a_failure_in_words_or_a_crash_but_never_hangs(tmp_path: Path) -> None:
    began = time.monotonic()
    ended = done(Watch(spec(tmp_path, memory_mb=300), lambda line: None))
    assert ended.result is None and ended.code != 0
    assert time.monotonic() - began < 60


SPEAKS = "import sys, json; sys.stdin.read(); print(json.dumps({'kind': 'event', 'event': 'log', 'message': %s}), flush=True)"


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def test_it_sees_neither_database_nor_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGASITE_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("AWS_SECRET", "secret")
    told: list[dict[str, Any]] = []
    done(Watch(spec(tmp_path), told.append), command=python("import os; " + SPEAKS % "dict(os.environ)"))
    [line] = told
    assert "secret" not in json.dumps(line) and "PATH" in line["message"]


@pytest.mark.parametrize(
    "says",
    [
        "print('this is no JSON')",
        "print('[1, 2]')",
        "print('{}')",
        "sys.stdout.buffer.write(bytes([255, 254, 10]))",
        "sys.stdout.write('x' * 70_000_000)",
    ],
    ids=["text", "list", "empty", "bytes", "endless line"],
)
def test_what_is_no_line_of_ours_ends_the_child(tmp_path: Path, says: str) -> None:
    text = f"import sys, time; sys.stdin.read(); {says}; sys.stdout.flush(); time.sleep(60)"
    began = time.monotonic()
    ended = done(Watch(spec(tmp_path), lambda line: None), command=python(text))
    assert ended.result is None and ended.code != 0
    assert time.monotonic() - began < 30


def test_who_does_not_listen_is_killed_with_all_his_children(tmp_path: Path) -> None:
    """Its time is up after 2 s, it ignores SIGTERM and has started another process in its group: both are killed."""
    mark = tmp_path / "grandchild"
    text = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.stdin.read(); "
        f"p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); open({str(mark)!r}, 'w').write(str(p.pid)); "
        "time.sleep(60)"
    )
    began = time.monotonic()
    ended = done(Watch(spec(tmp_path), lambda line: None), command=python(text), wall_s=2.0)
    assert ended.asked == "time" and ended.code == -9
    assert time.monotonic() - began < 20
    assert _gone_within(10.0, Path(f"/proc/{mark.read_text()}/stat"))


def _gone_within(seconds: float, stat: Path) -> bool:
    """Whether a process ends in time: SIGKILL is sent at once to the whole group, but who waits for a core dies later."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False
