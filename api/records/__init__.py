"""A planner's own plan of record from CSV, XLSX or JSON files: tables of decisions, every fault with its row.

====================  ================================================================================================
one CSV               columns ``site, block, month, units`` are orders; ``site, month, mw`` shells; ``site, month``
                      openings; ``deal, month, musd`` draws; ``deal, site, block, month, amount`` sales; a column
                      ``table`` names the table row by row
a folder              ``orders.csv``, ``openings.csv``, ``shells.csv``, ... (what ``gigasite plan`` writes)
XLSX                  one sheet a table, named like it; a single sheet is read like a single CSV
JSON                  ``{"orders": [{"site": ..., "block": ..., "month": ..., "units": ...}], ...}`` or a ``plan.json``
====================  ================================================================================================

Orders and shells may have a column ``terms``: ``own`` (also what is left empty) or the id of a lease. ``signed`` has the one
column ``deal``; in JSON it is a list of ids.

What is left out is filled in the plainest way and said: see :mod:`planner.ledger.implied`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.records.cells import Reader
from api.records.tables import load_tables
from planner.errors import Fault, RequestError
from planner.ledger.implied import implied_idle, implied_openings, implied_shells, implied_signed
from planner.plan import Assumption, Decisions
from planner.problem.problem import Problem


@dataclass
class PlanOfRecord:
    """What was read: the decisions, what was filled in, and what the reader should know."""

    decisions: Decisions
    assumptions: list[Assumption] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def read_decisions(path: Path, problem: Problem) -> Decisions:
    """The decisions alone. RequestError lists every fault with its row."""
    return read_record(path, problem).decisions


def read_record(path: Path, problem: Problem) -> PlanOfRecord:
    """The decisions in a file or folder, completed, with what was assumed. RequestError lists every fault."""
    path = Path(path)
    tables, whole = load_tables(path)
    reader = Reader(problem, "entry" if path.suffix.lower() == ".json" else "row")
    decisions = reader.decisions(tables)
    if any(f.severity == "error" for f in reader.faults):
        raise RequestError(reader.faults)
    record = PlanOfRecord(decisions, [], reader.faults)
    return record if whole else _fill(record, problem)


def _fill(record: PlanOfRecord, problem: Problem) -> PlanOfRecord:
    """Derive what is signed, then shells, then openings, then idle units where the tables say nothing of them."""
    made = record.decisions

    def assume(subject: str, field_: str, value: Any, unit: str, source: str) -> None:
        record.assumptions.append(
            Assumption(subject=subject, field=field_, value=value, unit=unit, origin="derived", source=source)
        )

    if not made.signed and problem.deals:
        chosen = _named(made)
        fixed = set(implied_signed(problem, made))
        made = made.model_copy(update={"signed": [d.id for d in problem.deals if d.id in fixed | chosen]})
        for deal in problem.deals:
            if deal.optional and deal.id in chosen:
                why = "nothing is stated as signed: the deal is used by an order, a shell, a draw or a sale"
                assume(f"deal {deal.id}", "signed", True, "", why)
    if not made.shells:
        made = made.model_copy(update={"shells": implied_shells(problem, made)})
        for shell in made.shells:
            why = "no shells are stated: the least that the orders need, started as late as can be"
            assume(shell.site, f"shells {shell.month}", shell.mw, "MW", why)
    if not made.openings:
        made = made.model_copy(update={"openings": implied_openings(problem, made)})
        for opening in made.openings:
            why = "no openings are stated: the period of the first order or shell start"
            assume(opening.site, "opening", opening.month, "", why)
    if not made.idle:
        made = made.model_copy(update={"idle": implied_idle(problem, made)})
        for idle in made.idle:
            why = "no idle units are stated: existing ones stand idle where the grid is short"
            assume(idle.site, f"idle {idle.block} {idle.month}", idle.units, "units", why)
    return PlanOfRecord(made, record.assumptions, record.warnings)


def _named(made: Decisions) -> set[str]:
    """Deals that a row of the record is on."""
    terms = {o.terms for o in made.orders} | {s.terms for s in made.shells}
    return terms | {d.deal for d in made.draws} | {s.deal for s in made.sales}
