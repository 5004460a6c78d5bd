"""What each tightening of the power rows is worth by itself: the relaxation's bound, and the sites' own, with and without it.

``python -m benchmarks.formulation [REQUEST.json ...]`` (default: family F100, with and without deals). Prints a table and writes
``benchmarks/results/formulation.md``. A piece is taken out by putting the looser row in its place; nothing else changes.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.families import draw
from planner.model.constraints import power
from solvers.engines.increments import Increments
from solvers.executors import Threads
from solvers.strategies.common import Search
from solvers.strategies.relaxation import relaxation
from solvers.strategies.site_by_site import site_by_site

RESULT = Path(__file__).parent / "results" / "formulation.md"
PATIENCE_S = 600.0


def as_large(limit: float, _sizes: Any) -> float:
    """The limit as it stands, not what whole units can make of it."""
    return limit


def open_now(d: Any, s: int, p: int, units: Any) -> tuple[float, int]:
    """The site open in the period itself, not when the order was due."""
    return TIGHTEST(d, s, p, units)[0], p


def plain(d: Any, s: int, p: int, _units: Any) -> tuple[float, int]:
    """The grid alone, without what can have been built by then."""
    return float(d.grid_mw[s, p] / d.pue_peak[s, p]), p


TIGHTEST = power.tightest
WITHOUT: dict[str, dict[str, Callable[..., Any]]] = {
    "all pieces": {},
    "limits as large as they stand, no largest sum": {"largest_sum": as_large},
    "open when it draws power, not when it was ordered": {"tightest": open_now},
    "no rounded rows": {"rounded": lambda *_: []},
    "none of them": {"tightest": plain, "rounded": lambda *_: []},
}


@dataclass(frozen=True)
class Reading:
    """Bounds in the sense of minimisation, seconds of wall time."""

    rows: int
    relaxed: float
    relaxed_s: float
    sites: float
    sites_s: float


@contextmanager
def replaced(pieces: dict[str, Callable[..., Any]]) -> Iterator[None]:
    """The power rows with other pieces."""
    with ExitStack() as stack:
        for name, other in pieces.items():
            stack.enter_context(patch.object(power, name, other))
        yield


def read(path: Path) -> Reading:
    """One request, relaxed and bounded site by site on two threads."""
    from api.usecases import load
    from planner.model.build import build_model
    from planner.model.data import build_data
    from solvers.search import in_order, make_task

    loaded = load(path)
    d = build_data(in_order(loaded.problem), loaded.ground)
    task, _ = make_task(build_model(d), d)
    silent = lambda *_: None  # noqa: E731
    form = task.stage_form(0)
    began = time.monotonic()
    crew = Threads(2)
    search = Search(
        task,
        form,
        Increments.of(form, task.before),
        began + PATIENCE_S,
        silent,
        silent,
        silent,
        lambda: False,
        crew=crew,
    )
    try:
        relaxed = relaxation(search)
        assert relaxed is not None
        after, first = time.monotonic(), search.bound
        site_by_site(search, relaxed, share=0.9)
        return Reading(form.A.shape[0], first, after - began, search.bound, time.monotonic() - after)
    finally:
        crew.close()


def table(path: Path) -> Iterator[str]:
    """Markdown lines of one request."""
    yield from ("", f"**{path.stem}**", "")
    yield "| Power rows | Rows | Relaxation | s | Sites' own programs | s |"
    yield "|---|---|---|---|---|---|"
    best: Reading | None = None
    for name, pieces in WITHOUT.items():
        with replaced(pieces):
            found = read(path)
        best = best or found
        looser = [100 * (x - y) / abs(x) for x, y in ((best.relaxed, found.relaxed), (best.sites, found.sites))]
        first, then = ("" if found is best else f" ({z:+.3f} %)" for z in looser)
        yield (
            f"| {name} | {found.rows:,} | {abs(found.relaxed):,.0f}{first} | {found.relaxed_s:.1f} "
            f"| {abs(found.sites):,.0f}{then} | {found.sites_s:.1f} |"
        )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", nargs="*", type=Path)
    wanted = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as folder:
        if not wanted:
            drawn = [draw(["F100"], ["compute"], [1], Path(folder), deals) for deals in (False, True)]
            wanted = [instance.path for one in drawn for instance in one]
        lines = [
            "# What each piece of the power rows is worth",
            "",
            "Bounds as they stand in the request's own sense, and in brackets how much looser than with all pieces.",
            f"{platform.system()}, {os.cpu_count()} processors, Python {platform.python_version()}; two threads.",
        ]
        for path in wanted:
            for line in table(path):
                print(line, flush=True)
                lines.append(line)
    RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
