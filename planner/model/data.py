"""From a validated request to the arrays the mathematics is written on.

Indices: site ``s``, block ``k``, period ``p``. Arrays are float64 unless said. Everything the data alone decides is decided
here, so that variables which could only be zero are never created and every bound is the smallest the data allows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.ground import Ground
from planner.problem.block import Block
from planner.problem.deals import Lease
from planner.problem.policies import Forbid
from planner.problem.problem import Problem, allowed, covers, matches
from planner.problem.site import Site
from planner.timeline import Timeline

Array = NDArray[np.float64]
SLACK = 1e-9
"""Relative slack when a capacity is divided into whole units: 3 * 0.1 fits into 0.3."""


def whole(capacity: float, per_unit: float) -> float:
    """How many whole units fit; infinity where a unit needs nothing."""
    return math.inf if per_unit <= 0 else math.floor(max(capacity, 0.0) / per_unit * (1 + SLACK) + SLACK)


@dataclass(frozen=True)
class Pair:
    """A block that may be ordered at a site: order periods ``first..last``, and the most that can ever be ordered by each."""

    s: int
    k: int
    first: int
    last: int
    most: NDArray[np.int64]
    """Upper bound of cumulative orders, shape (P,), 0 before ``first``."""
    lease: int = -1
    """The lease (index of the deal) it is ordered on; -1 for own orders."""
    life: int | None = None
    """Periods online: the block's life or, leased, no longer than the lease's term."""


@dataclass(frozen=True)
class Batch:
    """Existing units (M3.3): ``units`` of block ``k`` at site ``s``, online in ``on <= p < off`` (``on`` may be negative)."""

    s: int
    k: int
    units: int
    on: int
    off: int
    unpaid: tuple[tuple[int, float], ...]
    """(period, MUSD) due in or after the horizon."""


@dataclass(frozen=True)
class ModelData:
    """What :func:`build_data` derives; see there for the meaning of each array."""

    problem: Problem
    ground: Ground
    time: Timeline
    sites: tuple[Site, ...]
    blocks: tuple[Block, ...]
    lead: tuple[int, ...]
    life: tuple[int | None, ...]
    build: tuple[int, ...]
    opens_from: tuple[int, ...]
    """First period in which a site may be open; P where it never can."""
    committed: tuple[bool, ...]
    grid_mw: Array
    pue: Array
    pue_peak: Array
    buildable_ha: Array
    duty: Array
    """1 + tariff + sales_tax per site and period."""
    pairs: tuple[Pair, ...]
    batches: tuple[Batch, ...]
    capex: Array
    """Block capex per unit, MUSD, (K, P), read in the period of the order."""
    shell_mw: Array
    """Shell that is there without building: existing shell and what existing units brought, (S, P)."""
    reach_mw: Array
    """The most shell that can be finished, were building started at once, (S, P)."""
    pace: tuple[float, ...]
    window: int
    discount: Array
    relaxed: frozenset[str] = frozenset()
    pair_of: dict[tuple[int, int], Pair] = field(default_factory=dict)
    pairs_at: tuple[tuple[Pair, ...], ...] = ()
    batches_at: tuple[tuple[Batch, ...], ...] = ()
    leased: tuple[Pair, ...] = ()
    """Orders on leases: pairs of their own beside the owned ones."""
    leased_at: tuple[tuple[Pair, ...], ...] = ()
    leased_of: dict[tuple[int, int], tuple[Pair, ...]] = field(default_factory=dict)

    @property
    def P(self) -> int:
        """Number of periods."""
        return self.time.P

    @property
    def L(self) -> float:
        """Length of a period in years."""
        return self.time.L

    def existing_online(self, s: int, k: int, p: int) -> int:
        """Existing units online in p, were none retired early."""
        return sum(b.units for b in self.batches_at[s] if b.k == k and b.on <= p < b.off)

    def existing_standing(self, s: int, k: int, p: int) -> int:
        """Existing units standing in p (on order counts), were none retired early."""
        return sum(b.units for b in self.batches_at[s] if b.k == k and p < b.off)

    def most_online(self, s: int, k: int, p: int) -> int:
        """The most units that can be online in p: existing ones, and all that can have been ordered in time."""
        on = p - self.lead[k]
        ordered = sum(int(q.most[on]) for q in self.pairs_of(s, k)) if on >= 0 else 0
        return self.existing_online(s, k, p) + ordered

    def smallest(self, limit: float, s: int, each: Mapping[int, float]) -> float:
        """A limit at a site, or the most that all units ever there could use of it (``each`` by block), where that is less: a figure
        that nobody can reach should not dwarf all others of its row. As stated where limits are about to be relaxed."""
        if self.relaxed:
            return limit
        units = {k: sum(b.units for b in self.batches_at[s] if b.k == k) for k in each}
        ordered = {k: sum(int(q.most[-1]) for q in self.pairs_of(s, k)) for k in each}
        return min(limit, sum(amount * (units[k] + ordered[k]) for k, amount in each.items()))

    @property
    def all_pairs(self) -> tuple[Pair, ...]:
        """Own pairs, then leased ones."""
        return self.pairs + self.leased if self.leased else self.pairs

    def pairs_of(self, s: int, k: int) -> tuple[Pair, ...]:
        """Own and leased pairs of a block at a site."""
        own = self.pair_of.get((s, k))
        return (() if own is None else (own,)) + self.leased_of.get((s, k), ())

    @cached_property
    def market_km(self) -> dict[tuple[str, str], float]:
        """Distances, by the ids of site and market."""
        return {(x.a, x.b): x.km for x in self.ground.markets}

    def value_of(self, metric: str, k: int) -> float:
        """How much of a metric one unit of block k is."""
        return 1.0 if metric == "units" else float(getattr(self.blocks[k], metric))


def build_data(problem: Problem, ground: Ground, relaxed: frozenset[str] = frozenset()) -> ModelData:
    """Arrays, admissible (site, block) pairs and their bounds.

    ``relaxed`` names families whose limits must not tighten bounds: they are about to be given priced slack.
    """
    time = Timeline(problem.horizon)
    sites, blocks = problem.sites, problem.blocks
    build = tuple(time.up(x.build_months) for x in sites)
    life = tuple(None if b.life_years is None else time.half_up(b.life_years) for b in blocks)
    lead = tuple(time.up(b.lead_months) for b in blocks)
    committed = tuple(x.status == "committed" for x in sites)
    shut = _shut(problem)
    opens_from = tuple(
        0 if x.status == "committed" else time.P if s in shut else max(0, time.starts(x.available_from))
        for s, x in enumerate(sites)
    )
    index = {b.id: k for k, b in enumerate(blocks)}
    batches = tuple(
        Batch(
            s,
            k := index[e.block],
            e.units,
            on := time.starts(e.online_from),
            time.P + 10**6 if (n := life[k]) is None else on + n,
            tuple((q, u.musd) for u in e.unpaid if (q := time.contains(u.month)) >= 0),
        )
        for s, x in enumerate(sites)
        for e in x.existing
    )
    shell = np.array([np.full(time.P, x.existing_shell_mw) for x in sites]).reshape(len(sites), time.P)
    for b in batches:
        shell[b.s, max(b.on, 0) :] += b.units * blocks[b.k].it_mw
    data = ModelData(
        problem=problem,
        ground=ground,
        time=time,
        sites=sites,
        blocks=blocks,
        lead=lead,
        life=life,
        build=build,
        opens_from=opens_from,
        committed=committed,
        grid_mw=_by_site(time, sites, "grid_mw"),
        pue=_by_site(time, sites, "pue"),
        pue_peak=_by_site(time, sites, "peak_pue"),
        buildable_ha=np.array([ground.site(x.id).buildable_ha for x in sites]),
        duty=1.0 + _by_site(time, sites, "tariff") + _by_site(time, sites, "sales_tax"),
        pairs=(),
        batches=batches,
        capex=np.array([time.values(b.capex_musd) for b in blocks]).reshape(len(blocks), time.P),
        shell_mw=shell,
        reach_mw=shell,
        pace=tuple(math.inf if x.pace_mw_per_year is None else x.pace_mw_per_year for x in sites),
        window=max(1, 12 // time.len),
        discount=time.discount(problem.rate),
        relaxed=relaxed,
        batches_at=tuple(tuple(b for b in batches if b.s == s) for s in range(len(sites)))
        if batches
        else ((),) * len(sites),
    )
    reach = np.array([_shell_reach(data, s) for s in range(len(sites))]).reshape(len(sites), time.P)
    object.__setattr__(data, "reach_mw", reach)
    pairs = tuple(_pairs(data))
    leased = tuple(_leased(data))
    object.__setattr__(data, "pairs", pairs)
    object.__setattr__(data, "pair_of", {(q.s, q.k): q for q in pairs})
    object.__setattr__(data, "pairs_at", _at_sites(len(sites), pairs))
    object.__setattr__(data, "leased", leased)
    object.__setattr__(data, "leased_at", _at_sites(len(sites), leased))
    grouped: dict[tuple[int, int], tuple[Pair, ...]] = {}
    for pair in leased:
        grouped[pair.s, pair.k] = (*grouped.get((pair.s, pair.k), ()), pair)
    object.__setattr__(data, "leased_of", grouped)
    return data


def _at_sites(sites: int, pairs: tuple[Pair, ...]) -> tuple[tuple[Pair, ...], ...]:
    at: list[list[Pair]] = [[] for _ in range(sites)]
    for pair in pairs:
        at[pair.s].append(pair)
    return tuple(tuple(x) for x in at)


def _by_site(time: Timeline, sites: tuple[Site, ...], name: str) -> Array:
    """A site property as an array, (S, P)."""
    return np.array([time.values(getattr(x, name)) for x in sites], dtype=np.float64).reshape(len(sites), time.P)


def _shut(problem: Problem) -> set[int]:
    """Sites that can never open: excluded, or forbidden by a filter that names neither vendor nor block."""
    whole_site = [
        p.filter
        for p in problem.policies
        if isinstance(p, Forbid) and p.filter.vendors is None and p.filter.blocks is None
    ]
    return {
        s
        for s, x in enumerate(problem.sites)
        if x.status == "excluded" or (x.status == "candidate" and any(matches(f, x, None) for f in whole_site))
    }


def _pairs(data: ModelData) -> Iterator[Pair]:
    """Every (site, block) that may be owned at least once (M2.3), with its bounds."""
    must_lease = [x for x in data.problem.deals if isinstance(x, Lease) and not x.own_allowed and not x.optional]
    for s, k in _orderable(data):
        if not any(covers(x, data.sites[s], data.blocks[k]) for x in must_lease):
            yield from _pair(data, s, k, -1, data.life[k])


def _leased(data: ModelData) -> Iterator[Pair]:
    """Every (site, block, lease) that may be ordered at least once (M5.4)."""
    leases = [(i, x) for i, x in enumerate(data.problem.deals) if isinstance(x, Lease)]
    if not leases:
        return
    for s, k in _orderable(data):
        for i, x in leases:
            if covers(x, data.sites[s], data.blocks[k]):
                terms = [n for n in (data.life[k], _term(data, x)) if n is not None]
                yield from _pair(data, s, k, i, min(terms, default=None))


def _term(data: ModelData, lease: Lease) -> int | None:
    return None if lease.term_years is None else data.time.half_up(lease.term_years)


def _orderable(data: ModelData) -> Iterator[tuple[int, int]]:
    """Every (site, block) that M2.3 and the policies admit."""
    forbids = [p.filter for p in data.problem.policies if isinstance(p, Forbid)]
    for s, site in enumerate(data.sites):
        if data.opens_from[s] < data.P:
            for k, block in enumerate(data.blocks):
                if allowed(block, site) and not any(matches(f, site, block) for f in forbids):
                    yield s, k


def _pair(data: ModelData, s: int, k: int, lease: int, life: int | None) -> Iterator[Pair]:
    """The pair with its bounds; nothing where not even one unit fits."""
    block = data.blocks[k]
    first = max(0, data.time.starts(block.available_from), data.opens_from[s])
    last = data.P - 1 - data.lead[k]
    if first > last:
        return
    most = _most(data, s, k, first, last, _supply(data, s, k), life, lease)
    if most[last] > 0:
        yield Pair(s, k, int(first + np.argmax(most[first:] > 0)), last, most, lease, life)


def _supply(data: ModelData, s: int, k: int) -> Array:
    """The most units that the block's own supply and each pool that covers it here could deliver by each period. (P,)."""
    block, most = data.blocks[k], np.full(data.P, np.inf)
    if "supply" in data.relaxed:
        return most
    if block.supply is not None:
        most = np.floor(data.time.values(block.supply) + SLACK)
    for pool in data.problem.supply_pools:
        if matches(pool.filter, data.sites[s], block) and (each := data.value_of(pool.metric, k)) > 0:
            most = np.minimum(most, np.floor(data.time.values(pool.amount) / each * (1 + SLACK) + SLACK))
    return most


def _shell_reach(data: ModelData, s: int) -> Array:
    """The most shell that pace lets stand in each period, were building started at once. MW, (P,)."""
    reach: Array = data.shell_mw[s].copy()
    for p in range(data.P):
        begun = p - data.build[s] - data.opens_from[s] + 1
        if begun > 0:
            years = -(-begun // data.window)
            reach[p] += math.inf if "pace" in data.relaxed else data.pace[s] * years if years else 0.0
    return reach


def _most(
    data: ModelData,
    s: int,
    k: int,
    first: int,
    last: int,
    supply: Array,
    life: int | None,
    lease: int,
) -> NDArray[np.int64]:
    """The most units that can have been ordered by each period: power, land, shell, resources, supply, max_per_site.

    A unit ordered by ``p`` is online from ``p + lead`` to the end of its life; while life outlasts the horizon, what is
    ordered by ``p`` must fit in *every* later period. Where units expire inside the horizon the same holds per life.
    """
    block, site, P = data.blocks[k], data.sites[s], data.P
    lead = data.lead[k]
    fits = np.full(P, np.inf)
    if block.it_mw > 0:
        if "power" not in data.relaxed:
            fits = np.minimum(fits, data.grid_mw[s] / (data.pue_peak[s].clip(1e-9) * block.it_mw))
        if "shell" not in data.relaxed:
            fits = np.minimum(fits, data.reach_mw[s] / block.it_mw)
    for name, amount in block.uses.items():
        if name in site.resources and amount > 0 and "resources" not in data.relaxed:
            fits = np.minimum(fits, data.time.values(site.resources[name]) / amount)
    ground = whole(data.buildable_ha[s], block.footprint_ha) if "land" not in data.relaxed else math.inf
    cap = np.minimum(np.floor(fits * (1 + SLACK) + SLACK), ground)
    if "power" in data.relaxed or "land" in data.relaxed or "shell" in data.relaxed or "resources" in data.relaxed:
        cap = np.minimum(cap, _generous(data, k))
    most = np.zeros(P)
    fixed = life is None or lead + life >= P - first
    for p in range(first, P):
        q = min(p, last)
        if block.early_retirement and lease < 0:
            # What has left makes room again: every period's arrivals fitted when they came, whatever comes later.
            most[p] = cap[first + lead : q + lead + 1].sum()
        elif fixed:
            most[p] = np.min(cap[q + lead :])
        else:
            assert life is not None
            most[p] = cap[q + lead] + (most[q - life] if q - life >= first else 0.0)
    limit = math.inf if block.max_per_site is None else block.max_per_site
    most = np.minimum(np.minimum(most, supply), limit)
    most[:first] = 0
    # Cumulative orders never fall, so an early bound is also held by every later one.
    most = np.minimum.accumulate(most[::-1])[::-1]
    if not np.all(np.isfinite(most)):
        most = np.minimum(most, 10**6)
    return most.astype(np.int64)


def _generous(data: ModelData, k: int) -> float:
    """Where a limit is relaxed, units are still bounded: by what all demand, limits and sites together could mean."""
    mw = data.blocks[k].it_mw
    total = float(data.grid_mw.max(initial=0.0)) * 10
    for d in data.problem.demand:
        if (v := data.value_of(d.metric, k)) > 0:
            total = max(total, 2 * d.amount / v * max(mw, 1e-6))
    return max(1.0, min(10**6, math.ceil(total / mw))) if mw > 0 else 10**6
