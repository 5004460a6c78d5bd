"""``python -m benchmarks.published FOLDER [-o FILE] [--limit S] [--only WORD]``: published problems as requests, ours against theirs.

Every instance goes the whole way of a request: parsed, planned within the limit, checked. Both the plan and its bound are compared
with the published value.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.published.sample import Case, cases

GAP = 1e-6
"""What is asked for; also how close ours must come to the published value, which may be rounded to the cent."""


@dataclass(frozen=True)
class Row:
    """What came of one instance."""

    case: Case
    ours: float | None
    bound: float | None
    rigorous: float | None
    gap: float | None
    stopped: str
    strategy_s: float
    checked: bool
    load: float

    @property
    def verdict(self) -> str:
        """``equal``, or what is open. A plan better than a proven optimum, or a bound past it, is wrong."""
        published = self.case.published
        room = GAP * max(1.0, abs(published)) + 0.006
        if self.ours is None:
            return "no plan in time"
        if not self.checked:
            return "FAILED ITS CHECK"
        if self.bound is not None and self.case.proven:
            low, high = sorted((self.ours, self.bound))
            if not low - room <= published <= high + room:
                return "WRONG: the published optimum is outside"
        if abs(self.ours - published) <= room:
            return "equal, proven" if self.stopped == "optimal" else "equal, not proven"
        if not self.case.proven and self.stopped == "optimal":
            return "proven; the published one is a best known value"
        return f"not reached: {abs(self.ours - published) / max(abs(published), 1e-9):.2%} off"


def solve(case: Case, limit_s: float) -> Row:
    """One instance, planned and checked."""
    import solvers
    from api.usecases import check_plan, load_parsed, with_solver

    loaded = with_solver(load_parsed(case.document(), Path()), time_limit_s=limit_s, relative_gap=GAP)
    load, began = os.getloadavg()[0], time.monotonic()
    plan = solvers.plan(loaded.problem, loaded.ground)
    took = time.monotonic() - began
    held = plan.status.holds == "plan"
    checked = held and check_plan(loaded, plan).ok
    return Row(
        case, plan.objective, plan.bound, plan.rigorous_bound, plan.gap, plan.status.stopped, took, checked, load
    )


def table(rows: list[Row], limit_s: float) -> str:
    """Markdown."""

    def number(x: float | None) -> str:
        return "–" if x is None else f"{x:,.3f}".rstrip("0").rstrip(".")

    lines = [
        "# Published problems as requests",
        "",
        f"Written by `python -m benchmarks.published FOLDER -o FILE`; limit {limit_s:g} s each, gap asked for {GAP:g}, one thread.",
        f"{sum(r.verdict == 'equal, proven' for r in rows)} of {len(rows)} equal to the published optimum with proof. The last column "
        "but one is the machine's load when the search began.",
        "",
        "| Family | Instance | Published | Ours | Bound | Rigorous bound | Gap | Seconds | Load | |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for r in rows:
        gap = "–" if r.gap is None else f"{r.gap:.3%}"
        lines.append(
            f"| {r.case.family} | {r.case.name} | {number(r.case.published)}{'' if r.case.proven else ' (best known)'} "
            f"| {number(r.ours)} | {number(r.bound)} | {number(r.rigorous)} | {gap} | {r.strategy_s:.1f} | {r.load:.1f} "
            f"| {r.verdict} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit code 1 where an answer is wrong; what is only not reached in time is told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="holds cflp_orlib, sscflp_holmberg, mkp, gap, pmedian, or some of them"
    )
    parser.add_argument("-o", "--output", type=Path, help="write the table here (default: standard output)")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each instance")
    parser.add_argument("--only", default="", help="families or instances whose name contains this")
    wanted = parser.parse_args()
    rows: list[Row] = []
    for case in cases(wanted.folder):
        if wanted.only in f"{case.family} {case.name}":
            rows.append(solve(case, wanted.limit))
            print(f"{case.family} {case.name}: {rows[-1].verdict}, {rows[-1].strategy_s:.1f} s", file=sys.stderr)
            if wanted.output:  # what is done stays, should the rest be cut short
                wanted.output.write_text(table(rows, wanted.limit))
    if not rows:
        print(f"{wanted.folder} holds none of the instances asked for", file=sys.stderr)
        return 2
    if not wanted.output:
        print(table(rows, wanted.limit), end="")
    return int(any(r.verdict.startswith(("WRONG", "FAILED")) for r in rows))


if __name__ == "__main__":
    sys.exit(main())
