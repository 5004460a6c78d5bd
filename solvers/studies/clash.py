"""Why a request is infeasible: which families of limits clash, and by how much (elastic relaxation with priced slack).

Every row of a family that a person could change gets slack, priced by its size so that percent compares with percent. What
slack the cheapest repair uses is the answer; it is a repair, not the only one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from planner.errors import GigasiteError
from planner.ground import Ground
from planner.model.build import build_model
from planner.model.data import ModelData, build_data
from planner.plan import Clash
from planner.problem.problem import Problem
from solvers.building import BUILDING
from solvers.engines.form import Array, Compiled, Form, compile_model
from solvers.labels import label
from solvers.process import solve_in_child
from solvers.studies.words import FAMILY_OF_ROW, describe
from solvers.task import OTHER, Options, Stage, Task

LIMIT_S, EACH_S = 30.0, 8.0
"""Seconds for all of it, and for what one family alone could repair."""
QUICK = 5000
"""Whole columns up to which each family is tried alone."""
RELAXED = frozenset({"power", "land", "shell", "pace", "resources", "supply"})
"""Families whose limits also shape bounds of variables: those bounds are taken off as well."""


def clashes(problem: Problem, ground: Ground, cancelled: Callable[[], bool]) -> list[Clash]:
    """Who would have to give way, by how much.

    Where one family alone can repair the request, each such family is told with its own least repair: they are what clashes.
    Else the least repair that spreads over several families. Empty where even slack finds none in time.
    """
    with BUILDING:
        d = build_data(problem, ground, relaxed=RELAXED)
        m = build_model(d)  # kept: columns know their names only while it lives
        compiled = compile_model(m)
    until = time.monotonic() + LIMIT_S
    families = sorted({FAMILY_OF_ROW[name] for name, _ in compiled.form.rows if name in FAMILY_OF_ROW})
    alone: list[Clash] = []
    if compiled.form.whole.sum() <= QUICK:
        for family in families:
            found = _repair(problem, d, compiled, {family}, min(EACH_S, until - time.monotonic()), cancelled)
            alone += [c.model_copy(update={"repairs_alone": True}) for c in found]
    return alone or _repair(problem, d, compiled, set(families), max(until - time.monotonic(), EACH_S), cancelled)


def _repair(
    problem: Problem,
    d: ModelData,
    compiled: Compiled,
    families: set[str],
    limit_s: float,
    cancelled: Callable[[], bool],
) -> list[Clash]:
    """The least repair by some families; empty where they cannot, or not in time."""
    elastic, owners = _elastic(compiled.form, families)
    if not owners or limit_s <= 0 or cancelled():
        return []
    n = len(owners)
    site, kind, before, period, block = label(compiled.columns)
    pad = np.full(n, -1)
    task = Task(
        elastic.with_cost(np.zeros(elastic.A.shape[1])),
        np.stack([elastic.cost, np.zeros_like(elastic.cost)]),
        np.zeros(2),
        (Stage("repair", 1, 0.0),),
        np.concatenate([site, pad]),
        np.concatenate([kind, np.full(n, OTHER)]),
        np.concatenate([before, pad]),
        np.concatenate([period, pad]),
        np.concatenate([block, pad]),
        Options(limit_s, 1e-3, 1, 0, "monolithic", problem.solver.memory_limit_mb),
        np.zeros(elastic.A.shape[0], dtype=bool),
    )
    try:
        solved = solve_in_child(task, lambda _: None, cancelled, time.monotonic() + limit_s + 5.0)
    except GigasiteError:
        return []
    if solved.x is None:
        return []
    return _told(d, compiled.form, owners, solved.x[compiled.form.A.shape[1] :])


def _elastic(form: Form, families: set[str]) -> tuple[Form, list[int]]:
    """Slack columns for every row of some families, priced at the inverse of the row's own size."""
    owners, signs, prices = [], [], []
    size = _row_size(form)
    for i, (name, _) in enumerate(form.rows):
        if FAMILY_OF_ROW.get(name) not in families:
            continue
        for sign, bound in ((-1.0, form.row_upper[i]), (1.0, form.row_lower[i])):
            if math.isfinite(bound):
                owners.append(i)
                signs.append(sign)
                prices.append(1.0 / size[i])
    n = len(owners)
    columns = sparse.csc_matrix((signs, (owners, np.arange(n))), shape=(form.A.shape[0], n))
    return (
        Form(
            np.concatenate([np.zeros(form.A.shape[1]), prices]),
            0.0,
            sparse.csc_matrix(sparse.hstack([form.A, columns])),
            form.row_lower,
            form.row_upper,
            np.concatenate([form.lower, np.zeros(n)]),
            np.concatenate([form.upper, 1e6 * np.array([size[i] for i in owners])]),
            np.concatenate([form.whole, np.zeros(n, dtype=bool)]),
            form.rows,
        ),
        owners,
    )


def _row_size(form: Form) -> Array:
    """What a row's limit amounts to: its right-hand side, or else its largest coefficient."""
    rhs = np.maximum(
        np.where(np.isfinite(form.row_upper), np.abs(form.row_upper), 0.0),
        np.where(np.isfinite(form.row_lower), np.abs(form.row_lower), 0.0),
    )
    largest = np.zeros(form.A.shape[0])
    np.maximum.at(largest, form.A.indices, np.abs(form.A.data))
    out: Array = np.where(rhs > 1e-9, rhs, np.maximum(largest, 1e-9))
    return out


def _told(d: ModelData, form: Form, owners: list[int], slack: Array) -> list[Clash]:
    """Slack that is used, worst first within each family, one entry per subject with its worst month."""
    worst: dict[tuple[str, str], tuple[float, Any, str]] = {}
    for i, amount in zip(owners, slack, strict=True):
        if amount > 1e-6 * max(1.0, abs(float(np.nan_to_num(form.row_upper[i], posinf=0.0)))):
            name, index = form.rows[i]
            family, subject = describe(d, name, index).key
            if (family, subject) not in worst or amount > worst[family, subject][0]:
                worst[family, subject] = (float(amount), index, name)
    found = [describe(d, name, index).clash(amount) for (amount, index, name) in worst.values()]
    return sorted(found, key=lambda c: (c.family, -c.amount, c.subject))
