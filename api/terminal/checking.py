"""What ``gigasite check`` shows: what was read and what the geometry came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from api.outputs.canonical import pretty
from api.outputs.text import number
from api.terminal import summary
from planner.errors import Fault
from planner.timeline import Timeline

if TYPE_CHECKING:
    from api.usecases import Loaded


def show(loaded: Loaded) -> None:
    """One line on the request, one row per site."""
    problem, out = loaded.problem, summary.console()
    timeline = Timeline(problem.horizon)
    out.print()
    out.print(Text(problem.name, style="bold"))
    out.print(
        f"{_count(problem.sites, 'site')}, {_count(problem.blocks, 'block')}, {_count(range(timeline.P), 'period')} of one "
        f"{problem.horizon.period} from {problem.horizon.start}; {_count(loaded.assumptions, 'figure')} assumed, "
        f"{_count(loaded.warnings, 'warning')}"
    )
    out.print()
    rows = []
    for site, ground in zip(problem.sites, loaded.ground.sites, strict=True):
        grid = timeline.values(site.grid_mw)
        steps = ", ".join(f"{s.layer} {number(s.ha, 1)}" for s in ground.steps if s.ha > 0)
        rows.append(
            (
                site.id, site.status, number(float(grid[0])), number(float(grid[-1])), number(ground.parcel_ha, 1),
                number(ground.buildable_ha, 1), "stated" if ground.overridden else steps or "–",
            )
        )  # fmt: skip
    head = ("site", "status", "grid MW first", "grid MW last", "parcel ha", "buildable ha", "taken by (ha)")
    summary.grid(out, "Sites", head, summary._cut(rows, len(head), 100), (0, 1, 6))
    out.print(Text(f"The request can be planned. Content hash {loaded.request_hash}", style="green"))


def _count(things: Sequence[object], word: str) -> str:
    return f"{number(len(things))} {word}{'' if len(things) == 1 else 's'}"


def as_json(loaded: Loaded | None, faults: Sequence[Fault]) -> str:
    """The same for a program: ``ok``, every fault with its JSON pointer, and the sites' land."""
    document = {
        "ok": loaded is not None,
        "faults": [f.as_dict() for f in faults],
        "request_sha256": loaded.request_hash if loaded else None,
        "sites": [s.model_dump(mode="json") for s in loaded.ground.sites] if loaded else [],
        "assumptions": [a.model_dump(mode="json") for a in loaded.assumptions] if loaded else [],
    }
    return pretty(document).rstrip()
