"""What travels to the solver process: one program, its stages, and what its columns stand for. Arrays only, no pickle."""

from __future__ import annotations

import io
import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.executors.where import Kind

ORDERED, OPEN, SHELL, OTHER = 0, 1, 2, 3
"""What a column is: cumulative orders, open, cumulative shell, anything else."""


@dataclass(frozen=True)
class Stage:
    """One objective, to be minimised: the request's own value is ``sign * value`` (``sign`` -1 for a maximum)."""

    name: str
    sign: int
    tolerance: float


@dataclass(frozen=True)
class Options:
    """How the search is run."""

    time_limit_s: float
    relative_gap: float
    threads: int
    seed: int
    strategy: str
    memory_limit_mb: int
    executor: Kind = "threads"
    cluster: str = ""
    """The address of a Dask scheduler, where that is the executor."""
    planned_s: float = math.inf
    """Counted seconds to plan with: those of the request, less what building should take. Unlike ``time_limit_s`` they are the same
    in every run."""


@dataclass(frozen=True)
class Task:
    """``form`` has no cost of its own; row i of ``costs`` (and ``offsets``) is stage i's, the last row the tie-break's.

    ``site`` is a column's site (-1: none), ``kind`` what it is, ``before`` the column of the same cumulative quantity one
    period earlier (-1: none), ``period`` its period (-1: none), ``block`` its block (-1: none).
    """

    form: Form
    costs: Array
    offsets: Array
    stages: tuple[Stage, ...]
    site: NDArray[np.int64]
    kind: NDArray[np.int64]
    before: NDArray[np.int64]
    period: NDArray[np.int64]
    block: NDArray[np.int64]
    options: Options
    implied: NDArray[np.bool_]
    """Rows that follow from others for whole points and only tighten the relaxation; a search may leave them out."""
    start: Array | None = None
    """What an earlier plan decided, by column; NaN where it says nothing."""

    def stage_form(self, i: int) -> Form:
        """The program of one stage."""
        return self.form.with_cost(self.costs[i], float(self.offsets[i]))

    def to_bytes(self) -> bytes:
        """For the child's standard input."""
        f, out = self.form, io.BytesIO()
        facts = {"stages": [asdict(s) for s in self.stages], "options": asdict(self.options), "shape": list(f.A.shape)}
        np.savez(
            out,
            facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
            data=f.A.data,
            indices=f.A.indices,
            indptr=f.A.indptr,
            bounds=np.concatenate([f.row_lower, f.row_upper, f.lower, f.upper]),
            whole=f.whole,
            costs=self.costs,
            offsets=self.offsets,
            labels=np.stack([self.site, self.kind, self.before, self.period, self.block]),
            implied=self.implied,
            start=np.empty(0) if self.start is None else self.start,
        )
        return out.getvalue()

    @staticmethod
    def from_bytes(raw: bytes) -> Task:
        """The inverse of :meth:`to_bytes`."""
        z = np.load(io.BytesIO(raw), allow_pickle=False)
        facts: dict[str, Any] = json.loads(z["facts"].tobytes())
        rows, columns = facts["shape"]
        rl, ru, lo, up = np.split(z["bounds"], [rows, 2 * rows, 2 * rows + columns])
        A = sparse.csc_matrix((z["data"], z["indices"], z["indptr"]), shape=(rows, columns))
        form = Form(np.zeros(columns), 0.0, A, rl, ru, lo, up, z["whole"])
        site, kind, before, period, block = z["labels"]
        start = z["start"] if len(z["start"]) else None
        stages = tuple(Stage(**s) for s in facts["stages"])
        options = Options(**facts["options"])
        return Task(
            form, z["costs"], z["offsets"], stages, site, kind, before, period, block, options, z["implied"], start
        )
