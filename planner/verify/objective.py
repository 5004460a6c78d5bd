"""Objectives: every one of them on this plan, the one that was sought, and the stages of a list (M8.1, M8.2, A11)."""

from __future__ import annotations

import math

import numpy as np

from planner.plan import Stage
from planner.verify.findings import Findings, slack
from planner.verify.lines import KIND
from planner.verify.money import Money
from planner.verify.status import TINY, arithmetic
from planner.verify.terminal import credits
from planner.verify.units import METRICS
from planner.verify.world import World

FAMILY = "objective"
SPLIT = {
    "chips": ("blocks", "tariffs", "sales_tax", "unpaid"),
    "construction": ("construction", "openings"),
    "land": ("land",),
    "power": ("energy",),
    "other": ("block_opex", "site_opex", "property_tax", "serving", "lease", "repayments", "penalties"),
}


def objectives(world: World, money: Money) -> dict[str, float]:
    """compute (PFLOPS-years), carbon (tonnes) and the money objectives (MUSD, discounted)."""
    discount, units = world.discount, world.units
    pflops = (units.energised * units.per_block(METRICS["pflops"])).sum(axis=0)
    spent = math.fsum((discount * (money.of_kind("capex") + money.of_kind("opex"))).tolist())
    later = math.fsum(world.discount_at(p) * musd for (p, _), musd in money.after.items())
    credit = 0.0
    if world.problem.terminal == "straight_line":
        credit = math.fsum(credits(world).values()) * world.discount_at(world.periods)
    came = {line: math.fsum((discount * money.total(line)).tolist()) for line, kind in KIND.items() if kind == "income"}
    resale, revenue = came["resale"], came["revenue"]
    cost = spent - came["loan_draws"] + later - credit
    return {
        "compute": math.fsum((discount * pflops).tolist()) * world.calendar.years,
        "value": revenue + resale + _deals_in_value(world, money) - cost,
        "cost": cost,
        "net_cost": cost - came["equity"] - came["warrants"] - came["offtake"] - resale,
        "carbon": math.fsum(np.ravel(money.carbon_tonnes).tolist()),
        "spending": spent,
    }


def _deals_in_value(world: World, money: Money) -> float:
    """What deals bring, each at its ``counts_in_value`` (equity 0 and the rest 1 by default); holdings in full (M5.11).

    Loan draws are no value: they lower ``cost`` already.
    """
    total = 0.0
    for deal, account in zip(world.problem.deals, money.accounts):
        share = deal.counts_in_value
        if share is None:
            share = 0.0 if deal.kind == "equity_tranches" else 1.0
        if deal.kind != "loan":
            total += share * math.fsum((world.discount * account.cash_in).tolist())
        total += account.held_musd * world.discount_at(world.periods - 1)
    return total


def check(world: World, money: Money, found: Findings) -> None:
    """The objective and its stages are the request's, and all their values follow from the decisions."""
    plan, true = world.plan, objectives(world, money)
    first = world.problem.objectives[0]
    name = "".join(x for x in (first.maximize, first.minimize) if x)
    sense = "maximize" if first.maximize else "minimize"
    found.same("M8.1", FAMILY, "objective", None, "objective_name", plan.objective_name, name)
    found.same("M8.1", FAMILY, "objective", None, "objective_sense", plan.objective_sense, sense)
    found.figure("M8.2", FAMILY, "objective", None, f"objective ({name})", plan.objective, true[name])
    for key in {**true, **plan.objectives}:
        known = true.get(key)
        found.figure("M8.1", "objectives", key, None, f"objectives: {key}", plan.objectives.get(key), known)
    for part in {**SPLIT, **plan.cost_split}:
        lines = SPLIT.get(part)
        amount = None if lines is None else math.fsum(float(money.total(line).sum()) for line in lines)
        found.figure("M4.4", "cost_split", part, None, f"cost_split: {part} (MUSD)", plan.cost_split.get(part), amount)
    _stages(world, found, true)


def _stages(world: World, found: Findings, true: dict[str, float]) -> None:
    """A list of objectives has a stage for each, in its order; their values are this plan's."""
    wanted, stages = world.problem.objectives, world.plan.stages
    if len(wanted) == 1 and not stages:
        return
    names = [x.maximize or x.minimize or "" for x in wanted]
    if [stage.name for stage in stages] != names:
        say = f"stages: {[s.name for s in stages]} are stated; the request asks for {names}"
        found.add("M8.2", FAMILY, "stages", None, say)
        return
    for stage, objective in zip(stages, wanted):
        subject = f"stage {stage.name}"
        sense = "maximize" if objective.maximize else "minimize"
        found.same("M8.1", FAMILY, subject, None, f"{subject}: sense", stage.sense, sense)
        found.figure("M8.1", FAMILY, subject, None, f"{subject}: tolerance", stage.tolerance, objective.tolerance)
        found.figure("M8.2", FAMILY, subject, None, f"{subject}: value", stage.value, true[stage.name])
        _stage_bound(found, subject, stage)


def _stage_bound(found: Findings, subject: str, stage: Stage) -> None:
    found.checked += 2
    if stage.bound is None:
        found.same("M8.2", FAMILY, subject, None, f"{subject}: gap without a bound", stage.gap, None)
        return
    short = stage.value - stage.bound if stage.sense == "maximize" else stage.bound - stage.value
    if not short <= slack(stage.value):
        say = f"{subject}: value {stage.value:g} is better than its proven bound {stage.bound:g}"
        found.add("M8.2", FAMILY, subject, None, say, short)
    gap = abs(stage.value - stage.bound) / max(abs(stage.value), TINY)
    arithmetic(found, FAMILY, f"{subject}: gap", stage.gap, gap, 0.0)
