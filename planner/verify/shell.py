"""Shell: units online fit the shell that is ready; starts need an open site and whole steps (M3.6, M5.13)."""

from __future__ import annotations

from planner.verify.findings import Findings, num, slack
from planner.verify.world import World

FAMILY = "shell"


def check(world: World, found: Findings) -> None:
    """``sum(it_mw * online) <= existing shell + existing units' own + completed starts``; each start is legal.

    What no partner houses fits the shell without the partners' starts, too.
    """
    mw_of = world.units.per_block(lambda block: block.it_mw)
    online = world.units.by_site(world.units.online * mw_of)
    ready = world.shell_mw

    def tell(at: tuple[int, ...], excess: float) -> None:
        site, month = world.sites[at[0]].id, world.months[at[1]]
        say = f"{site} has {num(online[at])} IT MW online in {month}; shell {num(ready[at])}; short {num(excess)}"
        found.add("M3.6", FAMILY, site, month, say, excess)

    found.at_most(online, ready, tell)
    if any(deal.kind == "lease" for deal in world.problem.deals):
        ours = world.units.by_site(world.units.online_of(lambda lot: world.shell_ours(lot.terms)) * mw_of)
        own = world.own_shell_mw

        def tell_own(at: tuple[int, ...], excess: float) -> None:
            site, month = world.sites[at[0]].id, world.months[at[1]]
            say = f"{site} has {num(ours[at])} IT MW online in {month} that no partner houses; "
            found.add("M5.13", FAMILY, site, month, say + f"own shell {num(own[at])}; short {num(excess)}", excess)

        found.at_most(ours, own, tell_own)
    for s, p, mw, _ in world.rows.shells:
        site, month = world.sites[s], world.months[p]
        found.checked += 2
        if not mw:
            continue
        if p < world.opens[s]:
            when = "never opens" if world.opens[s] >= world.periods else f"opens in {world.months[world.opens[s]]}"
            say = f"{site.id} starts {num(mw)} MW of shell in {month}; it {when}"
            found.add("M3.6", FAMILY, site.id, month, say, mw)
        if site.shell_step_mw is not None:
            off = mw - round(mw / site.shell_step_mw) * site.shell_step_mw
            if abs(off) > slack(mw):
                step = num(site.shell_step_mw)
                say = f"{site.id} starts {num(mw)} MW of shell in {month}, no whole number of {step} MW steps"
                found.add("M3.6", FAMILY, site.id, month, say, off)
