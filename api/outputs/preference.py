"""Which vendor's block is the better buy, and whether that survives the figures' own uncertainty.

Rack power and price are often unofficial. For every pair of rival blocks offered within a year of each other two
yardsticks are compared: PFLOPS per million dollars all in (chips with duties, construction, energy over the block's
life or, without one, the horizon) and PFLOPS per MW of IT. Each is computed at the request's own figures and at the
ends of the low-high range that a block's ``basis`` gives for price and power. If the ranges overlap so far that the
order turns round, the preference is said to flip.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from api.outputs.bundle import Bundle
from planner.problem.block import Block
from planner.problem.schedule import Step, month_number, value_at

HOURS = 8760.0


@dataclass(frozen=True)
class Terms:
    """What a MW costs where the plan builds (or, if it builds nowhere, on average over the candidates)."""

    construction_musd_per_mw: float
    usd_per_mwh: float
    pue: float
    duty: float
    years: float


@dataclass(frozen=True)
class Yardstick:
    """One measure of one block: central, and its low and high over the figures' ranges."""

    central: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Two rival blocks on one measure. ``flips`` when the loser can win inside the stated ranges."""

    measure: str
    winner: str
    loser: str
    winner_value: Yardstick
    loser_value: Yardstick
    lead: float
    flips: bool
    alone: tuple[str, ...]
    """Single figures that are enough to turn the order round, each put at one end of its range."""


def first(schedule: float | tuple[Step, ...], month: str) -> float:
    """A schedule's value at a month, or its first value if the month lies before it."""
    found = value_at(schedule, month)
    if found is not None:
        return found
    return schedule[0].value if isinstance(schedule, tuple) else float(schedule)


def terms(bundle: Bundle) -> Terms:
    """Means over the sites in the plan, weighted by their IT MW; over all candidates where nothing is built."""
    weight = {s.id: s.it_mw for s in bundle.plan.sites if s.it_mw > 0}
    if not weight:
        weight = {s.id: 1.0 for s in bundle.problem.sites}
    start, total = bundle.problem.horizon.start, sum(weight.values())

    def mean(*fields: str) -> float:
        return (
            sum(
                weight[s.id] * sum(first(getattr(s, f), start) for f in fields)
                for s in bundle.problem.sites
                if s.id in weight
            )
            / total
        )

    return Terms(
        mean("construction_musd_per_mw"),
        mean("electricity_usd_per_mwh"),
        mean("pue"),
        mean("tariff", "sales_tax"),
        bundle.timeline.P * bundle.timeline.L,
    )


def scales(block: Block, field: str) -> tuple[float, float]:
    """A figure's low and high as factors of its central value; (1, 1) where no range is stated."""
    basis = block.basis.get(field)
    if basis is None or not isinstance(basis.value, int | float) or not basis.value > 0:
        return 1.0, 1.0
    low = basis.low if basis.low is not None else basis.value
    high = basis.high if basis.high is not None else basis.value
    if not 0 < low <= basis.value <= high:
        return 1.0, 1.0
    return low / basis.value, high / basis.value


def per_musd(block: Block, t: Terms, start: str, price: float = 1.0, power: float = 1.0) -> float:
    """PFLOPS per million dollars all in; ``price`` and ``power`` scale the block's figures.

    .. math:: \\frac{pflops}{capex (1+duty) + it\\_mw \\cdot construction + 8760 \\cdot years \\cdot load \\cdot pue
       \\cdot it\\_mw \\cdot usd/MWh / 10^6}
    """
    mw = block.it_mw * power
    chips = first(block.capex_musd, max(start, block.available_from or start)) * price * (1 + t.duty)
    energy = HOURS * (block.life_years or t.years) * block.load_factor * t.pue * mw * t.usd_per_mwh / 1e6
    cost = chips + mw * t.construction_musd_per_mw + energy
    return block.pflops / cost if cost > 0 else float("inf")


def per_mw(block: Block, power: float = 1.0) -> float:
    """PFLOPS per MW of IT."""
    return block.pflops / (block.it_mw * power) if block.it_mw > 0 else float("inf")


def rivals(bundle: Bundle) -> list[tuple[Block, Block]]:
    """Pairs of blocks of different vendors offered within twelve months of each other."""
    start = bundle.problem.horizon.start

    def offered(b: Block) -> int:
        return month_number(b.available_from or start)

    return [
        (a, b)
        for a, b in combinations(bundle.problem.blocks, 2)
        if a.vendor != b.vendor and a.pflops > 0 and b.pflops > 0 and abs(offered(a) - offered(b)) <= 12
    ]


def _compare(measure: str, a: Block, b: Block, t: Terms, start: str) -> Comparison | None:
    def value(block: Block, price: float = 1.0, power: float = 1.0) -> float:
        return per_mw(block, power) if measure == "PFLOPS per MW" else per_musd(block, t, start, price, power)

    def yardstick(block: Block) -> Yardstick:
        (p0, p1), (w0, w1) = scales(block, "capex_musd"), scales(block, "it_mw")
        return Yardstick(value(block), value(block, p1, w1), value(block, p0, w0))

    if value(a) < value(b):
        a, b = b, a
    ya, yb = yardstick(a), yardstick(b)
    if not 0 < yb.central < float("inf") or ya.central == float("inf"):
        return None
    alone = []
    for field, word, axis in (("capex_musd", "price", 0), ("it_mw", "power", 1)):
        if measure == "PFLOPS per MW" and axis == 0:
            continue
        low, high = scales(b, field)[0], scales(a, field)[1]
        if value(b, *((low, 1.0) if axis == 0 else (1.0, low))) > ya.central:
            alone.append(f"the {word} of {b.id} at its low")
        if value(a, *((high, 1.0) if axis == 0 else (1.0, high))) < yb.central:
            alone.append(f"the {word} of {a.id} at its high")
    return Comparison(measure, a.id, b.id, ya, yb, ya.central / yb.central - 1, yb.high > ya.low, tuple(alone))


def comparisons(bundle: Bundle) -> list[Comparison]:
    """Every pair of rivals on both yardsticks."""
    t, start = terms(bundle), bundle.problem.horizon.start
    found = (
        _compare(measure, a, b, t, start) for a, b in rivals(bundle) for measure in ("PFLOPS per MUSD", "PFLOPS per MW")
    )
    return [c for c in found if c is not None]
