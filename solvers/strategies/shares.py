"""A part of the sites as a request of its own: all that ties sites together is cut down to the part's share.

What belongs to no site (cash, tranches, a demand's shortfall) stays in its own units and counts only by the part's share: a
tranche is reached by that share of its megawatts, and pays that share of its money. The parts' shares add up to the whole.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.engines.increments import Increments
from solvers.executors import Threads
from solvers.strategies.common import Search
from solvers.task import Task

TINY, HALF = 1e-6, 0.5
"""What rounding may take away from a whole number; shares of whole units are rounded from here on up."""
RAIL = 1.5
"""A part may take so many times the seconds that are counted for it."""


@dataclass(frozen=True)
class Share:
    """Some sites' program. ``columns`` and ``rows`` are those of the whole; what belongs to no site counts ``scale`` times."""

    task: Task
    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    scale: float

    def into(self, x: Array, part: Array) -> Array:
        """A point of the whole with the part's own."""
        out = x.copy()
        common = self.task.site < 0
        out[self.columns[~common]] = part[~common]
        out[self.columns[common]] += self.scale * part[common]
        return out


class Shares:
    """Who may use how much of what all sites share."""

    def __init__(
        self, search: Search, form: Form, owner: NDArray[np.int64], groups: list[NDArray[np.int64]], size: Array
    ) -> None:
        """``form`` is the search's, with all milestones decided; ``owner`` each row's site (-1: between sites); ``size`` each
        site's weight, shape (sites,)."""
        self.search, self.form, self.owner, self.groups = search, form, owner, groups
        site = search.task.site
        self._rows = sparse.csr_matrix(form.A)
        group = np.full(len(size), -1)
        for k, sites in enumerate(groups):
            group[sites] = k
        member = np.flatnonzero(group >= 0)
        mine = np.flatnonzero((site >= 0) & np.isin(site, member))
        of_site = sparse.csr_matrix((np.ones(len(mine)), (mine, site[mine])), shape=(len(site), len(size)))
        of_group = sparse.csr_matrix((size[member], (member, group[member])), shape=(len(size), len(groups)))
        between = np.flatnonzero(owner < 0)
        spoken_of = sparse.csr_matrix(abs(self._rows[between]) @ of_site, dtype=bool).astype(float)
        self._size = np.asarray(of_group.sum(axis=0)).ravel() / float(size[member].sum())
        weight = np.asarray((spoken_of @ of_group).todense())
        weight[weight.sum(axis=1) <= 0] = self._size
        self._between, self._weight = between, weight
        """The rows between sites, and by row and group: the size of the group's sites that the row speaks of."""
        self._units = _counting_rows(self._rows, form.whole)

    def of_the_rest(self, k: int, waiting: list[int], x: Array) -> Share:
        """Group k's share of what the plan so far leaves to it and to all that wait."""
        form = self.form
        held = self._rows @ x
        return self._share(k, waiting, form.row_lower - held, form.row_upper - held)

    def _share(self, k: int, among: list[int], lower: Array, upper: Array) -> Share:
        before, part = np.zeros(len(self.owner)), np.zeros(len(self.owner))
        all_of_them = np.maximum(self._weight[:, among].sum(axis=1), 1e-12)
        part[self._between] = self._weight[:, k] / all_of_them
        before[self._between] = self._weight[:, [j for j in among if j < k]].sum(axis=1) / all_of_them
        limits = [
            np.where(np.isfinite(side), part * np.where(np.isfinite(side), side, 0.0), side) for side in (lower, upper)
        ]
        # Half a hall is none: what counts in whole units is dealt out in whole units, which add up to all there are.
        whole = np.flatnonzero(self._units & np.isfinite(upper) & (part > 0))
        there = np.floor(upper[whole] + TINY)
        limits[1][whole] = np.floor(there * (before + part)[whole] + HALF) - np.floor(there * before[whole] + HALF)
        return cut(
            self.search, self.form, self.owner, self.groups[k], limits[0], limits[1], float(self._size[k]), self._rows
        )


def _counting_rows(by_row: sparse.csr_matrix, whole: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows that count whole units, each as one."""
    other = (~whole[by_row.indices] | (by_row.data != 1.0)).astype(float)
    rows = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr))
    out: NDArray[np.bool_] = np.bincount(rows, other, by_row.shape[0]) == 0
    return out


def cut(
    search: Search,
    form: Form,
    owner: NDArray[np.int64],
    sites: NDArray[np.int64],
    lower: Array,
    upper: Array,
    scale: float,
    by_row: sparse.csr_matrix | None = None,
) -> Share:
    """The program of some sites, with these sides of the rows between sites (shape (rows,)) in place of ``form``'s.

    ``by_row`` are the form's rows by row, where somebody has turned them already.
    """
    task = search.task
    columns = np.flatnonzero((task.site < 0) | np.isin(task.site, sites))
    rows = np.flatnonzero((owner < 0) | np.isin(owner, sites))
    between = owner[rows] < 0
    counts = np.where(task.site[columns] < 0, scale, 1.0)
    program = Form(
        form.cost[columns] * counts,
        0.0,
        sparse.csc_matrix(
            (sparse.csr_matrix(form.A) if by_row is None else by_row)[rows][:, columns] @ sparse.diags(counts)
        ),
        np.where(between, lower[rows], form.row_lower[rows]),
        np.where(between, upper[rows], form.row_upper[rows]),
        form.lower[columns],
        form.upper[columns],
        form.whole[columns],
    )
    return Share(_task(task, program, columns, rows), columns, rows, scale)


def _task(task: Task, program: Form, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> Task:
    place = np.full(len(task.site), -1)
    place[columns] = np.arange(len(columns))
    before = task.before[columns]
    return replace(
        task,
        form=program,
        costs=np.zeros((1, len(columns))),
        offsets=np.zeros(1),
        site=task.site[columns],
        kind=task.kind[columns],
        before=np.where(before >= 0, place[before], -1),
        period=task.period[columns],
        block=task.block[columns],
        implied=task.implied[rows[rows < len(task.implied)]],
        start=None,
    )


def search_of(search: Search, part: Share, seconds: float) -> Search:
    """A search of its own for a part, on one thread, that tells nobody. ``seconds`` are counted work."""
    return replace(
        search,
        task=part.task,
        form=part.task.form,
        increments=Increments.of(part.task.form, part.task.before),
        deadline=min(search.deadline, time.monotonic() + seconds * RAIL),
        allowed_s=seconds,
        spent_s=0.0,
        bounded=True,
        hurried=False,
        tell_point=lambda *_: None,
        tell_bound=lambda *_: None,
        tell_phase=lambda _: None,
        x=None,
        objective=np.inf,
        bound=-np.inf,
        source="",
        notes=[],
        crew=Threads(1),
        lock=threading.RLock(),
        tell_multipliers=None,
        multipliers=None,
    )
