"""Which units stand, run and draw power when: cohorts, retirement oldest first, idle ones (M2.2, M2.7, M2.8, M3.3, M5.4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from planner.ledger.figures import NEVER, Bools, Figures, Floats, Ints
from planner.ledger.rows import OrderRows, Rows, UnitRows
from planner.ledger.terms import on_lease
from planner.problem.deals import Lease


@dataclass
class _Cohort:
    """Units of one block at one site that come and go together; ``ends`` is the first period without them."""

    site: int
    block: int
    ordered: int
    stands: int
    online: int
    ends: int
    units: int
    existing: int
    lease: int = -1


@dataclass(frozen=True)
class Cohorts:
    """Columns of all cohorts. ``ordered`` is -1 and ``existing`` the running number for units of M3.3, else -1.

    ``lease`` is the row number of the lease that units are on, -1 for owned ones.
    """

    site: Ints
    block: Ints
    ordered: Ints
    stands: Ints
    online: Ints
    ends: Ints
    units: Ints
    existing: Ints
    lease: Ints
    pair: Ints


@dataclass(frozen=True)
class Fleet:
    """Units of every (site, block) in use, per period: arrays (pairs, P) of whole numbers."""

    cohorts: Cohorts
    pair_site: Ints
    pair_block: Ints
    ordered: Ints
    standing: Ints
    online: Ints
    idle: Ints
    energised: Ints
    existing_online: Ints
    """Of ``online``: the existing ones, which alone may stand idle."""
    brought_shell_mw: Floats
    """Shape (S, P): shell that existing units brought; it stays when they leave (M3.6)."""

    def by_site(self, figures: Figures, units: Ints, weight: Floats) -> Floats:
        """``sum over blocks of weight[block] * units`` at every site. Shape (S, P)."""
        table = np.zeros((figures.S, figures.P))
        np.add.at(table, self.pair_site, weight[self.pair_block][:, None] * units)
        return table

    def leased_online(self, lease: Bools) -> Ints:
        """Of ``online``: units on a lease whose row number is flagged. They never stand idle. Shape (pairs, P)."""
        units = self.cohorts
        mine = on_lease(units.lease, lease)
        return _between(self.online.shape, units.pair[mine], units.online[mine], units.ends[mine], units.units[mine])

    def ever_ordered(self) -> Ints:
        """Units ever ordered up to each period, without existing ones. Shape (pairs, P)."""
        total: Ints = self.ordered.cumsum(axis=1)
        return total


def fleet(figures: Figures, rows: Rows) -> Fleet:
    """Follow every order and every existing unit through the horizon."""
    cohorts = _existing(figures) + _new(figures, rows.orders)
    cohorts = _retire(cohorts, rows.retirements)
    columns, pair_site, pair_block = _columns(figures, cohorts)
    shape = (len(pair_site), figures.P)
    new = columns.ordered >= 0
    online = _between(shape, columns.pair, columns.online, columns.ends, columns.units)
    existing_online = _between(shape, columns.pair[~new], columns.online[~new], columns.ends[~new], columns.units[~new])
    idle = np.minimum(_at(figures, pair_site, pair_block, rows.idle), existing_online)
    ordered = np.zeros(shape, dtype=np.int64)
    np.add.at(ordered, (columns.pair[new], columns.ordered[new]), columns.units[new])
    return Fleet(
        cohorts=columns,
        pair_site=pair_site,
        pair_block=pair_block,
        ordered=ordered,
        standing=_between(shape, columns.pair, columns.stands, columns.ends, columns.units),
        online=online,
        idle=idle,
        energised=online - idle,
        existing_online=existing_online,
        brought_shell_mw=_brought_shell(figures),
    )


def _existing(figures: Figures) -> list[_Cohort]:
    """Units of M3.3: life counts from the first period beginning on or after ``online_from``, maybe before period 0."""
    found: list[_Cohort] = []
    number = 0
    for s, site in enumerate(figures.sites):
        for entry in site.existing:
            k = figures.block_index[entry.block]
            online = figures.timeline.starts(entry.online_from)
            ends = min(online + int(figures.block.life[k]), 2 * 10**9)
            found.append(_Cohort(s, k, -1, 0, online, ends, entry.units, number))
            number += 1
    return found


def _new(figures: Figures, orders: OrderRows) -> list[_Cohort]:
    """M2.2: standing from the order, online after the lead, both until lead and life are over.

    M5.4: a leased unit is online for min(life, term).
    """
    lead = figures.block.lead[orders.block]
    ends = orders.period + lead + np.minimum(figures.block.life[orders.block], _terms(figures)[orders.lease])
    columns = zip(
        orders.site.tolist(),
        orders.block.tolist(),
        orders.period.tolist(),
        (orders.period + lead).tolist(),
        ends.tolist(),
        orders.units.tolist(),
        orders.lease.tolist(),
    )
    return [_Cohort(s, k, q, q, online, end, units, -1, lease) for s, k, q, online, end, units, lease in columns]


def _terms(figures: Figures) -> Ints:
    """Term of every deal in periods, NEVER where it is no lease or states none; so for row -1. Shape (deals + 1,)."""
    terms = [
        figures.timeline.half_up(deal.term_years) if isinstance(deal, Lease) and deal.term_years else NEVER
        for deal in figures.problem.deals
    ]
    return np.array([*terms, NEVER], dtype=np.int64)


def _retire(cohorts: list[_Cohort], retirements: UnitRows) -> list[_Cohort]:
    """M2.7: the oldest units leave first, existing ones before new ones that came online in the same period.

    Only owned units that were online in the period before can leave, and only before their life ends anyway.
    """
    if not len(retirements.units):
        return cohorts
    wanted: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    columns = (retirements.site, retirements.block, retirements.period, retirements.units)
    for s, k, p, units in zip(*(column.tolist() for column in columns)):
        wanted[s, k].append((p, units))
    kept: list[_Cohort] = []
    touched: dict[tuple[int, int], list[_Cohort]] = defaultdict(list)
    for cohort in cohorts:
        may_leave = cohort.lease < 0 and (cohort.site, cohort.block) in wanted
        (touched[cohort.site, cohort.block] if may_leave else kept).append(cohort)
    for pair, events in wanted.items():
        queue = sorted(touched[pair], key=lambda c: (c.online, c.ordered >= 0))
        for p, units in sorted(events):
            queue = _leave(queue, p, units)
        kept += queue
    return kept


def _leave(queue: list[_Cohort], p: int, due: int) -> list[_Cohort]:
    """Take ``due`` units out in period ``p`` from the front of the queue, splitting a cohort where needed."""
    after: list[_Cohort] = []
    for cohort in queue:
        if due > 0 and cohort.online < p < cohort.ends:
            gone = min(due, cohort.units)
            due -= gone
            after.append(_Cohort(**{**cohort.__dict__, "units": gone, "ends": p}))
            if cohort.units > gone:
                after.append(_Cohort(**{**cohort.__dict__, "units": cohort.units - gone}))
        else:
            after.append(cohort)
    return after


def _columns(figures: Figures, cohorts: list[_Cohort]) -> tuple[Cohorts, Ints, Ints]:
    """Cohorts as columns, with the (site, block) pair that each belongs to."""
    K = len(figures.blocks)
    fields = ("site", "block", "ordered", "stands", "online", "ends", "units", "existing", "lease")
    table = {f: np.array([getattr(c, f) for c in cohorts], dtype=np.int64) for f in fields}
    keys, pair = np.unique(table["site"] * K + table["block"], return_inverse=True)
    return Cohorts(**table, pair=pair.astype(np.int64)), keys // K, keys % K


def _between(shape: tuple[int, int], pair: Ints, first: Ints, end: Ints, units: Ints) -> Ints:
    """Units per pair and period that are there from ``first`` to before ``end``."""
    P = shape[1]
    steps = np.zeros((shape[0], P + 1), dtype=np.int64)
    first = np.clip(first, 0, P)
    np.add.at(steps, (pair, first), units)
    np.add.at(steps, (pair, np.maximum(first, np.clip(end, 0, P))), -units)
    total: Ints = steps.cumsum(axis=1)[:, :P]
    return total


def _at(figures: Figures, pair_site: Ints, pair_block: Ints, table: UnitRows) -> Ints:
    """Rows of units summed by pair and period; rows of pairs that hold no unit at all are left out."""
    units = np.zeros((len(pair_site), figures.P), dtype=np.int64)
    if len(table.units) and len(pair_site):
        K = len(figures.blocks)
        keys = pair_site * K + pair_block
        wanted = table.site * K + table.block
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        known = keys[place] == wanted
        np.add.at(units, (place[known], table.period[known]), table.units[known])
    return units


def _brought_shell(figures: Figures) -> Floats:
    """Shell MW that existing units bring, from their online period on (from period 0 where that is past), for good."""
    shell = np.zeros((figures.S, figures.P))
    for s, site in enumerate(figures.sites):
        for entry in site.existing:
            online = max(0, figures.timeline.starts(entry.online_from))
            if online < figures.P:
                k = figures.block_index[entry.block]
                shell[s, online:] += entry.units * figures.block.it_mw[k]
    return shell
