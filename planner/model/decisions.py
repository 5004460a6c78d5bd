"""What is decided, and the quantities that follow from it by bookkeeping alone.

State variables carry history, so no row sums over the past:

``ordered[s,k,p]``   units of k ever ordered at s by the end of p (whole, never falling); order = difference
``open[s,p]``        1 once s is open (candidates only; committed sites are the constant 1)
``shell[s,p]``       shell MW ever started at s by p; ``shell_steps`` whole steps where the site builds in steps
``left[s,k,p]``      units ever gone by p, only where ``early_retirement``; ``resold`` those that went early, by p
``leased[j,s,k,p]``  the same as ``ordered`` for units on lease j; ``leased_shell[j,s,p]`` shell that its partner pays
``idle[s,k,p]``      existing units that stand idle in p, only where power can be short
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo

from planner.model.data import Batch, ModelData, Pair
from planner.model.linear import Linear, Var
from planner.problem.deals import Lease


def declare(m: Any, d: ModelData) -> None:
    """Create every decision variable that the data leaves undecided."""
    m.unit = pyo.Var(bounds=(1, 1))
    m.online_cache, m.flow_cache = {}, {}
    _orders(m, d)
    _openings(m, d)
    _shells(m, d)
    _leaving(m, d)
    _idling(m, d)


def _orders(m: Any, d: ModelData) -> None:
    most = {(q.s, q.k, p): int(q.most[p]) for q in d.pairs for p in range(q.first, q.last + 1)}
    m.ordered = pyo.Var(list(most), domain=pyo.NonNegativeIntegers, bounds=lambda _, s, k, p: (0, most[s, k, p]))
    on_lease = {(q.lease, q.s, q.k, p): int(q.most[p]) for q in d.leased for p in range(q.first, q.last + 1)}
    if on_lease:
        m.leased = pyo.Var(
            list(on_lease), domain=pyo.NonNegativeIntegers, bounds=lambda _, j, s, k, p: (0, on_lease[j, s, k, p])
        )


def _openings(m: Any, d: ModelData) -> None:
    index = [(s, p) for s in range(len(d.sites)) if not d.committed[s] for p in range(d.opens_from[s], d.P)]
    m.open = pyo.Var(index, domain=pyo.Binary)


def builds(d: ModelData, s: int) -> bool:
    """True where shell has to be decided: something can be ordered and building costs money, time or is limited."""
    if not d.pairs_at[s] and not d.leased_at[s]:
        return False
    site = d.sites[s]
    free = d.build[s] == 0 and site.pace_mw_per_year is None and site.shell_step_mw is None
    return not (free and not np.any(d.time.values(site.construction_musd_per_mw)))


def shell_periods(d: ModelData, s: int) -> range:
    """Periods in which a shell can be started and still be of use."""
    return range(d.opens_from[s], d.P - d.build[s])


def most_shell(d: ModelData, s: int, p: int) -> float:
    """The most shell worth starting by p: what pace allows, and what the grid could ever feed. MW."""
    need = max(float((d.grid_mw[s] / d.pue_peak[s].clip(1e-9)).max()), 0.0)
    if "power" in d.relaxed or "shell" in d.relaxed:
        need = sum(float(q.most[-1]) * d.blocks[q.k].it_mw for q in d.pairs_at[s] + d.leased_at[s])
    step = d.sites[s].shell_step_mw or 0.0
    begun = p - d.opens_from[s] + 1
    reach = float("inf") if "pace" in d.relaxed else d.pace[s] * -(-begun // d.window) if begun > 0 else 0.0
    return min(need + step, reach)


def _shells(m: Any, d: ModelData) -> None:
    index = [(s, p) for s in range(len(d.sites)) if builds(d, s) for p in shell_periods(d, s)]
    m.shell = pyo.Var(index, domain=pyo.NonNegativeReals, bounds=lambda _, s, p: (0.0, most_shell(d, s, p)))
    stepped = [(s, p) for s, p in index if d.sites[s].shell_step_mw is not None]
    m.shell_steps = pyo.Var(stepped, domain=pyo.NonNegativeIntegers)
    paid = [(j, s, p) for s, p in index for j in shell_leases(d, s)]
    if paid:
        m.leased_shell = pyo.Var(
            paid, domain=pyo.NonNegativeReals, bounds=lambda _, j, s, p: (0.0, most_shell(d, s, p))
        )
        m.leased_steps = pyo.Var(
            [i for i in paid if d.sites[i[1]].shell_step_mw is not None], domain=pyo.NonNegativeIntegers
        )


def partner_builds(d: ModelData, q: Pair) -> bool:
    """True where the pair is leased and the partner pays its shell."""
    return q.lease >= 0 and lease_of(d, q).covers != "chips"


def lease_of(d: ModelData, q: Pair) -> Lease:
    """The lease a leased pair is ordered on."""
    deal = d.problem.deals[q.lease]
    assert isinstance(deal, Lease)
    return deal


def shell_leases(d: ModelData, s: int) -> list[int]:
    """Leases whose partner pays shell at a site."""
    return sorted({q.lease for q in d.leased_at[s] if partner_builds(d, q)})


def retires(d: ModelData, s: int, k: int) -> bool:
    """True where units of k at s may leave early."""
    return d.blocks[k].early_retirement and ((s, k) in d.pair_of or any(b.k == k for b in d.batches_at[s]))


def _leaving(m: Any, d: ModelData) -> None:
    index = [
        (s, k, p)
        for s in range(len(d.sites))
        for k in range(len(d.blocks))
        if d.blocks[k].early_retirement and retires(d, s, k)
        for p in range(d.P)
    ]
    most = {
        (s, k): sum(b.units for b in d.batches_at[s] if b.k == k)
        + (int(q.most[q.last]) if (q := d.pair_of.get((s, k))) is not None else 0)
        for s, k, _ in index
    }
    m.left = pyo.Var(index, domain=pyo.NonNegativeIntegers, bounds=lambda _, s, k, p: (0, most[s, k]))
    m.resold = pyo.Var(index, domain=pyo.NonNegativeIntegers, bounds=lambda _, s, k, p: (0, most[s, k]))


def can_be_short(d: ModelData, s: int, p: int) -> bool:
    """True where existing units and what could be ordered together may ask for more than the grid gives."""
    if not d.batches_at[s]:
        return False
    mw = sum(d.most_online(s, k, p) * d.blocks[k].it_mw for k in blocks_at(d, s))
    return bool(mw * d.pue_peak[s, p] > d.grid_mw[s, p])


def _idling(m: Any, d: ModelData) -> None:
    most = {
        (s, k, p): n
        for s in range(len(d.sites))
        if d.batches_at[s]
        for k in sorted({b.k for b in d.batches_at[s]})
        for p in range(d.P)
        if (n := d.existing_online(s, k, p)) and d.blocks[k].it_mw > 0 and can_be_short(d, s, p)
    }
    m.idle = pyo.Var(list(most), domain=pyo.NonNegativeIntegers, bounds=lambda _, s, k, p: (0, most[s, k, p]))
    m.short = pyo.Var(list(most), domain=pyo.Binary)


def ordered(m: Any, q: Pair, p: int) -> Var | None:
    """Units ever ordered by period p: nothing before the first order period, the last one's value after it."""
    if p < q.first:
        return None
    if q.lease >= 0:
        return m.leased[q.lease, q.s, q.k, min(p, q.last)]
    return m.ordered[q.s, q.k, min(p, q.last)]


def signed(m: Any, d: ModelData, i: int) -> Linear:
    """1 where deal i is signed."""
    return Linear().add(1.0, m.signs[i]) if d.problem.deals[i].optional else Linear(1.0)


def is_open(m: Any, d: ModelData, s: int, p: int) -> Linear:
    """1 where the site is open in p."""
    if d.committed[s]:
        return Linear(1.0)
    return Linear().add(1.0, m.open[s, p]) if p >= d.opens_from[s] else Linear()


def started(m: Any, d: ModelData, s: int, p: int) -> Var | None:
    """Own shell MW ever started by p."""
    periods = shell_periods(d, s)
    return m.shell[s, min(p, periods[-1])] if builds(d, s) and periods and p >= periods[0] else None


def started_by_partner(m: Any, d: ModelData, j: int, s: int, p: int) -> Var | None:
    """Shell MW ever started by p that the partner of lease j pays."""
    periods = shell_periods(d, s)
    return m.leased_shell[j, s, min(p, periods[-1])] if periods and p >= periods[0] else None


def arrived(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """Own units ever come online by p, existing ones included."""
    out = Linear(_existing(d, s, k, lambda b: b.on <= p))
    if (q := d.pair_of.get((s, k))) is not None:
        out.add(1.0, ordered(m, q, p - d.lead[k]))
    return out


def _existing(d: ModelData, s: int, k: int, counts: Callable[[Batch], bool]) -> float:
    here = d.batches_at[s]
    return float(sum(b.units for b in here if b.k == k and counts(b))) if here else 0.0


def expired(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """Own and existing units whose life has ended by p, had none left early."""
    out = Linear(_existing(d, s, k, lambda b: b.off <= p))
    life = d.life[k]
    if life is not None and p >= d.lead[k] + life and (q := d.pair_of.get((s, k))) is not None:
        out.add(1.0, ordered(m, q, p - d.lead[k] - life))
    return out


def gone(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """Own and existing units ever gone by p, by age or early."""
    if retires(d, s, k):
        return Linear().add(1.0, m.left[s, k, p])
    return expired(m, d, s, k, p)


def pair_online(m: Any, d: ModelData, q: Pair, p: int) -> Linear:
    """Units of one pair online in p, none leaving early: arrived less expired."""
    on = p - d.lead[q.k]
    out = Linear().add(1.0, ordered(m, q, on))
    return out if q.life is None else out.add(-1.0, ordered(m, q, on - q.life))


def own_online(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """Own and existing units online in p."""
    return arrived(m, d, s, k, p).plus(-1.0, gone(m, d, s, k, p))


def online(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    r"""M2.2: units online, :math:`o_{skp} = a_{skp} - g_{skp}` (arrived less gone). Shared: not to be changed in place."""
    found: Linear | None = m.online_cache.get((s, k, p))
    if found is None:
        found = m.online_cache[s, k, p] = own_online(m, d, s, k, p)
        for q in d.leased_of.get((s, k), ()):
            found.plus(1.0, pair_online(m, d, q, p))
    return found


def standing(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """M2.2: units on the ground, ordered or existing, until they are gone."""
    out = own_standing(m, d, s, k, p)
    for q in d.leased_of.get((s, k), ()):
        out.plus(1.0, pair_standing(m, d, q, p))
    return out


def pair_standing(m: Any, d: ModelData, q: Pair, p: int) -> Linear:
    """Units of one pair on the ground in p, none leaving early."""
    out = Linear().add(1.0, ordered(m, q, p))
    return out if q.life is None else out.add(-1.0, ordered(m, q, p - d.lead[q.k] - q.life))


def own_standing(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """Own and existing units on the ground in p."""
    out = Linear(float(sum(b.units for b in d.batches_at[s] if b.k == k)))
    if (q := d.pair_of.get((s, k))) is not None:
        out.add(1.0, ordered(m, q, p))
    return out.plus(-1.0, gone(m, d, s, k, p))


def energised(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """M2.8: online units that run; only existing ones may stand idle."""
    running = online(m, d, s, k, p)
    if d.batches_at[s] and (s, k, p) in m.idle:
        return Linear().plus(1.0, running).add(-1.0, m.idle[s, k, p])
    return running


def blocks_at(d: ModelData, s: int) -> Iterator[int]:
    """Blocks that are or can be at a site."""
    if not d.batches_at[s] and not d.leased_at[s]:
        return iter([q.k for q in d.pairs_at[s]])
    kinds = {q.k for q in d.pairs_at[s]} | {q.k for q in d.leased_at[s]} | {b.k for b in d.batches_at[s]}
    return iter(sorted(kinds))


def metric_at(
    m: Any, d: ModelData, s: int, p: int, metric: str, blocks: frozenset[int] | None = None, of: str = "energised"
) -> Linear:
    """The sum of a metric over a site's energised, online or ever-ordered units of some blocks."""
    count = {"energised": energised, "online": online, "ordered": ever_ordered}[of]
    out = Linear()
    for k in blocks_at(d, s):
        if (blocks is None or k in blocks) and (value := d.value_of(metric, k)):
            out.plus(value, count(m, d, s, k, p))
    return out


def ever_ordered(m: Any, d: ModelData, s: int, k: int, p: int) -> Linear:
    """Units ever ordered by p; existing ones count from the start."""
    out = Linear(float(sum(b.units for b in d.batches_at[s] if b.k == k)))
    for q in d.pairs_of(s, k):
        out.add(1.0, ordered(m, q, p))
    return out
