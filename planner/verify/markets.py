"""Markets: every amount is served, by sites that hold it, near enough, from one place where asked (M7.2)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from planner.verify.findings import LIMIT, Findings, num
from planner.verify.world import World

FAMILY = "markets"


def check(world: World, found: Findings) -> None:
    """Amounts sum to each market's; no site serves more than its energised metric; reach and single source hold."""
    markets = world.problem.markets
    if not markets:
        return
    served = np.zeros((len(markets), world.periods))
    given = np.zeros((len(world.sites), world.periods))
    sources: dict[tuple[int, int], list[str]] = defaultdict(list)
    for s, m, p, amount in world.rows.served:
        served[m, p] += amount
        given[s, p] += amount
        site, market, month = world.sites[s].id, markets[m], world.months[p]
        found.checked += 2
        if amount > LIMIT:
            sources[m, p].append(site)
        km = world.market_km.get((site, market.id))
        if market.max_km is not None and amount > 0 and not (km is not None and km <= market.max_km * (1 + LIMIT)):
            far = "unknown" if km is None else num(km)
            say = f"{site} serves {market.id} in {month} over {far} km; max_km {num(market.max_km)}"
            found.add("M7.2", FAMILY, f"{site} {market.id}", month, say, None if km is None else km - market.max_km)
        if market.costs is not None and amount > 0 and site not in market.costs:
            say = f"{site} serves {market.id} in {month}, but `costs` of {market.id} does not list {site}"
            found.add("M7.2", FAMILY, f"{site} {market.id}", month, say, amount)
    wanted = np.array([world.calendar.values(m.amount) for m in markets])

    def short(at: tuple[int, ...], excess: float) -> None:
        market, month = markets[at[0]].id, world.months[at[1]]
        say = f"{market} wants {num(wanted[at])} in {month}; served {num(served[at])}; short {num(excess)}"
        found.add("M7.2", FAMILY, market, month, say, excess)

    def over(at: tuple[int, ...], excess: float) -> None:
        market, month = markets[at[0]].id, world.months[at[1]]
        say = f"{market} wants {num(wanted[at])} in {month}; served {num(served[at])}; {num(excess)} too much"
        found.add("M7.2", FAMILY, market, month, say, excess)

    def beyond(at: tuple[int, ...], excess: float) -> None:
        site, month = world.sites[at[0]].id, world.months[at[1]]
        say = f"{site} serves {num(given[at])} in {month}; it has {num(holds[at])}; short {num(excess)}"
        found.add("M7.2", FAMILY, site, month, say, excess)

    room = LIMIT * np.maximum(1.0, wanted)
    found.at_most(wanted, served, short, room)
    found.at_most(served, wanted, over, room)
    holds = world.energised_by_site(markets[0].metric)
    found.at_most(given, holds, beyond)
    for (m, p), sites in sources.items():
        found.checked += 1
        if markets[m].single_source and len(set(sites)) > 1:
            say = f"{markets[m].id} is single_source, but {', '.join(sorted(set(sites)))} serve it in {world.months[p]}"
            found.add("M7.2", FAMILY, markets[m].id, world.months[p], say, len(set(sites)) - 1)
