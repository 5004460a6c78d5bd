"""Which policies of M7.3 bind: one unit or site more, or less, would break them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.ledger.evidence import Evidence, last_period
from planner.ledger.figures import Bools, Floats
from planner.ledger.words import number
from planner.plan import Binding
from planner.problem.common import Filter
from planner.problem.policies import Limit, SiteCount, SurviveAnySiteLoss, VendorShare, ZoneHeadroom


def policies(evidence: Evidence) -> list[Binding]:
    """M7.3: limits, shares, headroom, counts and reserves that one unit or site more (or less) would break."""
    found: list[Binding] = []
    for i, policy in enumerate(evidence.state.figures.problem.policies):
        subject = policy.id or f"{policy.kind} {i + 1}"
        rows: list[tuple[Bools, str]] = []
        if policy.kind == "limit":
            rows = _limit(evidence, policy)
        elif policy.kind == "vendor_share":
            rows = _vendor_share(evidence, policy)
        elif policy.kind == "zone_headroom":
            rows = _zone_headroom(evidence, policy)
        elif policy.kind == "site_count":
            rows = _site_count(evidence, policy)
        elif policy.kind == "survive_any_site_loss":
            rows = _survive(evidence, policy)
        for where, message in rows:
            if where.any():
                months = evidence.months(where)
                found.append(Binding(family=policy.kind, subject=subject, months=months, message=message))
    return found


def _limit(evidence: Evidence, policy: Limit) -> list[tuple[Bools, str]]:
    timeline = evidence.state.figures.timeline
    held = evidence.total(policy.filter, policy.metric, policy.of)
    least = evidence.least_unit(policy.filter, policy.metric)
    rows = []
    what = f"{policy.metric} {policy.of}"
    if policy.max is not None:
        most = timeline.values(policy.max)
        where = (held > 0) & (held + least > most + 1e-6 * np.maximum(1.0, most))
        p = last_period(where)
        rows.append((where, f"{number(held[p])} {what}, at most {number(most[p])} in {timeline.month(p)}"))
    if policy.min is not None:
        floor = timeline.values(policy.min)
        where = (floor > 0) & (held - least < floor - 1e-6 * floor)
        p = last_period(where)
        rows.append((where, f"{number(held[p])} {what}, at least {number(floor[p])} in {timeline.month(p)}"))
    return rows


def _vendor_share(evidence: Evidence, policy: VendorShare) -> list[tuple[Bools, str]]:
    timeline = evidence.state.figures.timeline
    from_ = np.arange(timeline.P) >= timeline.starts(policy.from_)
    mine = Filter(vendors=(policy.vendor,))
    others = Filter(vendors=tuple(v for v in evidence.state.figures.vendors if v != policy.vendor))
    total, share = evidence.total(Filter(), policy.metric), evidence.total(mine, policy.metric)
    rows = []
    if policy.max is not None and policy.max < 1:
        unit = evidence.least_unit(mine, policy.metric)
        where = from_ & (total > 0) & (share + unit > policy.max * (total + unit))
        rows.append((where, _share_words(policy, "at most", policy.max, share, total, where, timeline.month)))
    if policy.min:
        unit = evidence.least_unit(others, policy.metric)
        where = from_ & (total > 0) & (share < policy.min * (total + unit))
        rows.append((where, _share_words(policy, "at least", policy.min, share, total, where, timeline.month)))
    return rows


def _share_words(
    policy: VendorShare,
    how: str,
    bound: float,
    share: Floats,
    total: Floats,
    where: Bools,
    month: Callable[[int], str],
) -> str:
    p = last_period(where)
    held = 100 * float(share[p]) / float(total[p]) if total[p] else 0.0
    return (
        f"{policy.vendor} holds {number(held)} % of {policy.metric} in {month(p)} "
        f"({number(share[p])} of {number(total[p])}); {how} {number(100 * bound)} %"
    )


def _zone_headroom(evidence: Evidence, policy: ZoneHeadroom) -> list[tuple[Bools, str]]:
    figures, fleet = evidence.state.figures, evidence.state.fleet
    inside = evidence.state.inside(policy.filter)
    drawn = figures.block.it_mw[fleet.pair_block][:, None] * fleet.energised * figures.site.peak_pue[fleet.pair_site]
    used = drawn[inside].sum(axis=0) + np.zeros(figures.P)
    room = figures.timeline.values(policy.facility_mw)
    where = (used > 0) & (used + evidence.least_unit(policy.filter, "it_mw") > room + 1e-6 * np.maximum(1.0, room))
    p = last_period(where)
    return [(where, f"{number(used[p])} of {number(room[p])} MW shared headroom used in {figures.timeline.month(p)}")]


def _site_count(evidence: Evidence, policy: SiteCount) -> list[tuple[Bools, str]]:
    figures, state = evidence.state.figures, evidence.state
    inside = state.sites_inside(policy.filter)
    count = state.open[inside].sum(axis=0)
    rows = []
    if policy.max is not None:
        rows.append((count >= policy.max, f"{int(count[-1])} of at most {policy.max} sites are open"))
    if policy.min:
        last = np.arange(figures.P) == figures.P - 1
        text = f"{int(count[-1])} sites are open, at least {policy.min} are wanted"
        rows.append((last & (count <= policy.min), text))
    return rows


def _survive(evidence: Evidence, policy: SurviveAnySiteLoss) -> list[tuple[Bools, str]]:
    figures, state = evidence.state.figures, evidence.state
    by_site = state.fleet.by_site(figures, state.fleet.energised, figures.block.metric(policy.metric))
    rest = by_site.sum(axis=0) - by_site.max(axis=0)
    from_ = np.arange(figures.P) >= figures.timeline.starts(policy.from_)
    where = from_ & (rest - evidence.least_unit(Filter(), policy.metric) < policy.amount) & (policy.amount > 0)
    p = last_period(where)
    worst = figures.sites[int(by_site[:, p].argmax())].id
    month = figures.timeline.month(p)
    text = f"without {worst} {number(rest[p])} {policy.metric} remain in {month}; {number(policy.amount)} are wanted"
    return [(where, text)]
