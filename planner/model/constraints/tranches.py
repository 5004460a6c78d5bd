"""Tranches (M5.1, M5.2): money and shares that come when progress has reached its marks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.deals import progress
from planner.model.deals.ladder import at_of, rungs, sooner_is_better
from planner.model.decisions import signed
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family. ``reached[i,t,p]`` is 1 once progress of deal i has reached mark t, in periods that matter."""
    ladders = {i: ladder for i in range(len(d.problem.deals)) if (ladder := rungs(d, i))}
    if not ladders:
        return
    marks = {
        i: {t: progress.lattice(d, progress.deal(d, i)).reached_at(at_of(d, i, t)) for t in ladders[i]} for i in ladders
    }
    index = [(i, t, p) for i, ladder in ladders.items() for t, periods in ladder.items() for p in periods]
    m.reached = pyo.Var(index, domain=pyo.Binary)
    steps = sorted({(i, p) for i, _, p in index})
    m.progress = pyo.Var(steps, domain=pyo.NonNegativeReals, bounds=lambda _, i, p: (0.0, progress.most(d, i, p)))
    m.progress_is = pyo.Constraint(steps, rule=lambda m, i, p: progress_is(m, d, i, p))
    m.reaches = pyo.Constraint(steps, rule=lambda m, i, p: reaches(m, i, p, _marks_at(marks[i], ladders[i], p)))
    m.reached_stays = pyo.Constraint(
        [(i, t, a, b) for i, ladder in ladders.items() for t, periods in ladder.items() for a, b in pairwise(periods)],
        rule=lambda m, i, t, a, b: stays(m, i, t, a, b),
    )
    m.reached_in_order = pyo.Constraint(
        [(i, a, b, p) for i, p in steps for (a, _), (b, _) in pairwise(_marks_at(marks[i], ladders[i], p))],
        rule=lambda m, i, a, b, p: in_order(m, i, a, b, p),
    )
    m.reached_if_signed = pyo.Constraint(
        [(i, t) for i, ladder in ladders.items() if progress.deal(d, i).optional for t in ladder],
        rule=lambda m, i, t: only_signed(m, d, i, t, ladders[i][t][-1]),
    )
    forced = [(i, p) for i, p in steps if not sooner_is_better(d, i)]
    m.reached_at_once = pyo.Constraint(
        forced, rule=lambda m, i, p: at_once(m, d, i, p, _marks_at(marks[i], ladders[i], p))
    )


def _marks_at(marks: dict[int, float], ladder: dict[int, list[int]], p: int) -> list[tuple[int, float]]:
    """Tranches that count in p, with their marks, rising."""
    return [(t, marks[t]) for t in sorted(ladder) if p in ladder[t]]


def progress_is(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`g_{ip} = \sum v_k n_{sk,p-l_k}`; at most, where nothing is won by less."""
    out = progress.progress(m, d, i, p).add(-1.0, m.progress[i, p])
    return out.at_least(m, 0.0) if sooner_is_better(d, i) else out.equals(m, 0.0)


def reaches(m: Any, i: int, p: int, marks: list[tuple[int, float]]) -> Any:
    r""":math:`g_{ip} \ge \sum_t (A_t - A_{t-1}) r_{itp}`: all marks in one row, tight for each."""
    out, before = Linear().add(1.0, m.progress[i, p]), 0.0
    for t, at in marks:
        out.add(before - at, m.reached[i, t, p])
        before = at
    return out.at_least(m, 0.0)


def at_once(m: Any, d: ModelData, i: int, p: int, marks: list[tuple[int, float]]) -> Any:
    r""":math:`g_{ip} \le A_1^- + \sum_t (A_{t+1}^- - A_t^-) r_{itp}` (+ all of it while unsigned): reached means reached now.

    :math:`A^-` is the most that is still short of a mark; after the last mark stands the most that the data admits.
    """
    steps = progress.lattice(d, progress.deal(d, i))
    top = max(progress.most(d, i, p), marks[-1][1])
    short = [steps.short_of(at) for _, at in marks] + [top]
    out = Linear().add(1.0, m.progress[i, p])
    for (t, _), low, high in zip(marks, short, short[1:], strict=False):
        out.add(low - high, m.reached[i, t, p])
    room = top - short[0]
    return out.plus(room, signed(m, d, i)).at_most(m, short[0] + room)


def stays(m: Any, i: int, t: int, a: int, b: int) -> Any:
    r""":math:`r_{ita} \le r_{itb}` for neighbouring periods."""
    return Linear().add(1.0, m.reached[i, t, a]).add(-1.0, m.reached[i, t, b]).at_most(m, 0.0)


def in_order(m: Any, i: int, a: int, b: int, p: int) -> Any:
    r""":math:`r_{i,t+1,p} \le r_{itp}`."""
    return Linear().add(1.0, m.reached[i, b, p]).add(-1.0, m.reached[i, a, p]).at_most(m, 0.0)


def only_signed(m: Any, d: ModelData, i: int, t: int, last: int) -> Any:
    r""":math:`r_{itP} \le s_i`."""
    return Linear().add(1.0, m.reached[i, t, last]).plus(-1.0, signed(m, d, i)).at_most(m, 0.0)
