"""One figure of a request at several values: :mod:`solvers.studies.sweep` with every plan checked, as rows for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from api import usecases
from api.studies import moved
from api.studies.moved import Moved
from api.studies.proven import Change, change
from api.studies.searching import Hearing, Searches
from planner.errors import Fault, RequestError
from planner.problem.problem import Problem
from planner.problem.vary import Variation, neutral, parse, vary
from solvers.executors import HERE, Where
from solvers.studies.sweep import Point, sweep

AS_ASKED = "as asked"


@dataclass(frozen=True)
class Row:
    """One value. ``change`` of the first objective against the plan as asked, and ``vendors``, the MW that it moves; both empty
    where one of the two plans is missing."""

    point: Point
    base: bool
    change: Change | None
    vendors: tuple[Moved, ...]

    @property
    def open(self) -> bool:
        """True where the question is left unanswered: no plan, and no proof that there is none."""
        return not self.point.holds and not self.point.infeasible


@dataclass(frozen=True)
class Report:
    """The study of a request: its rows from the smallest value to the largest."""

    problem: Problem
    variation: Variation
    rows: tuple[Row, ...]

    @property
    def base(self) -> Row:
        """The request as asked."""
        return next(row for row in self.rows if row.base)


def run(
    loaded: usecases.Loaded,
    text: str,
    time_limit_s: float | None = None,
    hearing: Hearing = Hearing(),
    where: Where = HERE,
) -> Report:
    """Plan a request with the figure that ``text`` names at every value that it names, ``budget.per_year_musd=80%,100%,120%``, and as
    asked. ``time_limit_s`` is for all searches together (default: the request's own limit for each). Raises RequestError with
    all that is wrong with any of the values."""
    variation = parse(text)
    points, base = row_of(loaded, variation)
    searches = Searches(loaded, time_limit_s, len(points), hearing, where)
    sweep(points, base, loaded.ground, searches.solve, searches.check, hearing.cancelled)
    return Report(loaded.problem, variation, tuple(_row(p, points[base]) for p in points))


def row_of(loaded: usecases.Loaded, variation: Variation) -> tuple[list[Point], int]:
    """The points by value, the request as asked among them, and its place: where its own value belongs, else first."""
    points, amounts, faults = [], [], []
    for value in variation.values:
        try:
            _, problem = vary(loaded.request, loaded.prepared.sites, loaded.ground, variation.path, value)
        except RequestError as error:
            told = (f for f in error.faults if f.severity == "error")
            faults += [
                f if f.path == ("--vary",) else Fault(f.path, f"at {value.text}: {f.message}", f.hint) for f in told
            ]
            continue
        points.append(Point(value.text, problem.model_copy(update={"solver": loaded.problem.solver})))
        amounts.append(value.amount)
    if faults:
        raise RequestError(dict.fromkeys(faults))
    same = next((i for i, p in enumerate(points) if p.problem == loaded.problem), None)
    if same is not None:
        points[same].name += f" ({AS_ASKED})"
        return points, same
    amount = neutral(variation, loaded.request, loaded.prepared.sites)
    place = 0 if amount is None else sum(a < amount for a in amounts)
    points.insert(place, Point(AS_ASKED, loaded.problem))
    return points, place


def _row(point: Point, base: Point) -> Row:
    a, b = base.plan, point.plan
    if a is None or b is None or not base.holds or not point.holds:
        return Row(point, point is base, None, ())
    return Row(point, point is base, change(a, b), tuple(moved.moves(a, b, moved.vendors)))
