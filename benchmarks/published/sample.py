"""Which published instances are solved: a sample of every family that can be written as a request.

Not expressible: multi-period location in which the plan chooses whom to serve, customers that must not share a site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.published.readers import chu_beasley, gap, holmberg, optima, orlib, pmed, pmedcap, sac94

BEST_KNOWN = ("best", "upper", "GA")
"""Words of a published value that is no proven optimum."""


@dataclass(frozen=True)
class Case:
    """One instance: how to read it, and its published value (``proven``: as an optimum)."""

    family: str
    name: str
    published: float
    proven: bool
    document: Callable[[], dict[str, Any]]


def cases(folder: Path) -> Iterator[Case]:
    """All families that lie in the folder, small ones first."""
    for family in (_cap, _holmberg, _mkp, _gap, _pmedian, _cap_large):
        yield from family(folder)


def _cap(folder: Path) -> Iterator[Case]:
    here = folder / "cflp_orlib"
    for name, kind in (
        *(
            (n, "multi-source")
            for n in ("cap41", "cap51", "cap63", "cap74", "cap84", "cap92", "cap104", "cap114", "cap131")
        ),
        *((n, "single-source") for n in ("cap61", "cap64", "cap91", "cap104", "cap121", "cap134")),
        *((n, "uncapacitated") for n in ("cap71", "cap104", "cap134")),
    ):
        yield from _orlib(here, name, name, kind, None, "cap")


def _cap_large(folder: Path) -> Iterator[Case]:
    here = folder / "cflp_orlib"
    for name, capacity, kind in (
        ("capa", 8000, "multi-source"),
        ("capa", 14000, "multi-source"),
        ("capb", 8000, "multi-source"),
        ("capc", 7250, "multi-source"),
        ("capc", 7250, "single-source"),
    ):
        yield from _orlib(here, name, f"{name}_{capacity}", kind, float(capacity), "cap, 100 x 1,000")


def _orlib(here: Path, file: str, name: str, kind: str, capacity: float | None, family: str) -> Iterator[Case]:
    if not (here / f"{file}.txt").is_file():
        return
    published = optima(here).get((name, kind))
    if published is None:
        return
    yield Case(
        f"{family}, {kind}",
        name,
        published,
        True,
        lambda: orlib(
            here / f"{file}.txt",
            capacity,
            single_source=kind == "single-source",
            uncapacitated=kind == "uncapacitated",
        ),
    )


def _holmberg(folder: Path) -> Iterator[Case]:
    here = folder / "sscflp_holmberg"
    if here.is_dir():
        known = optima(here)
        for name in ("p1", "p10", "p21", "p29", "p35", "p41", "p50", "p56", "p71"):
            yield Case(
                "Holmberg, single-source",
                name,
                known[name, "single-source"],
                True,
                partial(holmberg, here / f"{name}.txt"),
            )


def _mkp(folder: Path) -> Iterator[Case]:
    here = folder / "mkp"
    for path in ("hp/hp2", "pb/pb6", "pet/pet7", "sento/sento2", "weing/weing8", "weish/weish30"):
        file = here / "sac94" / f"{path}.dat"
        if file.is_file():
            yield Case("knapsack, sac94", file.stem, sac94(file)[1], True, partial(_first, file))
    rows = _notes(here)
    for number in (1, 2, 3):
        file, key = here / "chubeas" / "mknapcb1.txt", f"chubeas/mknapcb1.txt#{number}"
        if file.is_file() and key in rows:
            value, note = rows[key]
            proven = not any(word in note for word in BEST_KNOWN)
            yield Case("knapsack, Chu-Beasley", f"mknapcb1-{number}", value, proven, partial(_nth, file, number))


def _notes(here: Path) -> dict[str, tuple[float, str]]:
    """Instance -> value and what is said about it."""
    if not (here / "optima.csv").is_file():
        return {}
    lines = (line.split(",", 2) for line in (here / "optima.csv").read_text().splitlines()[1:])
    return {name: (float(value), note) for name, value, note in lines if value.replace(".", "").isdigit()}


def _first(file: Path) -> dict[str, Any]:
    return sac94(file)[0]


def _nth(file: Path, number: int) -> dict[str, Any]:
    return [request for request, _ in chu_beasley(file)][number - 1]


def _gap(folder: Path) -> Iterator[Case]:
    here = folder / "gap"
    if here.is_dir():
        known = optima(here)
        for name in ("gap1-0", "gap5-0", "gap12-0"):
            for form in ("max", "min"):
                file = here / "cattrysse1994" / name
                value = known[f"cattrysse1994/{name}", form]
                yield Case(f"assignment, {form}", name, value, True, partial(gap, file, maximize=form == "max"))


def _pmedian(folder: Path) -> Iterator[Case]:
    here = folder / "pmedian"
    if here.is_dir():
        known = optima(here)
        for name, reader in (("pmed1", pmed), ("pmed5", pmed), ("pmedcap01", pmedcap), ("pmedcap05", pmedcap)):
            value = next(v for (n, _), v in known.items() if n == name)
            yield Case("p-median", name, value, True, partial(reader, here / f"{name}.txt"))
