"""Every plan of a tiny request with deals: what is signed, on whose terms each order is, what is drawn and what is sold.

Orders, terms and signatures are enumerated whole. Draws and sales are continuous: a grid of them is looked at (nothing,
half and all that the contract allows), so that the best plan found may fall short of the optimum, but never exceeds it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from planner.ground import Ground
from planner.ledger.deals import flows
from planner.ledger.figures import Figures, figures
from planner.ledger.implied import implied_shells
from planner.ledger.money import money
from planner.ledger.objectives import objectives
from planner.ledger.rows import rows
from planner.ledger.shortfall import shortfalls
from planner.ledger.state import state
from planner.ledger.terminal import terminal
from planner.ledger.units import fleet
from planner.plan import Decisions, Draw, Opening, Order, Sale, Units
from planner.problem.deals import Lease, Loan, Offtake
from planner.problem.problem import Problem, allowed, covers
from planner.timeline import Timeline
from tests.model.brute import compositions
from tests.verify.worlds import FIGURES
from tests.worlds import judged

Bought = dict[tuple[int, int, str], int]
"""(block, period, terms) -> units."""
Choice = tuple[int | None, Bought, dict[tuple[int, int], int], dict[tuple[int, int], int]]


def site_choices(problem: Problem, s: int, signed: frozenset[str]) -> list[Choice]:
    """Opening period, orders on terms, retirements and idle units of one site, under what is signed."""
    site, time = problem.sites[s], Timeline(problem.horizon)
    if site.status == "excluded":
        return [(None, {}, {}, {})]
    found: list[Choice] = []
    for opened in [0] if site.status == "committed" else [None, *range(time.P)]:
        per_block: list[list[tuple[Bought, dict[tuple[int, int], int]]]] = []
        for k, block in enumerate(problem.blocks):
            last = time.P - 1 - time.up(block.lead_months)
            span = [] if opened is None else range(opened, last + 1)
            terms = ["own"] + [
                x.id for x in problem.deals if isinstance(x, Lease) and x.id in signed and covers(x, site, block)
            ]
            cells = [(k, p, t) for p in span for t in terms]
            most = block.max_per_site if block.max_per_site is not None and allowed(block, site) else 0
            there = sum(e.units for e in site.existing if e.block == block.id)
            options = []
            for order in compositions(len(cells), most):
                bought = {cell: n for cell, n in zip(cells, order) if n}
                own = there + sum(n for (_, _, t), n in bought.items() if t == "own")
                leaving = list(range(time.P)) if block.early_retirement and own else []
                for gone in compositions(len(leaving), own):
                    options.append((bought, {(k, p): n for p, n in zip(leaving, gone) if n}))
            per_block.append(options)
        resting = [
            (k, p, there)
            for k, block in enumerate(problem.blocks)
            if (there := sum(e.units for e in site.existing if e.block == block.id))
            for p in range(time.P)
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


def signatures(problem: Problem) -> Iterator[frozenset[str]]:
    """What may be signed together."""
    always = [x.id for x in problem.deals if not x.optional]
    optional = [x.id for x in problem.deals if x.optional]
    for n in range(len(optional) + 1):
        for some in itertools.combinations(optional, n):
            signed = frozenset(always) | set(some)
            if not any(x.id in signed and signed & set(x.exclusive_with) for x in problem.deals):
                yield signed


def draws(problem: Problem, signed: frozenset[str]) -> list[list[Draw]]:
    """Loans drawn to nothing, half or all of their limit, in any period."""
    time = Timeline(problem.horizon)
    per_loan: list[list[list[Draw]]] = []
    for x in problem.deals:
        if isinstance(x, Loan) and x.id in signed:
            limits = time.values(x.limit_musd).tolist()
            options = []
            for levels in itertools.product(*({0.0, limit / 2, limit} for limit in limits)):
                steps = [b - a for a, b in zip((0.0, *levels), levels)]
                if min(steps) >= 0:
                    options.append([Draw(deal=x.id, month=time.month(p), musd=n) for p, n in enumerate(steps) if n > 0])
            per_loan.append(options)
    return [list(itertools.chain(*picks)) for picks in itertools.product(*per_loan)]


def sales(problem: Problem, picks: tuple[Choice, ...], signed: frozenset[str]) -> list[list[Sale]]:
    """Customers served with nothing, with all that could be online, or with their minimum or maximum."""
    time = Timeline(problem.horizon)
    cells: list[list[Sale | None]] = []
    for x in problem.deals:
        if not isinstance(x, Offtake) or x.id not in signed:
            continue
        least = time.values(x.minimum)
        most = None if x.maximum is None else time.values(x.maximum)
        for s, (_, bought, _, _) in enumerate(picks):
            for k, block in enumerate(problem.blocks):
                value = block.it_mw if x.sold_metric == "it_mw" else block.pflops
                there = sum(e.units for e in problem.sites[s].existing if e.block == block.id)
                for p in range(time.P):
                    units = there + sum(n for (j, q, _), n in bought.items() if j == k and q <= p)
                    if not units or not value or not covers(x, problem.sites[s], block):
                        continue
                    amounts = {units * value, min(units * value, float(least[p]))}
                    if most is not None:
                        amounts |= {min(units * value, float(most[p]))}
                    month = time.month(p)
                    cells.append(
                        [None]
                        + [
                            Sale(deal=x.id, site=problem.sites[s].id, block=block.id, month=month, amount=a)
                            for a in sorted(amounts)
                            if a > 0 and (most is None or a <= most[p])
                        ]
                    )
    return [[x for x in pick if x is not None] for pick in itertools.product(*cells)]


def plans(problem: Problem) -> Iterator[Decisions]:
    """Every plan but for its shells."""
    time = Timeline(problem.horizon)
    ids, names = [s.id for s in problem.sites], [b.id for b in problem.blocks]
    for signed in signatures(problem):
        loans = draws(problem, signed)
        for picks in itertools.product(*(site_choices(problem, s, signed) for s in range(len(ids)))):
            base = Decisions(
                openings=[
                    Opening(site=ids[s], month=time.month(c[0]))
                    for s, c in enumerate(picks)
                    if c[0] is not None and problem.sites[s].status == "candidate"
                ],
                orders=[
                    Order(site=ids[s], block=names[k], month=time.month(p), units=n, terms=terms)
                    for s, c in enumerate(picks)
                    for (k, p, terms), n in c[1].items()
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
                signed=[x.id for x in problem.deals if x.id in signed],
            )
            for drawn in loans:
                for sold in sales(problem, picks, signed):
                    yield base.model_copy(update={"draws": drawn, "sales": sold})


def size(problem: Problem, most: int) -> int:
    """How many plans there are; counting stops beyond ``most``."""
    return sum(1 for _ in itertools.islice(plans(problem), most + 1))


def value_of(known: Figures, decisions: Decisions, goal: str) -> float:
    """One objective of decisions, as the ledger has it."""
    taken = rows(known, decisions)
    world = state(known, taken, fleet(known, taken))
    dealt = flows(world)
    return objectives(world, money(world, shortfalls(world), dealt), terminal(world), dealt)[goal]


def best(problem: Problem, ground: Ground) -> tuple[float, Decisions] | None:
    """The best of the plans that break nothing, in the request's sense; None where every one breaks something."""
    known, goal = figures(problem, ground), problem.objectives[0]
    sign = -1.0 if goal.sense == "maximize" else 1.0
    priced = []
    for i, decisions in enumerate(plans(problem)):
        decisions = decisions.model_copy(update={"shells": implied_shells(problem, decisions)})
        priced.append((sign * value_of(known, decisions, goal.name), i, decisions))
    priced.sort(key=lambda x: x[:2])
    for value, _, decisions in priced:
        if not [v for v in judged(problem, ground, decisions) if v.family not in FIGURES and v.subject != "balances"]:
            return sign * value, decisions
    return None
