"""Threads, processes and a real Dask cluster of two worker processes: the same plan to the byte, whoever is killed meanwhile."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

import solvers
from api.studies import deals
from planner.errors import SolverError
from solvers.executors import Crew, Threads, Where, Work, crew_of
from solvers.strategies.dive import begin, hold_openings
from solvers.strategies.heuristics import settle_near
from solvers.strategies.losses import losses_at_relaxation
from solvers.strategies.milestones import reach
from solvers.strategies.relaxation import relaxation
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import site_by_site
from tests.api.test_deals_study import AMD, LEASE, loaded
from tests.solvers.portfolio import portfolio
from tests.solvers.slow_work import deadly, square, until_told
from tests.solvers.test_crew import search_of

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = Where("processes")
NUMBERS = range(14)
SQUARES = [n * n for n in NUMBERS]


class Cluster:
    """A scheduler and two workers of one thread each, on loopback, as processes of their own."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
        self._start: Callable[..., subprocess.Popen[str]] = lambda *words: subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:], "--no-dashboard"],
            cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._address()
        self.workers: list[subprocess.Popen[str]] = []
        self.complete()

    def _address(self) -> str:
        assert self.scheduler.stderr is not None
        for line in self.scheduler.stderr:
            if found := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
                threading.Thread(target=self.scheduler.stderr.read, daemon=True).start()
                return found[1]
        raise AssertionError("the scheduler said no address")

    def complete(self) -> None:
        """Two workers that live."""
        self.workers = [w for w in self.workers if w.poll() is None]
        while len(self.workers) < 2:
            worker = self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
            assert worker.stderr is not None
            for line in worker.stderr:
                if "Starting established connection" in line or "Registered to" in line:
                    break
            threading.Thread(target=worker.stderr.read, daemon=True).start()
            self.workers.append(worker)

    @property
    def where(self) -> Where:
        return Where("dask", self.address)

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    it = Cluster()
    yield it
    it.close()


@pytest.fixture
def whole(cluster: Cluster) -> Cluster:
    """With both of its workers."""
    cluster.complete()
    return cluster


@contextmanager
def hired(where: Where, workers: int = 2) -> Iterator[tuple[Crew, list[str]]]:
    told: list[str] = []
    crew = crew_of(where, workers, told.append)
    try:
        yield crew, told
    finally:
        crew.close()


def squares(folder: Path) -> Work[int, tuple[int, str], int]:
    return Work(lambda n: (n, str(folder)), square, lambda: False)


def done_by(folder: Path) -> dict[int, list[int]]:
    """Who began each number, by process id."""
    who: dict[int, list[int]] = {}
    for path in folder.iterdir():
        pid, number = map(int, path.name.split("-"))
        who.setdefault(number, []).append(pid)
    return who


def kill_one(folder: Path, most: int = 1) -> Callable[[int], None]:
    """After the third result: SIGKILL to whoever began the last number, in the midst of it."""
    killed: list[int] = []

    def after(result: int) -> None:
        if result >= 4 and len(killed) < most:
            pid = int(max(folder.iterdir(), key=lambda p: p.stat().st_mtime_ns).name.split("-")[0])
            assert pid != os.getpid()
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    return after


# --------------------------------------------------------------------------------------------------------- nothing is lost


def test_a_killed_process_costs_nothing(tmp_path: Path) -> None:
    """All squares, in order, though a process of the pool dies with a number in hand; it is begun a second time."""
    kill = kill_one(tmp_path)
    with hired(PROCESSES) as (crew, told):
        found = []
        for result in crew.map(squares(tmp_path), NUMBERS):
            found.append(result)
            kill(result)
    assert found == SQUARES and told == ["a process of the search died: what it had is done again"]
    assert any(len(pids) > 1 for pids in done_by(tmp_path).values())


def test_a_killed_worker_of_the_cluster_costs_nothing(whole: Cluster, tmp_path: Path) -> None:
    kill = kill_one(tmp_path)
    with hired(whole.where) as (crew, told):
        found = []
        for result in crew.map(squares(tmp_path), NUMBERS):
            found.append(result)
            kill(result)
    assert found == SQUARES and told == []  # Dask made it good by itself
    pids = {pid for who in done_by(tmp_path).values() for pid in who}
    assert pids == {w.pid for w in whole.workers} and sum(w.poll() is None for w in whole.workers) == 1


def test_what_kills_every_process_ends_with_an_error() -> None:
    with hired(PROCESSES) as (crew, told):
        with pytest.raises(SolverError, match="died 4 times in a row"):
            list(crew.map(Work(int, deadly, lambda: False), range(3)))
        assert len(told) == 3


def test_without_its_scheduler_the_search_goes_on_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Cluster()
    try:
        with hired(other.where) as (crew, told):
            found = []
            for result in crew.map(squares(tmp_path), NUMBERS):
                found.append(result)
                if result == 4:
                    other.scheduler.kill()
        assert found == SQUARES
        assert told == [f"the Dask scheduler at {other.address} is gone: going on in this process"]
        assert any(os.getpid() in pids for pids in done_by(tmp_path).values())
        monkeypatch.setattr("solvers.executors.cluster.CONNECT_S", 1.0)
        with pytest.raises(SolverError, match="no Dask scheduler answers at"):
            crew_of(other.where, 2)
    finally:
        other.close()


def test_what_is_handed_out_while_the_connection_is_lost_is_done_here(tmp_path: Path) -> None:
    """Dask keeps what it is given while it looks for its scheduler, and then neither does it nor says so."""
    other = Cluster()
    try:
        with hired(other.where) as (crew, told):

            def numbers() -> Iterator[int]:
                for n in NUMBERS:
                    if n == 4:
                        other.scheduler.kill()
                        while crew._client.status == "running":  # type: ignore[attr-defined]
                            time.sleep(0.01)
                        # As if the look had been a moment earlier.
                        crew._is_there, there = lambda: True, crew._is_there  # type: ignore[attr-defined]
                        yield n
                        crew._is_there = there  # type: ignore[attr-defined]
                    else:
                        yield n

            assert list(crew.map(squares(tmp_path), numbers())) == SQUARES
            assert list(crew.map(squares(tmp_path), NUMBERS)) == SQUARES  # and once more, without it from the start
        assert told == [f"the Dask scheduler at {other.address} is gone: going on in this process"]
    finally:
        other.close()


# ------------------------------------------------------------------------------------------------------------ order and end


@pytest.mark.parametrize("kind", ["threads", "processes", "dask"])
def test_whoever_is_told_to_stop_does(kind: str, request: pytest.FixtureRequest) -> None:
    """Two are at work for at most half a minute; once it is over they are told so and end; then the crew works again."""
    where = request.getfixturevalue("whole").where if kind == "dask" else Where(kind)  # type: ignore[arg-type]
    over = threading.Event()
    with hired(where) as (crew, _):
        work = Work(float, until_told, over.is_set)
        list(crew.map(work, [0.0, 0.0]))  # everybody is there
        threading.Timer(1.0, over.set).start()
        began = time.monotonic()
        found = list(crew.map(work, [30.0, 30.0, 30.0], lambda: not over.is_set()))
        assert time.monotonic() - began < 8 and all(s < 8 for s in found)
        assert list(crew.map(Work(float, until_told, lambda: False), [0.1, 0.2])) == pytest.approx([0.1, 0.2], abs=0.5)


def test_what_cannot_travel_is_done_here() -> None:
    """A function that is no :class:`Work`, and whatever is on the side."""
    with hired(PROCESSES) as (crew, _):
        assert set(crew.map(lambda _: os.getpid(), range(5))) == {os.getpid()}
        side = crew.aside(os.getpid)
        assert side is not None and side.result() == os.getpid()
    assert isinstance(crew_of(Where(), 3), Threads)


# ------------------------------------------------------------------------------------------------------------ the same plan


def searched(where: Where, workers: int, kill: Callable[[], None] = lambda: None) -> tuple[float, float, list[float]]:
    """Sites' programs, a first plan, and neighbourhoods until they no longer pay, limited by nodes only: bound, objective, plan.
    ``kill`` is called once, when the first neighbourhood has paid."""
    search = search_of(*portfolio(sites=7, blocks=2, periods=5))
    search.deadline += 600  # nodes end it, not the clock
    with hired(where, workers) as (crew, _):
        search.crew = crew
        relaxed = relaxation(search)
        assert relaxed is not None
        plans = site_by_site(search, relaxed)
        d = begin(search, relaxed)
        assert hold_openings(search, d, plans) and reach(search, d) and settle_near(search, d)
        kills = iter([kill])
        search.tell_point = lambda *_: next(kills, lambda: None)()
        repair(search, relaxed, losses_at_relaxation(search, relaxed.row_dual, plans))
        assert search.x is not None and next(kills, None) is None
        return search.bound, search.objective, search.x.tolist()


def test_the_same_search_whatever_the_executor(whole: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit: one thread, two; two processes, a cluster, and one of them killed while neighbourhoods are tried."""
    monkeypatch.setattr("solvers.strategies.repair.LARGEST", 2)
    first = searched(Where(), 1)
    assert searched(Where(), 2) == first
    assert searched(PROCESSES, 2, lambda: pool()[0].kill()) == first
    assert searched(whole.where, 2, whole.workers[0].kill) == first
    assert pool() == []


def pool() -> list[psutil.Process]:
    """Processes of a pool that this process has."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if any("spawn_main" in word for word in process.cmdline()):
                found.append(process)
    return found


def test_the_same_plan_whatever_the_executor(whole: Cluster) -> None:
    """Byte by byte, through the solver's own process."""

    def planned(where: Where, threads: int) -> str:
        options: dict[str, Any] = {"relative_gap": 0.2, "strategy": "relax_and_repair", "threads": threads}
        found = solvers.plan(*portfolio(sites=6, blocks=2, periods=4, time_limit_s=300.0, **options), where=where)
        assert found.status.stopped == "gap_reached"
        return found.model_dump_json()

    first = planned(Where(), 1)
    assert planned(Where(), 2) == first
    assert planned(PROCESSES, 2) == first
    assert planned(whole.where, 2) == first


def test_the_same_study_whatever_the_executor(whole: Cluster) -> None:
    """Every world's plan, and where each search began: the plan as asked."""
    it = loaded({**AMD, "optional": True}, LEASE)
    studies = []
    for where in (Where(), PROCESSES, whole.where):
        worlds = deals.run(it, where=where).study.worlds
        studies.append([(f.world.name, f.adopted_from, f.plan and f.plan.model_dump_json()) for f in worlds])
    assert studies[0] == studies[1] == studies[2]
    assert '"started_from_sha256"' in str(studies[0])
