"""What each deal is worth to us: the study of :mod:`solvers.studies.deals` with every plan checked, as rows for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from api import usecases
from api.outputs import views
from api.studies import moved
from api.studies.moved import Moved
from api.studies.proven import signed
from api.studies.searching import Hearing, Searches
from planner.errors import Fault, RequestError
from planner.plan import Plan
from planner.problem.problem import Problem
from solvers.executors import HERE, Where
from solvers.studies.deals import DealStudy, Found, Pair, study
from solvers.studies.deals import searches as expected

ALL = "all deals"
ROUNDING = 1e-9


@dataclass(frozen=True)
class Answer:
    """One deal. ``worth`` is the first objective's gain with it, in its unit, positive: good for us; ``low`` and ``high`` are
    what the two searches have proven around it (None: nothing on that side)."""

    deal: str
    kind: str
    counterparty: str
    as_asked: str
    with_it: Found
    without: Found
    unit: str
    worth: float | None
    low: float | None
    high: float | None
    instead_of: tuple[str, ...]
    vendors: tuple[Moved, ...]
    sites: tuple[Moved, ...]

    @property
    def both(self) -> tuple[Plan, Plan] | None:
        """The plans without and with it, where both are in hand."""
        a, b = self.without.plan, self.with_it.plan
        return (a, b) if a is not None and b is not None and self.without.holds and self.with_it.holds else None

    @property
    def inside_gaps(self) -> bool:
        """True where the searches leave open whether the deal is worth more or less than nothing."""
        if self.worth is None:
            return False
        tiny = ROUNDING * max(1.0, *(abs(p.objective or 0.0) for p in self.both or ()))
        return (
            (self.low is None or self.low <= tiny)
            and (self.high is None or self.high >= -tiny)
            and not self.proven_zero
        )

    @property
    def proven_zero(self) -> bool:
        """True where it is proven that the deal is worth nothing either way (to a millionth of the objective)."""
        if self.low is None or self.high is None:
            return False
        tiny = 2e-6 * max(1.0, *(abs(p.objective or 0.0) for p in self.both or ()))
        return abs(self.low) <= tiny and abs(self.high) <= tiny

    @property
    def open(self) -> bool:
        """True where the question is left unanswered: a search without a plan and without a proof that there is none."""
        return any(not f.holds and not f.infeasible for f in (self.with_it, self.without))


@dataclass(frozen=True)
class Report:
    """The study of a request."""

    problem: Problem
    study: DealStudy
    answers: tuple[Answer, ...]


def run(
    loaded: usecases.Loaded,
    time_limit_s: float | None = None,
    hearing: Hearing = Hearing(),
    where: Where = HERE,
) -> Report:
    """Answer for every deal of a request. ``time_limit_s`` is for all searches together (default: the request's own limit
    for each). After the request as asked, searches run side by side: on as many threads or processes as the request's solver
    has threads, or on a cluster. Raises RequestError where there is no deal."""
    problem = loaded.problem
    if not problem.deals:
        raise RequestError(
            [Fault(("deals",), "there is none, so there is nothing to study", "see docs/meaning.md, M5")]
        )
    searches = Searches(loaded, time_limit_s, expected(problem), hearing, where)
    result = study(problem, loaded.ground, searches.solve, searches.check, hearing.cancelled)
    return Report(problem, result, tuple(_answer(problem, pair) for pair in result.pairs))


def _answer(problem: Problem, pair: Pair) -> Answer:
    deal = next((d for d in problem.deals if d.id == pair.deal), None)
    found = pair.with_it.plan or pair.without.plan
    worth, low, high = _worth(pair)
    a, b = pair.without.plan, pair.with_it.plan
    both = (a, b) if a is not None and b is not None and pair.with_it.holds and pair.without.holds else None
    return Answer(
        deal=ALL if deal is None else deal.id,
        kind="" if deal is None else deal.kind,
        counterparty="" if deal is None else deal.counterparty,
        as_asked=pair.as_asked if deal is not None else "as asked",
        with_it=pair.with_it,
        without=pair.without,
        unit=found.objective_unit if found is not None else "",
        worth=worth,
        low=low,
        high=high,
        instead_of=pair.instead_of,
        vendors=tuple(moved.moves(*both, moved.vendors)) if both else (),
        sites=tuple(moved.moves(*both, moved.sites)) if both else (),
    )


def _worth(pair: Pair) -> tuple[float | None, float | None, float | None]:
    """The gain and what is proven around it: each plan's true best lies between its objective and its bound."""
    a, b = pair.without.plan, pair.with_it.plan
    if a is None or b is None or a.objective is None or b.objective is None:
        return None, None, None
    sign = 1.0 if a.objective_sense == "maximize" else -1.0
    worth = sign * (b.objective - a.objective)
    low = None if a.bound is None else sign * (b.objective - a.bound)
    high = None if b.bound is None else sign * (b.bound - a.objective)
    if pair.without.world.inside(pair.with_it.world):  # equity and warrants only give
        low = 0.0 if low is None else max(low, 0.0)
    if pair.with_it.world.inside(pair.without.world):  # a purchase commitment only binds
        high = 0.0 if high is None else min(high, 0.0)
    return worth, low, high


def worth_text(answer: Answer) -> str:
    """The worth in words, never more certain than the searches are."""
    if answer.worth is None:
        return _why_not(answer)
    text = signed(answer.worth, answer.unit)
    if answer.proven_zero:
        return "nothing"
    if answer.low is not None and answer.high is not None and answer.high - answer.low <= 2e-6 * abs(answer.worth):
        return text
    span = f"{_side(answer.low, answer.unit)} to {_side(answer.high, answer.unit)}"
    return f"{text}; inside the gaps ({span})" if answer.inside_gaps else f"{text}; proven {span}"


def _side(value: float | None, unit: str) -> str:
    return "?" if value is None else signed(value, unit)


def _why_not(answer: Answer) -> str:
    parts = []
    for word, found in (("with", answer.with_it), ("without", answer.without)):
        if found.infeasible:
            parts.append(f"no plan is possible {word} it" + (f": {found.reason}" if found.reason else ""))
        elif not found.holds:
            why = found.reason or (views.status_text(found.plan) if found.plan is not None else "not searched")
            parts.append(f"no plan known {word} it: {why}")
    return "; ".join(parts)


def moved_text(found: tuple[Moved, ...], most: int = 3) -> str:
    """Who gains and loses in the last period; how much stands with another holder, then and at the peak."""
    if not found:
        return "–"
    end, top = moved.last(found), moved.peak(found)
    if top.moved_mw < 0.05:
        return moved.words(end, most)
    at_peak = f"peak {moved.plain(top.moved_mw)} in {top.month}"
    return f"{moved.words(end, most)}; {moved.plain(end.moved_mw)} moved, {at_peak}"
