"""Units of users' columns: any quotient of known units is converted into the field's own (M3.10)."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import NamedTuple

_ACRE_M2 = Fraction("4046.8564224")


class Unit(NamedTuple):
    """A factor to base units and the powers of its dimensions."""

    factor: Fraction
    powers: tuple[tuple[str, int], ...]


BASE: dict[str, tuple[Fraction, str]] = {
    "1": (Fraction(1), ""),
    "fraction": (Fraction(1), ""),
    "share": (Fraction(1), ""),
    "percent": (Fraction(1, 100), ""),
    "%": (Fraction(1, 100), ""),
    "m2": (Fraction(1), "area"),
    "m²": (Fraction(1), "area"),
    "sqm": (Fraction(1), "area"),
    "ha": (Fraction(10_000), "area"),
    "hectare": (Fraction(10_000), "area"),
    "km2": (Fraction(1_000_000), "area"),
    "km²": (Fraction(1_000_000), "area"),
    "acre": (_ACRE_M2, "area"),
    "ac": (_ACRE_M2, "area"),
    "sqft": (_ACRE_M2 / 43_560, "area"),
    "ft2": (_ACRE_M2 / 43_560, "area"),
    "sqmi": (_ACRE_M2 * 640, "area"),
    "W": (Fraction(1), "power"),
    "kW": (Fraction(1_000), "power"),
    "MW": (Fraction(1_000_000), "power"),
    "GW": (Fraction(1_000_000_000), "power"),
    "kWh": (Fraction(1_000), "energy"),
    "MWh": (Fraction(1_000_000), "energy"),
    "GWh": (Fraction(1_000_000_000), "energy"),
    "USD": (Fraction(1), "money"),
    "$": (Fraction(1), "money"),
    "cent": (Fraction(1, 100), "money"),
    "¢": (Fraction(1, 100), "money"),
    "kUSD": (Fraction(1_000), "money"),
    "k$": (Fraction(1_000), "money"),
    "MUSD": (Fraction(1_000_000), "money"),
    "M$": (Fraction(1_000_000), "money"),
    "BUSD": (Fraction(1_000_000_000), "money"),
    "g": (Fraction(1, 1_000), "mass"),
    "kg": (Fraction(1), "mass"),
    "t": (Fraction(1_000), "mass"),
    "tonne": (Fraction(1_000), "mass"),
    "lb": (Fraction("0.45359237"), "mass"),
    "month": (Fraction(1), "time"),
    "quarter": (Fraction(3), "time"),
    "year": (Fraction(12), "time"),
    "yr": (Fraction(12), "time"),
}
"""Unit -> (how many base units, dimension). Plurals and any case that is not ambiguous are understood too."""

_FOLDED = {name.casefold(): name for name in BASE}


def _token(text: str) -> tuple[Fraction, str]:
    milli = re.match(r"m[A-Z$]", text)  # mW is not MW; mw may be
    for name in (text, text.removesuffix("s")):
        found = name if name in BASE else None if milli else _FOLDED.get(name.casefold())
        if found:
            return BASE[found]
    raise ValueError(f"unknown unit {text!r}; known: {', '.join(BASE)} and quotients of them such as USD/kWh")


def parse(text: str) -> Unit:
    """``USD/kWh`` -> factor and dimensions; ``per`` reads as ``/``. ValueError names what is not understood."""
    parts = [p.strip() for p in re.split(r"\s*/\s*|\s+per\s+", text.strip())]
    if not all(parts):
        raise ValueError(f"{text!r} is not a unit")
    factor, powers = Fraction(1), Counter[str]()
    for place, part in enumerate(parts):
        value, dimension = _token(part)
        factor = factor / value if place else factor * value
        powers[dimension] += -1 if place else 1
    return Unit(factor, tuple(sorted((d, n) for d, n in powers.items() if d and n)))


def conversion(source: str, target: str) -> Fraction:
    """What a value in ``source`` is multiplied by to stand in ``target``.

    A target "per year" takes a source without time as meant per year: fixed costs in kUSD, a tax in percent.
    """
    a, b = parse(source), parse(target)
    if a.powers == b.powers:
        return a.factor / b.factor
    yearly = tuple((d, n) for d, n in b.powers if (d, n) != ("time", -1))
    if yearly != b.powers and a.powers == yearly:
        return a.factor / (b.factor * BASE["year"][0])
    raise ValueError(f"{source!r} cannot be converted into {target!r}")


def scale(value: float, by: Fraction) -> float:
    """Multiply by a ratio with one rounding for powers of ten: 123456 kW are 123.456 MW."""
    return float(Fraction(value) * by)
