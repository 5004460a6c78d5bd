"""What an objective needs: a discount rate, lives, and something that must be served (M4.6, M8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.checks.scope import Scope, error, warning


def discount_rate(scope: Scope) -> Iterator[Fault]:
    """``discount_rate`` is required when an objective counts money."""
    money = [o.name for o in scope.request.objective if o.counts_money]
    if money and scope.request.discount_rate is None:
        message = f"is required: the objective {money[0]} counts money"
        yield error(("discount_rate",), message, "0.08 stands for 8 % a year")


def lives(scope: Scope) -> Iterator[Fault]:
    """Straight-line credit for unexpired life needs every block's ``life_years`` (M4.6)."""
    money = [o.name for o in scope.request.objective if o.counts_money]
    if not money or scope.request.terminal == "none":
        return
    for i, block in enumerate(scope.request.blocks):
        if block.life_years is None:
            yield error(
                ("blocks", i, "life_years"),
                f"{block.id} has no life_years, and the objective {money[0]} credits unexpired life at the end of the "
                "horizon",
                "state life_years, or write terminal: none",
            )


def something_to_serve(scope: Scope) -> Iterator[Fault]:
    """A first objective that minimises money or carbon needs demand or markets, else the best plan is to do nothing."""
    first = scope.request.objective[0]
    if first.minimize and not scope.request.demand and not scope.request.markets:
        yield error(
            ("objective",),
            f"minimising {first.name} needs demand or markets: without them the best plan is to buy nothing",
            "add demand, or maximize compute or value",
        )


def stages(scope: Scope) -> Iterator[Fault]:
    """No objective stands twice in a list."""
    seen: set[str] = set()
    for i, stage in enumerate(scope.request.objective):
        if stage.name in seen:
            yield warning(("objective", i), f"{stage.name} stands in the list already; this stage changes nothing")
        seen.add(stage.name)


def covered(scope: Scope) -> Iterator[Fault]:
    """A budget that covers nothing limits nothing."""
    budget = scope.request.budget
    if budget is not None and not budget.covers:
        yield warning(("budget", "covers"), "covers nothing, so the budget limits nothing", "write [capex, opex]")
    if budget is not None and len(set(budget.covers)) < len(budget.covers):
        yield warning(("budget", "covers"), "names a kind of spending twice")
