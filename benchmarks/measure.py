"""One measurement in a process of its own: ``python -m benchmarks.measure KIND REQUEST LIMIT_S``, JSON on the last line.

==========  =======================================================================================================
build       request to model and model to solver, ours and the bare routes in the same process, the best of REPEATS
build_ours  the same without the textbook model
plan        our search, its events, and its check
textbook    bare HiGHS on the textbook model with the same limit
==========  =======================================================================================================
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

REPEATS = 5
LONG_S = 5.0
"""What takes longer than this is built once."""
BEGINS = ("pricing by a sample of sites", "relaxing", "searching")
"""What strategies tell first."""


class Clock:
    """Wall and processor seconds of named steps."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Do a step and keep how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.wall[name], self.cpu[name] = time.perf_counter() - wall, time.process_time() - cpu
        return result


class Memory(threading.Thread):
    """Looks at this process and its children five times a second; the largest resident sizes seen, MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = self.children = self.together = 0.0
        self._over = threading.Event()
        self._me = psutil.Process()
        self.start()

    def run(self) -> None:
        """Until :meth:`stop`."""
        while not self._over.wait(0.2):
            own, children = self._me.memory_info().rss / 2**20, 0.0
            for child in self._me.children(recursive=True):
                try:
                    children += child.memory_info().rss / 2**20
                except psutil.NoSuchProcess:
                    continue
            self.own, self.children = max(self.own, own), max(self.children, children)
            self.together = max(self.together, own + children)

    def stop(self) -> dict[str, float]:
        """Ends looking; what was seen."""
        self._over.set()
        self.join()
        return {"model_mb": self.own, "search_mb": self.children, "together_mb": self.together}


def load(path: Path, limit_s: float) -> Any:
    """The request, with the limit of this run."""
    from api.usecases import load as read
    from api.usecases import with_solver

    return with_solver(read(path), time_limit_s=limit_s)


def size(rows: int, columns: int, nonzeros: int, whole: int) -> dict[str, int]:
    """How large a program is."""
    return {"rows": rows, "columns": columns, "nonzeros": nonzeros, "whole": whole}


def ours_once(loaded: Any) -> tuple[Clock, dict[str, int]]:
    """Our way: data, model, checked program, bytes to the solver process, checked hand-over to HiGHS."""
    from planner.model.build import build_model
    from planner.model.data import build_data
    from solvers.engines.highs import Highs
    from solvers.engines.increments import Increments
    from solvers.search import make_task, no_garbage_collection
    from solvers.task import Task

    clock = Clock()
    with no_garbage_collection():
        d = clock.time("data", lambda: build_data(loaded.problem, loaded.ground))
        m = clock.time("model", lambda: build_model(d))
        task, _ = clock.time("compile", lambda: make_task(m, d))
    task = clock.time("travel", lambda: Task.from_bytes(task.to_bytes()))
    form = task.stage_form(0)
    clock.time("increments", lambda: Increments.of(task.form, task.before).rewrite(form))
    clock.time("pass", lambda: Highs(form, integer=True))
    return clock, size(form.A.shape[0], form.A.shape[1], form.A.nnz, int(form.whole.sum()))


def own_bare_once(loaded: Any) -> Clock:
    """The same model of ours by the bare standard-form route: Pyomo's standard form, ``passModel``, nothing checked."""
    import pyomo.environ as pyo

    from benchmarks.textbook import standard_form, to_highs
    from planner.model.build import build_model, objective
    from planner.model.data import build_data
    from solvers.search import no_garbage_collection

    clock = Clock()
    with no_garbage_collection():
        d = clock.time("data", lambda: build_data(loaded.problem, loaded.ground))
        m = clock.time("model", lambda: build_model(d))
        goal = loaded.problem.objectives[0]

        def form() -> Any:
            sense = pyo.maximize if goal.sense == "maximize" else pyo.minimize
            m.objective = pyo.Objective(expr=objective(m, d, goal.name).expression(), sense=sense)
            return standard_form(m)

        info = clock.time("form", form)
    clock.time("pass", lambda: to_highs(info))
    return clock


def textbook_once(loaded: Any) -> tuple[Clock, dict[str, int]]:
    """The textbook model by the bare standard-form route, under the same rest of the garbage collector as ours."""
    from benchmarks.textbook import build, standard_form, to_highs
    from solvers.search import no_garbage_collection

    clock = Clock()
    with no_garbage_collection():
        m = clock.time("model", lambda: build(loaded.problem, loaded.ground))
        info = clock.time("form", lambda: standard_form(m))
    h = clock.time("pass", lambda: to_highs(info))
    whole = sum(v.is_integer() for v in info.columns)
    return clock, size(h.getNumRow(), h.getNumCol(), h.getNumNz(), whole)


def build(path: Path, limit_s: float, textbook: bool = True) -> dict[str, Any]:
    """Every route in turn, so that whatever else the machine does falls on all of them."""
    from benchmarks.textbook import unknown_features

    loaded = load(path, limit_s)
    unknown = unknown_features(loaded.problem)
    out: dict[str, Any] = {"unknown_to_textbook": unknown, "load": os.getloadavg()[0]}
    runs: dict[str, list[Clock]] = {"ours": [], "own_bare": [], "textbook": []}
    for i in range(REPEATS):
        again = {name: not i or (bool(c) and sum(c[0].wall.values()) < LONG_S) for name, c in runs.items()}
        if again["ours"]:
            clock, out["size"] = ours_once(loaded)
            runs["ours"].append(clock)
            gc.collect()
        if again["own_bare"]:
            runs["own_bare"].append(own_bare_once(loaded))
            gc.collect()
        if textbook and not unknown and again["textbook"]:
            clock, out["textbook_size"] = textbook_once(loaded)
            runs["textbook"].append(clock)
            gc.collect()
    for name, clocks in runs.items():
        if clocks:
            best = min(clocks, key=lambda c: sum(c.cpu.values()))
            out[name] = {"wall_s": best.wall, "cpu_s": best.cpu, "repeats": len(clocks)}
    return out


def strategy(phases: list[str]) -> str:
    """Which one searched, by what it told."""
    if BEGINS[0] in phases:
        return "decomposed"
    return "relax_and_repair" if {"deciding milestones", "repairing"} & set(phases) else "monolithic"


def plan(path: Path, limit_s: float) -> dict[str, Any]:
    """Our search as a user gets it, the child process and both checks included."""
    import solvers
    from api.usecases import check_plan

    loaded = load(path, limit_s)
    trace: list[tuple[float, float | None, float | None]] = []
    phases: list[tuple[float, str]] = []

    def on_event(e: solvers.Event) -> None:
        if e.kind in ("incumbent", "bound"):
            trace.append((e.elapsed_s, e.objective, e.bound))
        elif e.kind == "phase":
            phases.append((e.elapsed_s, e.message))
        print(
            f"  {e.elapsed_s:6.1f} s {e.kind} {e.message} {'' if e.gap is None else f'gap {e.gap:.2%}'}",
            file=sys.stderr,
        )

    memory = Memory()
    load_before, began = os.getloadavg()[0], time.monotonic()
    found = solvers.plan(loaded.problem, loaded.ground, on_event)
    wall, load_after = time.monotonic() - began, os.getloadavg()[0]
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = memory.stop()
    began = time.monotonic()
    trace.append((wall, found.objective, found.bound))
    check = check_plan(loaded, found) if found.status.holds == "plan" else None
    return {
        "objective_name": found.objective_name,
        "sense": found.objective_sense,
        "unit": found.objective_unit,
        "stopped": found.status.stopped,
        "holds": found.status.holds,
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "bound_source": found.bound_source,
        "wall_s": wall,
        "until_search_s": next((s for s, phase in phases if phase in BEGINS), None),
        "strategy": strategy([phase for _, phase in phases]),
        "search_cpu_s": child.ru_utime + child.ru_stime,
        "check_s": time.monotonic() - began,
        "check_ok": None if check is None else check.ok,
        "violations": [] if check is None else [v.message for v in check.violations[:5]],
        "openings": len(found.openings),
        "orders": len(found.orders),
        "memory": used,
        "load": [load_before, load_after],
        "trace": trace,
    }


def textbook(path: Path, limit_s: float) -> dict[str, Any]:
    """Bare HiGHS on the textbook model. The limit is the search's alone: building comes on top, which favours it."""
    from benchmarks.textbook import build as build_textbook
    from benchmarks.textbook import solve, standard_form, to_highs
    from solvers.search import no_garbage_collection

    loaded = load(path, limit_s)
    goal, options = loaded.problem.objectives[0], loaded.problem.solver
    load_before, began = os.getloadavg()[0], time.monotonic()
    with no_garbage_collection():
        h = to_highs(standard_form(build_textbook(loaded.problem, loaded.ground)))
    built, cpu = time.monotonic() - began, time.process_time()
    print(f"  {built:6.1f} s textbook model built, searching", file=sys.stderr)
    sign = -1 if goal.sense == "maximize" else 1
    answer = solve(h, sign, time_limit_s=limit_s, relative_gap=options.relative_gap, threads=options.threads)
    return {
        "status": answer.status,
        "objective": answer.objective,
        "bound": answer.bound,
        "trace": [(built + s, x, b) for s, x, b in answer.trace],
        "built_s": built,
        "wall_s": time.monotonic() - began,
        "search_cpu_s": time.process_time() - cpu,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "load": [load_before, os.getloadavg()[0]],
    }


def build_ours(path: Path, limit_s: float) -> dict[str, Any]:
    """Without the textbook model."""
    return build(path, limit_s, textbook=False)


KINDS = {"build": build, "build_ours": build_ours, "plan": plan, "textbook": textbook}


def main() -> int:
    """The command line above."""
    kind, path, limit = sys.argv[1:]
    print(json.dumps(KINDS[kind](Path(path), float(limit))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
