"""What a reader wants to know of a plan, as rows: the terminal's summary and the report say the same things."""

from __future__ import annotations

from dataclasses import dataclass

from api.outputs import tables
from api.outputs.bundle import Bundle
from api.outputs.text import NOISE, big, gap_text, money, number, short
from planner.plan import AfterHorizon, Plan, SiteResult
from planner.problem.schedule import month_number

STOPPED = {
    "optimal": "proven optimal",
    "gap_reached": "proven within the gap asked for",
    "time_limit": "stopped by the time limit",
    "cancelled": "stopped before the end",
    "infeasible": "the limits contradict each other",
    "error": "failed",
}
OF_RECORD = "plan of record"
"""``provenance.origin`` of a plan that was not searched for but given."""


@dataclass(frozen=True)
class Year:
    """One calendar year: capacity at its last period, money over its periods (named by their first months)."""

    year: str
    it_mw: float
    facility_mw: float
    pflops: float
    gpus: int
    by_vendor: dict[str, float]
    capex_musd: float
    opex_musd: float
    income_musd: float

    @property
    def spend_musd(self) -> float:
        """Capex and opex."""
        return self.capex_musd + self.opex_musd


def years(plan: Plan) -> list[Year]:
    """The plan by calendar year."""
    found = []
    for year in dict.fromkeys(t.month[:4] for t in plan.totals):
        rows = [t for t in plan.totals if t.month[:4] == year]
        end = rows[-1]
        found.append(
            Year(
                year,
                end.it_mw,
                end.facility_mw,
                end.pflops,
                end.gpus,
                end.it_mw_by_vendor,
                sum(t.capex_musd for t in rows),
                sum(t.opex_musd for t in rows),
                sum(t.income_musd for t in rows),
            )
        )
    return found


@dataclass(frozen=True)
class Step:
    """What to sign and order at one site in one period, and its whole price (million US dollars)."""

    month: str
    site: str
    acts: tuple[str, ...]
    musd: float


def next_steps(bundle: Bundle, months: int = 12) -> list[Step]:
    """What must be signed and ordered in the first months of the plan: sites, then shells, then blocks."""
    acts = [
        *(
            (r, f"open ({number(r['parcel_ha'])} ha)", r["opening_musd"] + r["land_musd"])
            for r in tables.openings(bundle)
        ),
        *(
            (r, f"shell {_mw(r['mw'])} MW, ready {r['ready_month']}{_on(r)}", r["construction_musd"])
            for r in tables.shells(bundle)
        ),
        *(
            (
                r,
                f"{r['units']}×{r['block']} ({number(r['it_mw'], 1)} MW), online {r['online_month']}{_on(r)}",
                r["capex_musd"],
            )
            for r in tables.orders(bundle)
        ),
    ]
    end = month_number(bundle.problem.horizon.start) + months
    found: dict[tuple[str, str], list[tuple[str, float, str]]] = {}
    for row, act, musd in acts:
        if month_number(row["month"]) < end:
            found.setdefault((row["month"], row["site"]), []).append((act, musd, row["site_name"]))
    return [
        Step(month, rows[0][2], tuple(act for act, _, _ in rows), sum(musd for _, musd, _ in rows))
        for (month, _), rows in sorted(found.items())
    ]


def _mw(mw: float) -> str:
    """MW to a digit, and what is less than that in full: a start of a few kW is no zero."""
    return number(mw, 1) if mw >= 0.05 else short(mw)


def _on(row: tables.Row) -> str:
    """On whose terms, where they are not our own."""
    terms = row.get("terms", "own")
    return "" if terms == "own" else f", on lease {terms}"


def open_sites(plan: Plan) -> list[SiteResult]:
    """Open sites, the earliest first, then the largest."""
    return sorted((s for s in plan.sites if s.opened), key=lambda s: (s.opening_month or "", -s.it_mw, s.id))


def spending(plan: Plan) -> float:
    """Capex and opex over the horizon, million US dollars, undiscounted."""
    return sum(c.musd for c in plan.cash if c.kind != "income")


def due_after(plan: Plan, lines: tuple[str, ...] | None = None) -> float:
    """Money that falls due after the last period, million US dollars."""
    return sum(a.musd for a in plan.after_horizon if a.line != "date" and (lines is None or a.line in lines))


def dates_after(plan: Plan) -> list[AfterHorizon]:
    """Dates of the request that lie beyond the horizon."""
    return [a for a in plan.after_horizon if a.line == "date"]


def status_text(plan: Plan) -> str:
    """Why the search stopped, in words."""
    if plan.provenance.get("origin") == OF_RECORD:
        return "given, not searched for (a plan of record)"
    return f"{STOPPED[plan.status.stopped]} ({plan.status.stopped}, {plan.status.holds})"


def amount(plan: Plan, value: float | None) -> str:
    """A value of the objective with its unit."""
    if value is None:
        return "–"
    return money(value) if plan.objective_unit.upper() == "MUSD" else f"{short(value)} {plan.objective_unit}"


def proof(plan: Plan) -> str:
    """Objective, bound and gap in one line."""
    if plan.objective is None:
        return "no objective value"
    text = f"{plan.objective_name} {amount(plan, plan.objective)}"
    if plan.bound is None:
        return f"{text}; no bound proven"
    side = "at most" if plan.objective_sense == "maximize" else "at least"
    gap = f"gap {gap_text(plan.gap)}, {distance(plan)}"
    return f"{text}; proven {side} {amount(plan, plan.bound)} ({gap})"


def distance(plan: Plan) -> str:
    """The gap in the objective's unit; none where it is but rounding."""
    return amount(plan, 0.0 if plan.gap is not None and plan.gap <= NOISE else plan.gap_absolute)


def rigorous_text(plan: Plan) -> str:
    """The bound that needs no trust in a solver (M8.14), in one sentence; empty where the plan does not speak of it."""
    if plan.rigorous_bound is None:
        return f"No rigorous bound ({plan.rigorous_source.removeprefix('none: ')})." if plan.rigorous_source else ""
    side = "at most" if plan.objective_sense == "maximize" else "at least"
    gap = "" if plan.rigorous_gap is None else f" (gap {gap_text(plan.rigorous_gap)})"
    return f"Rigorous bound, whatever rounding did inside the solver: {side} {amount(plan, plan.rigorous_bound)}{gap}."


def check_text(plan: Plan) -> str:
    """The result of the independent check."""
    rules = f" ({number(plan.check.rules_checked)} limits and figures recomputed)" if plan.check.rules_checked else ""
    if plan.check.ok:
        return f"passed{rules}"
    n = len(plan.check.violations)
    return f"FAILED: {n} violation{'s' if n != 1 else ''}{rules}"


def headline(bundle: Bundle) -> str:
    """The plan in one sentence."""
    plan = bundle.plan
    if not bundle.holds_plan:
        return f"No plan: {status_text(plan)}."
    opened = [s for s in plan.sites if s.opened]
    if not plan.totals:
        return f"{len(opened)} of {len(plan.sites)} sites."
    end = plan.totals[-1]
    last = bundle.timeline.month(bundle.timeline.P)
    return (
        f"{len(opened)} of {len(plan.sites)} sites, {number(end.it_mw)} MW of IT "
        f"({number(end.facility_mw)} MW at the meter), {big(end.gpus)} GPUs and {big(end.pflops)} PFLOPS "
        f"(dense FP8) online before {last}, for {money(spending(plan))}."
    )


def blocks_text(site: SiteResult) -> str:
    """``3×helios-hall, 2×gb300-hall``."""
    return ", ".join(f"{n}×{b}" for b, n in site.units_by_block.items() if n) or "–"


def clash_title(plan: Plan) -> str:
    """How the clashes below it are to be read: each family by itself, or all of them together."""
    families = {c.family for c in plan.clashes}
    if not all(c.repairs_alone for c in plan.clashes):
        return "What would have to give way, all of it together"
    return "What would have to give way" + (": any one of these limits is enough" if len(families) > 1 else "")
