"""Parts of a program: some columns free, all others held; and small programs solved quickly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.engines.highs import Result
from solvers.engines.job import Job, solve_job
from solvers.strategies.common import Search


def restrict(form: Form, columns: NDArray[np.int64], held: Array) -> Form:
    """The program over some columns, all others held at their values. Rows without a free column leave."""
    fixed = held.copy()
    fixed[columns] = 0.0
    activity = form.A @ fixed
    part = form.A[:, columns].tocsr()
    used = np.diff(part.indptr) > 0
    return Form(
        form.cost[columns],
        float(form.cost @ fixed) + form.offset,
        sparse.csc_matrix(part[used]),
        (form.row_lower - activity)[used],
        (form.row_upper - activity)[used],
        form.lower[columns],
        form.upper[columns],
        form.whole[columns],
    )


def quick(
    search: Search,
    program: Form,
    *,
    work_s: float,
    nodes: int,
    start: Array | None = None,
    relative_gap: float = 1e-3,
    effort: float = 0.01,
    seed: int = 0,
    near: bool = False,
    poor_gap: float = math.inf,
) -> Result | None:
    """A small program within seconds of work and nodes; None where HiGHS failed. Heuristics cost more than they find in most.

    ``seed`` is added to the search's own.
    """
    job = quick_job(search, program, work_s, nodes, start, relative_gap, effort, seed, near, poor_gap)
    result = solve_job(job, search.cancelled)
    search.spend(result)
    return result


def quick_job(
    search: Search,
    program: Form,
    work_s: float,
    nodes: int,
    start: Array | None,
    relative_gap: float = 1e-3,
    effort: float = 0.01,
    seed: int = 0,
    near: bool = False,
    poor_gap: float = math.inf,
) -> Job:
    """What :func:`quick` solves, for whoever has it solved elsewhere."""
    return Job(
        program,
        work_s=work_s,
        clock_s=search.patience_s(work_s),
        nodes=nodes,
        relative_gap=relative_gap,
        absolute_gap=5e-6 * max(1.0, abs(search.bound)),
        start=start,
        seed=search.task.options.seed + seed,
        effort=effort,
        near=near,
        poor_gap=poor_gap,
    )
