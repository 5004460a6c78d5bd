"""Which policies of M7.3 one more purchase would break, with numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.ledger.figures import Bools, Floats
from planner.ledger.probe import Probe, exceeds
from planner.ledger.words import number
from planner.problem.common import Filter, Metric
from planner.problem.policies import Limit, Separation, SiteCount, VendorShare, ZoneHeadroom
from planner.problem.problem import matches

Found = tuple[Bools, Callable[[int], str]]


def policy_stops(probe: Probe) -> list[Found]:
    """``(sites where it stops the purchase, why)`` for every policy that can."""
    found: list[Found] = []
    for policy in probe.figures.problem.policies:
        if policy.kind == "limit":
            found += _limit(probe, policy)
        elif policy.kind == "vendor_share":
            found += _vendor_share(probe, policy)
        elif policy.kind == "zone_headroom":
            found += _zone_headroom(probe, policy)
        elif policy.kind == "site_count":
            found += _site_count(probe, policy)
        elif policy.kind == "separation":
            found += _separation(probe, policy)
    return found


def _inside(probe: Probe, filter: Filter) -> Bools:
    """Sites whose units of the probe's block lie inside the filter. Shape (S,)."""
    figures = probe.figures
    if not matches(filter, None, figures.blocks[probe.k]):
        return np.zeros(figures.S, dtype=bool)
    return probe.margin.state.sites_inside(filter)


def _held(probe: Probe, filter: Filter, metric: Metric, of: str) -> float:
    """The metric inside the filter in the last period: energised, online or ever ordered (existing ones included)."""
    state, fleet = probe.margin.state, probe.margin.state.fleet
    inside = state.inside(filter)
    units = {"energised": fleet.energised, "online": fleet.online}.get(of)
    last = fleet.ever_ordered()[:, -1] + _existing(probe) if units is None else units[:, -1]
    return float((state.figures.block.metric(metric)[fleet.pair_block] * last)[inside].sum())


def _existing(probe: Probe) -> Floats:
    """Existing units per (site, block) pair: ordered from period 0."""
    fleet = probe.margin.state.fleet
    units = np.zeros(len(fleet.pair_site))
    mine = fleet.cohorts.existing >= 0
    np.add.at(units, fleet.cohorts.pair[mine], fleet.cohorts.units[mine])
    return units


def _need(probe: Probe, metric: Metric) -> Floats:
    need: Floats = probe.units * probe.figures.block.metric(metric)[probe.k]
    return need


def _limit(probe: Probe, policy: Limit) -> list[Found]:
    if policy.max is None:
        return []
    most = probe.figures.timeline.value(policy.max, probe.figures.P - 1)
    held = _held(probe, policy.filter, policy.metric, policy.of)
    over = exceeds(_need(probe, policy.metric), np.array(most - held), np.array(most))
    text = f"limit {policy.id or policy.metric}: {number(held)} of {number(most)} {policy.metric} {policy.of}"
    return [(_inside(probe, policy.filter) & over, lambda _: text)]


def _vendor_share(probe: Probe, policy: VendorShare) -> list[Found]:
    figures = probe.figures
    if figures.timeline.starts(policy.from_) >= figures.P:
        return []
    total = _held(probe, Filter(), policy.metric, "energised")
    share = _held(probe, Filter(vendors=(policy.vendor,)), policy.metric, "energised")
    need = _need(probe, policy.metric)
    now = f"now {number(100 * share / total if total else 0.0)} %"
    if figures.blocks[probe.k].vendor == policy.vendor:
        most = 1.0 if policy.max is None else policy.max
        stops = exceeds(share + need, most * (total + need), most * (total + need))
        text = f"{policy.vendor} may hold at most {number(100 * most)} % of {policy.metric}, {now}"
        return [(stops, lambda _: text)]
    least = policy.min or 0.0
    stops = exceeds(least * (total + need), np.full(figures.S, share), np.full(figures.S, share))
    text = f"{policy.vendor} must hold at least {number(100 * least)} % of {policy.metric}, {now}"
    return [(stops, lambda _: text)]


def _zone_headroom(probe: Probe, policy: ZoneHeadroom) -> list[Found]:
    figures, state = probe.figures, probe.margin.state
    room = figures.timeline.value(policy.facility_mw, figures.P - 1)
    pairs = state.inside(policy.filter)
    fleet, peak = state.fleet, figures.site.peak_pue[:, -1]
    drawn = figures.block.it_mw[fleet.pair_block] * fleet.energised[:, -1] * peak[fleet.pair_site]
    used = float(drawn[pairs].sum())
    stops = _inside(probe, policy.filter) & exceeds(probe.it_mw * peak, np.array(room - used), np.array(room))
    return [(stops, lambda _: f"zone {policy.id or 'headroom'}: {number(used)} of {number(room)} MW used")]


def _site_count(probe: Probe, policy: SiteCount) -> list[Found]:
    if policy.max is None:
        return []
    inside = probe.margin.state.sites_inside(policy.filter)
    count = int((inside & probe.margin.opened).sum())
    stops = inside & ~probe.margin.opened & (count >= policy.max)
    return [(stops, lambda _: f"{count} of at most {policy.max} sites are open")]


def _separation(probe: Probe, policy: Separation) -> list[Found]:
    figures, opened = probe.figures, probe.margin.opened
    index = figures.site_index
    stops = np.zeros(figures.S, dtype=bool)
    words: dict[int, str] = {}
    for pair in figures.ground.close_pairs:
        if pair.km < policy.km and pair.a in index and pair.b in index:
            for here, there in ((pair.a, pair.b), (pair.b, pair.a)):
                s = index[here]
                if opened[index[there]] and not opened[s] and s not in words:
                    stops[s] = True
                    apart = f"at least {number(policy.km)} km apart"
                    words[s] = f"{number(pair.km)} km from {there}, which is open; {apart}"
    return [(stops, words.__getitem__)]
