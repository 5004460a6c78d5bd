"""One solve is one child process: whatever happens to it, the plan in hand survives and the ending is told honestly (M8.2)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from planner.errors import SolverError
from planner.plan import Plan
from planner.verify import verify
from solvers import Event, plan
from tests.model.tiny import tiny_world
from tests.solvers.portfolio import portfolio
from tests.worlds import exact

ROOT = Path(__file__).parents[2]
LIMIT_S = 30.0


def workers(of: psutil.Process) -> list[psutil.Process]:
    """Solver processes that a process started."""
    return [c for c in of.children(recursive=True) if "solvers.worker" in " ".join(c.cmdline())]


def held(found: Plan, world: object, land: object) -> None:
    """A plan is held, it passes its check, and nothing is claimed that was not proven."""
    assert found.status.holds == "plan"
    assert found.status.stopped not in ("optimal", "gap_reached", "infeasible")
    check = verify(world, land, found)  # type: ignore[arg-type]
    assert check.ok, check.violations[:3]
    assert found.objective is not None and (found.bound is None or found.objective <= found.bound * (1 + 1e-6))


def test_cancelling_keeps_the_best_plan() -> None:
    """Cancelled a moment after a first plan: it comes back within seconds."""
    world, land = portfolio(time_limit_s=LIMIT_S)
    seen: list[float] = []
    asked: list[float] = []

    def listen(e: Event) -> None:
        if e.kind == "incumbent":
            seen.append(time.monotonic())

    def cancelled() -> bool:
        if seen and time.monotonic() > seen[0] + 0.3 and not asked:
            asked.append(time.monotonic())
        return bool(asked)

    found = plan(world, land, listen, cancelled)
    assert asked and time.monotonic() - asked[0] < 10
    assert found.status.stopped == "cancelled"
    held(found, world, land)


def test_cancelling_before_anything_is_found_holds_nothing() -> None:
    world, land = portfolio(time_limit_s=LIMIT_S)
    found = plan(world, land, None, lambda: True)
    assert (found.status.stopped, found.status.holds) == ("cancelled", "no_plan")
    assert found.objective is None and not found.orders


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_child_leaves_its_plan(seed: int) -> None:
    """SIGKILL at a random moment after the first plan: the plan is held, and no search is said to have ended by itself."""
    world, land = portfolio(time_limit_s=LIMIT_S, seed=seed + 1)
    wait = random.Random(seed).uniform(0.0, 1.0)
    killed: list[int] = []
    first: list[float] = []

    def listen(e: Event) -> None:
        if e.kind == "incumbent":
            first.append(time.monotonic())

    def never() -> bool:
        if first and not killed and time.monotonic() > first[0] + wait:
            for child in workers(psutil.Process()):
                killed.append(child.pid)
                os.kill(child.pid, signal.SIGKILL)
        return False

    found = plan(world, land, listen, never)
    assert killed
    held(found, world, land)


def test_a_child_killed_before_it_found_anything_is_an_error_that_says_so() -> None:
    world, land = portfolio(time_limit_s=LIMIT_S)
    killed: list[int] = []

    def never() -> bool:
        if not killed:
            for child in workers(psutil.Process()):
                killed.append(child.pid)
                os.kill(child.pid, signal.SIGKILL)
        return False

    with pytest.raises(SolverError, match="solver process ended"):
        plan(world, land, None, never)


def test_the_time_limit_is_kept() -> None:
    """Three seconds, and what starting a process and handing back may take."""
    world, land = portfolio(time_limit_s=3.0)
    began = time.monotonic()
    found = plan(world, land)
    assert time.monotonic() - began < 3.0 + 8.0
    assert found.status.stopped == "time_limit"
    if found.status.holds == "plan":
        held(found, world, land)


def test_too_little_memory_is_said_plainly() -> None:
    """256 MB hold no solver at all: an error that names the limit or the memory, not a traceback and not a wrong plan."""
    world, land = portfolio(sites=40, blocks=6, periods=12, time_limit_s=LIMIT_S, memory_limit_mb=256)
    try:
        found = plan(world, land)
    except SolverError as error:
        assert any(word in str(error).lower() for word in ("memory", "256 mb", "alloc")), str(error)
    else:
        held(found, world, land)


def test_no_orphan_outlives_a_killed_parent(tmp_path: Path) -> None:
    """kill -9 of the program: its solver is gone within seconds."""
    script = tmp_path / "parent.py"
    script.write_text(
        "from solvers import plan\nfrom tests.solvers.portfolio import portfolio\nplan(*portfolio(time_limit_s=60.0))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        deadline, child = time.monotonic() + 30, None
        while child is None and time.monotonic() < deadline and parent.poll() is None:
            time.sleep(0.1)
            child = next(iter(workers(psutil.Process(parent.pid))), None)
        assert child is not None
        time.sleep(1.5)  # past its start, into the search
    finally:
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs([child], timeout=8)
    assert not alive


@pytest.mark.parametrize("seed", [1, 4, 12])
def test_the_same_request_gives_the_same_bytes(seed: int) -> None:
    """M8.4: twice the same request, twice the same plan, byte for byte."""
    problem, ground = tiny_world(seed)
    problem = exact(problem)
    first, second = plan(problem, ground), plan(problem, ground)
    assert first.status.stopped == "optimal"
    assert first.model_dump_json() == second.model_dump_json()


def test_a_larger_request_gives_the_same_bytes() -> None:
    """The same where the gap asked for ends the search."""
    world, land = portfolio(sites=8, blocks=3, periods=6, relative_gap=0.05, time_limit_s=LIMIT_S)
    first, second = plan(world, land), plan(world, land)
    assert first.status.stopped in ("gap_reached", "optimal")
    assert first.model_dump_json() == second.model_dump_json()
