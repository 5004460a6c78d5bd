"""Policies (M7.3, A12): one function for each kind, named in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from planner.problem.policies import (
    Forbid,
    Limit,
    Lock,
    Separation,
    SiteCount,
    SiteMinimum,
    SurviveAnySiteLoss,
    VendorShare,
    ZoneHeadroom,
)
from planner.verify.findings import LIMIT, Array, Findings, num
from planner.verify.units import METRICS, UNIT
from planner.verify.world import World, block_inside, site_inside

FAMILY = "policies"


def _by_period(
    world: World, found: Findings, subject: str, left: Array, right: Array, start: int, words: Callable[[int], str]
) -> None:
    """``left <= right`` in every period from ``start`` on."""

    def tell(at: tuple[int, ...], excess: float) -> None:
        p = start + at[0]
        found.add("M7.3", FAMILY, subject, world.months[p], f"{subject}: {words(p)}; off by {num(excess)}", excess)

    found.at_most(left[start:], right[start:], tell)


def limit(world: World, policy: Limit, subject: str, found: Findings) -> None:
    """A metric of online units, or of units ever ordered (existing ones from the start), between two schedules."""
    units = world.units
    counts = units.online if policy.of == "online" else units.ordered_or_existing
    inside = world.rows_inside(policy.filter)
    amount = (counts * units.per_block(METRICS[policy.metric]))[inside].sum(axis=0)
    counted = f"{UNIT[policy.metric]} {policy.of}"
    if policy.max is not None:
        most: Array = np.array(world.calendar.values(policy.max))

        def words(p: int) -> str:
            return f"{num(amount[p])} {counted} in {world.months[p]}; max {num(most[p])}"

        _by_period(world, found, subject, amount, most, 0, words)
    if policy.min is not None:
        least = np.array(world.calendar.values(policy.min))
        room = LIMIT * np.maximum(1.0, least)

        def tell(at: tuple[int, ...], excess: float) -> None:
            month = world.months[at[0]]
            say = f"{subject}: {num(amount[at])} {counted} in {month}; min {num(least[at])}; short {num(excess)}"
            found.add("M7.3", FAMILY, subject, month, say, excess)

        found.at_most(least, amount, tell, room)


def vendor_share(world: World, policy: VendorShare, subject: str, found: Findings) -> None:
    """``min * total <= vendor <= max * total`` of the energised metric, from its date on."""
    units = world.units
    amount = units.energised * units.per_block(METRICS[policy.metric])
    total = amount.sum(axis=0)
    vendor = amount[world.rows_inside_vendor(policy.vendor)].sum(axis=0)
    start, unit = max(0, world.calendar.effective(policy.from_)), UNIT[policy.metric]

    def words(p: int) -> str:
        share = f" ({vendor[p] / total[p]:.2%})" if total[p] else ""
        bounds = f"min {policy.min}, max {policy.max}"
        return f"{policy.vendor} has {num(vendor[p])} of {num(total[p])} {unit}{share} in {world.months[p]}; {bounds}"

    if policy.max is not None:
        _by_period(world, found, subject, vendor, policy.max * total, start, words)
    if policy.min is not None:
        _by_period(world, found, subject, policy.min * total, vendor, start, words)


def site_count(world: World, policy: SiteCount, subject: str, found: Findings) -> None:
    """Open sites inside the filter: never above ``max``, at least ``min`` in the last period."""
    inside = [s for s, site in enumerate(world.sites) if site_inside(policy.filter, site)]
    count = world.open[inside].sum(axis=0).astype(float)
    if policy.max is not None:

        def words(p: int) -> str:
            return f"{num(count[p])} sites open in {world.months[p]}; max {policy.max}"

        _by_period(world, found, subject, count, np.full(world.periods, float(policy.max)), 0, words)
    if policy.min is not None:
        last = world.periods - 1

        def words(p: int) -> str:
            return f"{num(count[p])} sites open in {world.months[p]}; min {policy.min}"

        _by_period(world, found, subject, np.full(world.periods, float(policy.min)), count, last, words)


def site_minimum(world: World, policy: SiteMinimum, subject: str, found: Findings) -> None:
    """Every open site inside the filter reaches the IT MW in the last period."""
    blocks = world.rows_inside(policy.filter)
    units = world.units
    held = units.by_site(np.where(blocks[:, None], units.energised * units.per_block(METRICS["it_mw"]), 0.0))
    for s, site in enumerate(world.sites):
        if world.open[s, -1] and site_inside(policy.filter, site):
            found.checked += 1
            short = policy.it_mw - float(held[s, -1])
            if not short <= LIMIT * max(1.0, policy.it_mw):
                month, has = world.months[-1], num(held[s, -1])
                say = f"{site.id} has {has} IT MW in {month}; {subject} {num(policy.it_mw)}; short {num(short)}"
                found.add("M7.3", FAMILY, site.id, month, say, short)


def lock(world: World, policy: Lock, subject: str, found: Findings) -> None:
    """The site is open by the last period; the order is placed, at least."""
    found.checked += 1
    if policy.site is not None:
        s = world.position(policy.site)
        if not world.open[s, -1]:
            found.add("M7.3", FAMILY, policy.site, None, f"{policy.site} is locked to open, but never opens")
    if policy.order is not None:
        want = policy.order
        p = world.calendar.within(want.month)
        if 0 <= p < world.periods:
            rows = world.rows.orders
            wanted = (want.site, want.block, p, want.terms)
            placed = sum(
                n for s, k, q, n, t in rows if (world.sites[s].id, world.blocks[k].id, q, world.terms(t)) == wanted
            )
            if placed < want.units:
                name, month = f"{want.site} {want.block}", world.months[p]
                leased = "" if want.terms == "own" else f" on {want.terms}"
                say = f"{name}: {placed} ordered{leased} in {month}; locked {want.units}; short {want.units - placed}"
                found.add("M7.3", FAMILY, name, month, say, want.units - placed)


def forbid(world: World, policy: Forbid, subject: str, found: Findings) -> None:
    """Nothing inside is ordered; without vendors and blocks in the filter, matching candidates stay shut."""
    where = policy.filter
    sites = [site_inside(where, s) for s in world.sites]
    blocks = [block_inside(where, b) for b in world.blocks]
    for s, k, p, units, _ in world.rows.orders:
        found.checked += 1
        if units and sites[s] and blocks[k]:
            name, month = f"{world.sites[s].id} {world.blocks[k].id}", world.months[p]
            say = f"{name}: {units} ordered in {month}, but forbidden by {subject}"
            found.add("M7.3", FAMILY, name, month, say, units)
    if where.vendors is None and where.blocks is None:
        for s, p in world.rows.opened.items():
            found.checked += 1
            if sites[s] and world.sites[s].status != "committed":
                name, month = world.sites[s].id, world.months[p]
                found.add("M7.3", FAMILY, name, month, f"{name} opens in {month}, but {subject} keeps it shut")


def separation(world: World, policy: Separation, subject: str, found: Findings) -> None:
    """No two opened sites nearer than ``km``, unless both are committed."""
    for pair in world.close_pairs:
        found.checked += 1
        a, b = world.position(pair.a), world.position(pair.b)
        both_committed = world.sites[a].status == world.sites[b].status == "committed"
        near = pair.km < policy.km - LIMIT * max(1.0, policy.km)
        if near and world.open[a, -1] and world.open[b, -1] and not both_committed:
            say = f"{pair.a} and {pair.b} are both open, {num(pair.km)} km apart; separation {num(policy.km)} km"
            found.add("M7.3", FAMILY, f"{pair.a} {pair.b}", None, say, policy.km - pair.km)


def zone_headroom(world: World, policy: ZoneHeadroom, subject: str, found: Findings) -> None:
    """Facility MW at the peak of all energised units inside the filter."""
    inside, units = world.rows_inside(policy.filter), world.units
    it = np.where(inside[:, None], units.energised * units.per_block(METRICS["it_mw"]), 0.0)
    asked = (units.by_site(it) * world.pue_peak).sum(axis=0)
    room: Array = np.array(world.calendar.values(policy.facility_mw))

    def words(p: int) -> str:
        return f"{num(asked[p])} facility MW in {world.months[p]}; headroom {num(room[p])}"

    _by_period(world, found, subject, asked, room, 0, words)


def survive_any_site_loss(world: World, policy: SurviveAnySiteLoss, subject: str, found: Findings) -> None:
    """From its date on, what is left without the largest site is still enough."""
    held = world.energised_by_site(policy.metric)
    left = held.sum(axis=0) - held.max(axis=0, initial=0.0)
    start, unit = max(0, world.calendar.effective(policy.from_)), UNIT[policy.metric]
    wanted = np.full(world.periods, policy.amount)
    room = LIMIT * np.maximum(1.0, wanted)[start:]

    def tell(at: tuple[int, ...], excess: float) -> None:
        p = start + at[0]
        lost = world.sites[int(held[:, p].argmax())].id
        say = f"{subject}: without {lost} {num(left[p])} {unit} are left in {world.months[p]}; "
        say += f"wanted {num(policy.amount)}; short {num(excess)}"
        found.add("M7.3", FAMILY, subject, world.months[p], say, excess)

    found.at_most(wanted[start:], left[start:], tell, room)


KINDS: dict[str, Callable[[World, Any, str, Findings], None]] = {
    "limit": limit,
    "vendor_share": vendor_share,
    "site_count": site_count,
    "site_minimum": site_minimum,
    "lock": lock,
    "forbid": forbid,
    "separation": separation,
    "zone_headroom": zone_headroom,
    "survive_any_site_loss": survive_any_site_loss,
}


def check(world: World, found: Findings) -> None:
    """Every policy of the request, in its order."""
    for i, policy in enumerate(world.problem.policies):
        KINDS[policy.kind](world, policy, policy.id or f"{policy.kind} (policy {i + 1})", found)
