"""Objectives one after the other (M8.1): each later one keeps the earlier within its tolerance; last, the tie-break."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import solve
from solvers.engines.increments import Increments
from solvers.executors import Crew, Where, crew_of
from solvers.strategies import STRATEGIES, Search, choose
from solvers.strategies.warm import warm_start
from solvers.task import OPEN, SHELL, Task

Send = Callable[..., None]
SMALL, TINY = 3000, 400
"""Whole columns up to which the tie-break searches all plans: SMALL where the first search ended optimal, TINY where it only
reached its gap. Beyond, ties among orders are as likely better plans, and it only settles openings and shells."""
CLOSING_S, CLOSING_SHARE = 3.0, 0.04
"""Kept at the end of the time limit for ties and hand-back: the smaller of the two."""
TIE_SHARE = 0.25
"""Share of the time limit that the tie-break may use."""


def run_stages(task: Task, inc: Increments, send: Send, cancelled: Callable[[], bool], began: float) -> None:
    """All stages within one time limit. Reports ``stage`` frames, then ``final``."""
    how = task.options
    crew = crew_of(Where(how.executor, how.cluster), how.threads, lambda text: send({"kind": "log", "message": text}))
    try:
        _run_stages(task, inc, send, cancelled, began, crew)
    finally:
        crew.close()


def _run_stages(
    task: Task, inc: Increments, send: Send, cancelled: Callable[[], bool], began: float, crew: Crew
) -> None:
    deadline = began + task.options.time_limit_s
    closing_s = min(CLOSING_S, CLOSING_SHARE * task.options.time_limit_s)
    form, x, spent_s = task.form, None, 0.0
    for i, stage in enumerate(task.stages):
        program = form.with_cost(task.costs[i], float(task.offsets[i]))
        here = time.monotonic()
        allowed_s = (task.options.planned_s * (1.0 - CLOSING_SHARE) - spent_s) / (len(task.stages) - i)
        search = Search(
            task,
            program,
            inc if form is task.form else Increments.of(form, task.before),
            here + (deadline - closing_s - here) / (len(task.stages) - i),
            _point_teller(send, i),
            _bound_teller(send, i),
            lambda text: send({"kind": "phase", "message": text}),
            cancelled,
            tell_multipliers=_multiplier_teller(send) if i == 0 else None,
            crew=crew,
            allowed_s=allowed_s,
        )
        if x is not None:
            search.x, search.objective = x, program.value(x)
        if i == 0 and task.start is not None:
            warm_start(search, task.start)
        strategy = choose(task.options.strategy, int(form.whole.sum()), int(task.implied.sum()), task.options.planned_s)
        found = STRATEGIES[strategy](search)
        spent_s += search.spent_s
        if search.hurried and found.stopped in ("optimal", "gap_reached"):
            search.notes.append(
                "the clock had a say in what was tried: another run may end with another plan within the gap"
            )
        send(
            {
                "kind": "stage",
                "stage": i,
                "stopped": found.stopped,
                "objective": found.objective,
                "bound": found.bound,
                "source": found.source,
                "strategy": strategy,
                "notes": search.notes,
            }
        )
        if found.x is None:
            return
        x = found.x
        tolerance = stage.tolerance if i + 1 < len(task.stages) else 0.0
        form = _keep(form, task.costs[i], found.objective - float(task.offsets[i]), tolerance, float(task.offsets[i]))
        if found.stopped == "cancelled":
            break
    assert x is not None
    if not cancelled():
        send({"kind": "phase", "message": "settling ties"})
        whole = int(form.whole.sum())
        among_all = whole <= (SMALL if found.stopped == "optimal" else TINY)
        x = settle_ties(task, form, x, deadline, among_all)
    send({"kind": "final"}, x)


def _point_teller(send: Send, stage: int) -> Callable[[Array, float, float], None]:
    def tell(x: Array, value: float, bound: float) -> None:
        send({"kind": "incumbent", "stage": stage, "objective": value, "bound": bound}, x)

    return tell


def _multiplier_teller(send: Send) -> Callable[[Array], None]:
    return lambda y: send({"kind": "multipliers", "stage": 0}, y)


def _bound_teller(send: Send, stage: int, every_s: float = 0.5) -> Callable[[float, float], None]:
    last = [0.0]

    def tell(value: float, bound: float) -> None:
        now = time.monotonic()
        if now - last[0] >= every_s:
            last[0] = now
            send({"kind": "bound", "stage": stage, "objective": value, "bound": bound})

    return tell


def _keep(form: Form, cost: Array, value: float, tolerance: float, offset: float) -> Form:
    """A row that keeps an objective no worse than what was found, but for its tolerance."""
    total = abs(value + offset)
    room = tolerance * total + 1e-9 * max(1.0, total)
    scale = max(float(np.abs(cost).max(initial=0.0)), 1e-12)
    return form.with_row(cost / scale, -math.inf, (value + room) / scale, "objective")


def settle_ties(task: Task, form: Form, x: Array, deadline: float, among_all: bool) -> Array:
    """Least discounted spending among plans as good: over everything, or with the orders held.

    The small search is believed only when it ends by itself, so that the same request gives the same plan.
    """
    spending = form.with_cost(task.costs[-1], float(task.offsets[-1]))
    x = _hold(task, spending, x, deadline)
    if among_all:
        limit = min(TIE_SHARE * task.options.time_limit_s, max(deadline - time.monotonic(), 1.0))
        inc = Increments.of(spending, task.before)
        try:
            result = solve(
                inc.rewrite(spending),
                start=inc.increments(x),
                seed=task.options.seed,
                time_limit_s=limit,
                relative_gap=1e-6,
            )
        except SolverError:
            return x
        if result.outcome == "optimal" and result.x is not None:
            y = inc.states(result.x)
            y = np.where(form.whole, np.round(y), y)
            if spending.value(y) <= spending.value(x) + 1e-9:
                return _hold(task, spending, y, deadline)
    return x


def _hold(task: Task, spending: Form, x: Array, deadline: float) -> Array:
    """With orders held, the cheapest openings and shells: no site opens and no shell starts without use."""
    free = np.isin(task.kind, (OPEN, SHELL)) | ~spending.whole
    lower, upper = np.where(free, spending.lower, x), np.where(free, spending.upper, x)
    held = replace(spending, lower=lower, upper=upper)
    # Orders already satisfy their own rows; the row on the objective is only exact to rounding, so it gets that much room.
    room = np.where(np.isfinite(held.row_upper), 1e-9 * np.maximum(1.0, np.abs(held.row_upper)), 0.0)
    held = replace(held, row_upper=held.row_upper + room)
    try:
        result = solve(
            held, start=x, seed=task.options.seed, time_limit_s=max(deadline - time.monotonic(), 5.0), relative_gap=1e-6
        )
    except SolverError:
        return x
    if result.x is None or spending.value(result.x) > spending.value(x) + 1e-6:
        return x
    return np.where(spending.whole, np.round(result.x), result.x)
