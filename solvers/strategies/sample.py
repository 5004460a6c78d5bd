r"""Prices from samples of sites, where the relaxation of all of them takes minutes.

With every k-th site by size, and what belongs to no site scaled by the sample's share of all sizes, the relaxation is a fair
picture of the whole. Its prices need not be exact: for any prices the sites' own relaxations prove a bound
(:mod:`site_relaxations`), and near the best prices that bound is flat. How fair a picture is, is luck: so several samples that
share no site are relaxed side by side, and the one whose prices prove most counts, or the mean of the two best, where that
proves more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.strategies.common import Search
from solvers.strategies.dive import begin
from solvers.strategies.marks import farther
from solvers.strategies.milestones import milestone_columns, reach
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.shares import Share, cut, search_of
from solvers.strategies.site_relaxations import relax_sites

SAMPLES = ((1, 100), (4, 30))
"""How many samples of how many sites: without milestones, and with them, where pictures differ more and take longer."""
FARTHER, MANY, FARTHEST = 0.03, 500, 0.08
"""How much farther away marks are where a sample decides, and with more than so many sites, which are planned in more groups:
groups in whole halls, with openings held, do not come as near to marks as a relaxation."""
SITES_PER_HALL = 125
"""And by a hall for so many sites: each group may miss a mark by one."""


@dataclass(frozen=True)
class Sampled:
    """``relaxed`` is every site's relaxation at the best prices. ``milestones`` decides
    :func:`~solvers.strategies.milestones.milestone_columns` in the best sample and gives their values; on the side,
    where there is a thread for it."""

    relaxed: Relaxed
    milestones: Callable[[], Array]


def by_samples(search: Search, owner: NDArray[np.int64], samples: tuple[int, int] | None = None) -> Sampled | None:
    """None where no sample has an answer. ``owner`` is each row's site, -1 for a row between sites; ``samples`` how many, and of
    how many sites each."""
    count, size = samples or SAMPLES[len(milestone_columns(search)) > 0]
    drawn = [sample(search.form, search.task.site, size, k, count) for k in range(count)]
    sites = [chosen for chosen, share in drawn if share > 0]
    together = min(search.task.options.threads, max(len(sites), 1))
    priced: list[tuple[Relaxed, NDArray[np.int64]]] = []
    found = search.crew.map(lambda chosen: _prices(search, owner, chosen), sites)
    for chosen, (prices, here) in zip(sites, list(found), strict=True):
        search.spend_of(here, together)
        if prices is not None:
            priced.append((relax_sites(search, owner, prices), chosen))
    if not priced:
        return None
    priced.sort(key=lambda it: -it[0].value)
    best, chosen = priced[0]
    if len(priced) > 1:
        mean = (_between(owner, best) + _between(owner, priced[1][0])) / 2
        best = max(best, relax_sites(search, owner, mean), key=lambda relaxed: relaxed.value)
    return Sampled(best, _on_the_side(search, lambda seconds: _milestones(search, owner, chosen, seconds)))


Decide = Callable[[float], tuple[Array, Search | None]]


def _on_the_side(search: Search, decide: Decide) -> Callable[[], Array]:
    """Begin at once where there is a second thread. What it spends counts where the values are asked for."""
    seconds = search.left_s
    begun = search.crew.aside(lambda: decide(seconds))
    together = search.task.options.threads

    @functools.cache
    def values() -> Array:
        found, here = decide(seconds) if begun is None else begun.result()
        if here is not None:
            search.spend_of(here, together)
        return found

    return values


def _between(owner: NDArray[np.int64], relaxed: Relaxed) -> Array:
    """The multipliers of rows between sites alone."""
    return np.where(owner < 0, relaxed.row_dual, 0.0)


def _prices(search: Search, owner: NDArray[np.int64], sites: NDArray[np.int64]) -> tuple[Array | None, Search]:
    """Of the rows between sites, in a sample; None where it has no answer. With the sample's search, for what it spent."""
    part = _cut(search, search.form, owner, sites)
    here = search_of(search, part, search.left_s)
    try:
        relaxed = relaxation(here)
    except SolverError as error:
        search.notes.append(f"a sample of sites gave no prices: {error}")
        return None, here
    if relaxed is None:
        return None, here
    prices = np.zeros(len(owner))
    prices[part.rows] = relaxed.row_dual
    return np.where(owner < 0, prices, 0.0), here


def _milestones(
    search: Search, owner: NDArray[np.int64], sites: NDArray[np.int64], seconds: float
) -> tuple[Array, Search | None]:
    """What a sample reaches, its marks a little farther away; where it has no answer, nothing. With the sample's search."""
    columns = milestone_columns(search)
    nothing = search.form.lower[columns].copy()
    if not len(columns):
        return nothing, None
    aims = np.zeros(len(search.form.cost), dtype=bool)
    aims[columns] = True
    count = int(search.task.site.max()) + 1
    share, halls = FARTHEST if count > MANY else FARTHER, max(1.0, round(count / SITES_PER_HALL))
    form = farther(search.form, search.task.site, aims, share, halls)
    part = _cut(search, form, owner, sites)
    here = search_of(search, part, seconds)
    try:
        relaxed = relaxation(here)
        d = None if relaxed is None else begin(here, relaxed)
        if d is None or reach(here, d) is None:
            return nothing, here
    except SolverError as error:
        search.notes.append(f"a sample of sites decided no milestones: {error}")
        return nothing, here
    return _values(form, part, d.columns, d.form.upper)[columns], here


def _cut(search: Search, form: Form, owner: NDArray[np.int64], sites: NDArray[np.int64]) -> Share:
    """The sample as a request of its own."""
    share = _share(form, search.task.site, sites)
    return cut(search, form, owner, sites, form.row_lower * share, form.row_upper * share, share)


def _values(form: Form, part: Share, columns: NDArray[np.int64], values: Array) -> Array:
    """Values of some of the part's columns, all others at their lower bounds; over all columns."""
    out = form.lower.copy()
    out[part.columns[columns]] = values
    return out


def sample(
    form: Form, site: NDArray[np.int64], size: int, number: int = 0, count: int = 1
) -> tuple[NDArray[np.int64], float]:
    """Every k-th site by the units it can hold, and the share of all that these hold. Of ``count`` samples, which share no site
    where there are enough of them, the one with this ``number``."""
    ranked = np.argsort(-_holds(form, site), kind="stable")
    each = min(size, max(1, len(ranked) // count), len(ranked))
    step = len(ranked) / max(each * count, 1)
    places = (np.arange(each) * count + number) * step + (step - 1) / 2
    chosen = np.unique(ranked[np.clip(places, 0, len(ranked) - 1).astype(int)])
    return chosen, _share(form, site, chosen)


def _share(form: Form, site: NDArray[np.int64], sites: NDArray[np.int64]) -> float:
    """The share of all units that some sites can hold."""
    holds = _holds(form, site)
    return float(holds[sites].sum() / max(holds.sum(), 1e-12))


def _holds(form: Form, site: NDArray[np.int64]) -> Array:
    """Units that each site can hold, shape (sites,)."""
    holds = np.zeros(int(site.max(initial=-1)) + 1)
    mine = (site >= 0) & form.whole & np.isfinite(form.upper)
    np.add.at(holds, site[mine], form.upper[mine])
    return holds
