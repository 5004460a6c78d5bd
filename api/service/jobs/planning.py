"""The process ``plan``, in the child: load, search, check, write all outputs. Or finish from the points of an earlier start."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.service.jobs.line import Line, Spec
from planner.errors import GigasiteError, RequestError

if TYPE_CHECKING:
    from api.usecases import Loaded
    from planner.plan import Decisions, Plan
    from solvers.events import Event

POINT_EVERY_S = 1.0
"""Points closer together than this are not all kept, the last one always is."""


def work(spec: Spec, line: Line, stop: Callable[[], bool]) -> None:
    """Ends by telling a result, or why there is none."""
    try:
        _work(spec, line, stop)
    except RequestError as error:
        faults = [{"path": list(f.path), "message": str(f)} for f in error.faults]
        line.send("failed", code="request", message="the request cannot be planned", faults=faults)
    except GigasiteError as error:
        line.send("failed", code=type(error).__name__, message=str(error), faults=[])


def _work(spec: Spec, line: Line, stop: Callable[[], bool]) -> None:
    from api import usecases

    began = time.monotonic()
    line.send("event", event="phase", message="reading the request and its sites")
    loaded = _within(usecases.load_parsed(spec.document, Path(spec.base_dir)), spec)
    objective = loaded.problem.objectives[0]
    line.send(
        "about",
        objective_name=objective.name,
        objective_sense=objective.sense,
        objective_unit=_unit(objective.name),
        time_limit_s=loaded.problem.solver.time_limit_s,
    )
    teller = _Teller(line)
    if spec.finish:
        if spec.point is None:
            raise GigasiteError("nothing to finish from: no plan was found before the search was lost")
        found = restored(loaded, spec.point, spec.note)
    else:
        found = usecases.plan(loaded, on_event=teller.event, cancelled=stop, on_point=teller.point)
        teller.flush()
        found = _better(loaded, found, spec)
    line.send("event", event="phase", message="writing files")
    run = {"load_and_plan_s": round(time.monotonic() - began, 3), "events": []}
    _write(loaded, found, Path(spec.out_dir), run, line)


def _within(loaded: Loaded, spec: Spec) -> Loaded:
    """The request's own limits of time and memory, but no more than the service allows."""
    solver = loaded.problem.solver
    room = max(spec.memory_mb - 256, 512)
    capped = solver.model_copy(
        update={
            "time_limit_s": min(solver.time_limit_s, spec.limit_s),
            "memory_limit_mb": min(solver.memory_limit_mb, room),
            # a core stays free for those who ask meanwhile
            "threads": min(solver.threads, max(1, (os.cpu_count() or 1) - 1)),
        }
    )
    return replace(loaded, problem=loaded.problem.model_copy(update={"solver": capped}))


def _unit(name: str) -> str:
    from planner.model.objectives import UNITS

    return str(UNITS[name])


class _Teller:
    """Passes on news and points; of many points in a second only the last is sent."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._due = 0.0
        self._waiting: tuple[float | None, float | None, Callable[[], Decisions]] | None = None
        self._bound: float | None = None

    def event(self, e: Event) -> None:
        if e.bound is not None:
            self._bound = e.bound
        self._line.send(
            "event",
            event=e.kind,
            elapsed_s=round(e.elapsed_s, 3),
            objective=e.objective,
            bound=e.bound,
            gap=e.gap,
            message=e.message,
        )

    def point(self, value: float | None, decisions: Callable[[], Decisions]) -> None:
        self._waiting = (value, self._bound, decisions)
        if time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        if self._waiting is None:
            return
        value, bound, decisions = self._waiting
        self._waiting = None
        self._line.send("point", value=value, bound=bound, decisions=decisions().model_dump(mode="json"))
        self._due = time.monotonic() + POINT_EVERY_S


def restored(loaded: Loaded, point: dict[str, Any], note: str) -> Plan:
    """The plan of stored decisions: priced by the books, with the bound told at the time, and checked like any other."""
    from api import usecases
    from planner.plan import Decisions, Plan, Status
    from solvers.search import Verdict, price

    objectives = loaded.problem.objectives
    first = objectives[0]
    empty = Plan(
        name=loaded.problem.name,
        status=Status(stopped="cancelled", holds="no_plan"),
        objective_name=first.name,
        objective_sense=first.sense,
        objective_unit=_unit(first.name),
        objective=None,
        bound=point["bound"],
        gap=None,
        gap_absolute=None,
        bound_source="last told before the search was lost",
        warnings=[note] if note else [],
    )
    verdicts = [
        Verdict("cancelled", point["bound"] if i == 0 else None, empty.bound_source) for i in range(len(objectives))
    ]
    decisions = Decisions.model_validate(point["decisions"])
    return usecases.checked(loaded, price(loaded.problem, loaded.ground, empty, decisions, verdicts))


def _better(loaded: Loaded, found: Plan, spec: Spec) -> Plan:
    """A later start that was cut short must not end with less than an earlier one had in hand."""
    if spec.point is None or found.status.stopped == "infeasible":
        return found
    if found.status.holds == "plan" and found.status.stopped in ("optimal", "gap_reached"):
        return found
    sign = -1.0 if loaded.problem.objectives[0].sense == "maximize" else 1.0
    value = spec.point["value"]
    worse = found.objective is None or (value is not None and sign * value < sign * found.objective)
    if not worse:
        return found
    from solvers.search import with_rigorous

    old = restored(loaded, spec.point, "found by an earlier start of this job, which was lost")
    if old.status.holds != "plan":
        return found
    old = with_rigorous(old, found.rigorous_bound, found.rigorous_source)
    return old.model_copy(update={"status": old.status.model_copy(update={"stopped": found.status.stopped})})


def _write(loaded: Loaded, found: Plan, folder: Path, run: dict[str, Any], line: Line) -> None:
    from api import outputs
    from api.outputs.bundle import Bundle

    files = outputs.write(Bundle(loaded.problem, found, loaded.prepared.geometries, run), folder)
    line.send(
        "result",
        files=files,
        sha256=hashlib.sha256((folder / "plan.json").read_bytes()).hexdigest(),
        holds=found.status.holds,
        stopped=found.status.stopped,
        objective=found.objective,
        bound=found.bound,
        gap=found.gap,
        check_ok=found.check.ok,
        violations=[v.message for v in found.check.violations[:20]],
    )
