"""Every plan of a tiny request, one after the other: the ledger prices it, the check judges it, the best one is the optimum.

Shells are not enumerated: with one price over time, and a budget that carries over (or a free shell), the least shell as late as
pace allows is never worse, in money and in credit. Served amounts are enumerated in whole units: amounts and megawatts are whole
numbers, so a best transport of whole amounts exists.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from planner.ground import Ground
from planner.ledger.figures import figures
from planner.ledger.implied import implied_shells
from planner.ledger.money import money
from planner.ledger.objectives import objectives
from planner.ledger.rows import rows
from planner.ledger.shortfall import shortfalls
from planner.ledger.state import state
from planner.ledger.terminal import terminal
from planner.ledger.units import fleet
from planner.plan import Decisions, Opening, Order, Served, Units
from planner.problem.problem import Problem, allowed
from planner.timeline import Timeline
from tests.verify.worlds import violations

Choice = tuple[int | None, dict[tuple[int, int], int], dict[tuple[int, int], int], dict[tuple[int, int], int]]
"""One site's decisions: opening period, orders, retirements and idle units by (block, period)."""


def compositions(length: int, most: int) -> Iterator[tuple[int, ...]]:
    """Whole numbers of a length whose sum is at most ``most``."""
    if length == 0:
        yield ()
        return
    for first in range(most + 1):
        for rest in compositions(length - 1, most - first):
            yield (first, *rest)


def site_choices(problem: Problem, s: int) -> list[Choice]:
    """Everything that can be decided at one site; what the check would refuse anyway may be among it."""
    site, time = problem.sites[s], Timeline(problem.horizon)
    P = time.P
    if site.status == "excluded":
        return [(None, {}, {}, {})]
    open_in: list[int | None] = [0] if site.status == "committed" else [None, *range(P)]
    found: list[Choice] = []
    for opened in open_in:
        per_block: list[list[tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]]] = []
        for k, block in enumerate(problem.blocks):
            last = P - 1 - time.up(block.lead_months)
            span = [] if opened is None else list(range(opened, last + 1))
            most = block.max_per_site if block.max_per_site is not None and allowed(block, site) else 0
            there = sum(e.units for e in site.existing if e.block == block.id)
            options = []
            for order in compositions(len(span), most):
                bought = {(k, p): n for p, n in zip(span, order) if n}
                total = there + sum(order)
                leaving = list(range(P)) if block.early_retirement and total else []
                for gone in compositions(len(leaving), total):
                    options.append((bought, {(k, p): n for p, n in zip(leaving, gone) if n}))
            per_block.append(options)
        resting = [
            (k, p, there)
            for k, block in enumerate(problem.blocks)
            if (there := sum(e.units for e in site.existing if e.block == block.id))
            for p in range(P)
        ]
        idles = [
            {(k, p): n for (k, p, _), n in zip(resting, counts) if n}
            for counts in itertools.product(*(range(n + 1) for _, _, n in resting))
        ]
        for picks in itertools.product(*per_block):
            bought = {key: n for b, _ in picks for key, n in b.items()}
            retired = {key: n for _, g in picks for key, n in g.items()}
            found += [(opened, bought, retired, idle) for idle in idles]
    return found


def services(problem: Problem) -> list[tuple[tuple[int, int, int, int], ...]]:
    """Every way to serve every market in every period in whole amounts: tuples of (site, market, period, amount)."""
    time = Timeline(problem.horizon)
    splits = []
    for j, market in enumerate(problem.markets):
        for p in range(time.P):
            amount = round(time.value(market.amount, p))
            ways = [c for c in compositions(len(problem.sites), amount) if sum(c) == amount]
            splits.append([tuple((s, j, p, n) for s, n in enumerate(way) if n) for way in ways])
    return [tuple(x for part in pick for x in part) for pick in itertools.product(*splits)]


def size(problem: Problem) -> int:
    """How many plans :func:`best` would look at."""
    count = len(services(problem)) if problem.markets else 1
    for s in range(len(problem.sites)):
        count *= len(site_choices(problem, s))
    return count


def plans(problem: Problem) -> Iterator[Decisions]:
    """Every plan, shells left to :func:`planner.ledger.implied.implied_shells`."""
    time = Timeline(problem.horizon)
    ids, names = [s.id for s in problem.sites], [b.id for b in problem.blocks]
    serve = services(problem) if problem.markets else [()]
    for picks in itertools.product(*(site_choices(problem, s) for s in range(len(ids)))):
        tables = Decisions(
            openings=[
                Opening(site=ids[s], month=time.month(c[0]))
                for s, c in enumerate(picks)
                if c[0] is not None and problem.sites[s].status == "candidate"
            ],
            orders=[
                Order(site=ids[s], block=names[k], month=time.month(p), units=n)
                for s, c in enumerate(picks)
                for (k, p), n in c[1].items()
            ],
            retirements=[
                Units(site=ids[s], block=names[k], month=time.month(p), units=n)
                for s, c in enumerate(picks)
                for (k, p), n in c[2].items()
            ],
            idle=[
                Units(site=ids[s], block=names[k], month=time.month(p), units=n)
                for s, c in enumerate(picks)
                for (k, p), n in c[3].items()
            ],
        )
        tables = tables.model_copy(update={"shells": implied_shells(problem, tables)})
        for way in serve:
            yield tables.model_copy(
                update={
                    "served": [
                        Served(site=ids[s], market=problem.markets[j].id, month=time.month(p), amount=n)
                        for s, j, p, n in way
                    ]
                }
            )


def best(problem: Problem, ground: Ground) -> tuple[float, Decisions] | None:
    """The optimum over every plan that breaks nothing, in the request's sense; None where every plan breaks something."""
    known = figures(problem, ground)
    goal = problem.objectives[0]
    sign = -1.0 if goal.sense == "maximize" else 1.0
    priced = []
    for i, decisions in enumerate(plans(problem)):
        taken = rows(known, decisions)
        world = state(known, taken, fleet(known, taken))
        value = objectives(world, money(world, shortfalls(world)), terminal(world))[goal.name]
        priced.append((sign * value, i, decisions))
    priced.sort(key=lambda x: x[:2])
    for value, _, decisions in priced:
        if not violations(problem, ground, **_tables(decisions)):
            return sign * value, decisions
    return None


def _tables(d: Decisions) -> dict[str, list[tuple[object, ...]]]:
    return {
        "openings": [(x.site, x.month) for x in d.openings],
        "orders": [(x.site, x.block, x.month, x.units) for x in d.orders],
        "shells": [(x.site, x.month, x.mw) for x in d.shells],
        "retirements": [(x.site, x.block, x.month, x.units) for x in d.retirements],
        "idle": [(x.site, x.block, x.month, x.units) for x in d.idle],
        "served": [(x.site, x.market, x.month, x.amount) for x in d.served],
    }
