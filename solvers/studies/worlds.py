"""A *world*: the request with a set of deals that must be signed and a larger one of deals that may be.

A plan that signs S belongs to every world with ``must <= S <= may``: a deal that is not signed changes nothing (M5.7). Two
kinds of deal need not even match: equity and warrants only *give*, so whoever can do without them can sign them; a purchase
commitment is only a *burden*, so whoever keeps it can do without it. Such a plan is at least as good after the change.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from planner.plan import Plan
from planner.problem.deals import EquityTranches, PurchaseCommitment, Warrants
from planner.problem.policies import Lock
from planner.problem.problem import Problem, after_horizon_limit

AS_ASKED = "as asked"


@dataclass(frozen=True)
class World:
    """The request with these deals signed for certain (``must``) and only these on offer (``may``)."""

    name: str
    must: frozenset[str]
    may: frozenset[str]
    gifts: frozenset[str]
    burdens: frozenset[str]

    @property
    def key(self) -> tuple[frozenset[str], frozenset[str]]:
        """Two worlds with the same deals are one."""
        return self.must, self.may

    def holds(self, plan: Plan) -> bool:
        """True where a plan signs what must be signed here and nothing that is not on offer."""
        return self.must <= set(plan.signed) <= self.may

    def admits(self, plan: Plan) -> bool:
        """True where a plan holds here, or does with gifts added and burdens left out (:meth:`signing`)."""
        signed = set(plan.signed)
        return self.must - signed <= self.gifts and signed - self.may <= self.burdens

    def signing(self, plan: Plan) -> list[str]:
        """What an admitted plan signs here."""
        return sorted((set(plan.signed) | self.must) & self.may)

    def inside(self, other: World) -> bool:
        """True where every plan of this world is admitted by the other, so that the other's best is at least as good."""
        return other.must - self.must <= self.gifts and self.may - other.may <= self.burdens


def with_one_limit(problem: Problem) -> Problem:
    """The same request with the limit on later money written out: M4.5 sets one only where there is a loan or a lease, and
    a world without it must not owe more for that reason."""
    if problem.budget is None:
        return problem
    budget = problem.budget.model_copy(update={"after_horizon_limit_musd": after_horizon_limit(problem)})
    return problem.model_copy(update={"budget": budget})


def rivals(problem: Problem, ids: Collection[str]) -> frozenset[str]:
    """M5.7, M5.9: the deals that cannot be signed together with one of these, whichever names the other."""
    found: set[str] = set()
    for d in problem.deals:
        found |= {d.id} if set(d.exclusive_with) & set(ids) else set()
        found |= set(d.exclusive_with) if d.id in ids else set()
    return frozenset(found - set(ids))


def _world(problem: Problem, name: str, must: Collection[str], on_offer: Collection[str]) -> World:
    """Deals that one which must be signed excludes are not really on offer."""
    return World(
        name,
        frozenset(must),
        frozenset(on_offer) - rivals(problem, must),
        frozenset(d.id for d in problem.deals if isinstance(d, EquityTranches | Warrants)),
        frozenset(d.id for d in problem.deals if isinstance(d, PurchaseCommitment)),
    )


def asked(problem: Problem) -> World:
    """The request as it stands."""
    return _world(problem, AS_ASKED, {d.id for d in problem.deals if not d.optional}, {d.id for d in problem.deals})


def with_deal(problem: Problem, id: str) -> World:
    """This deal signed, those that exclude it off the table."""
    apart = rivals(problem, {id})
    must = {d.id for d in problem.deals if not d.optional} | {id}
    return _world(problem, f"with {id}", must - apart, {d.id for d in problem.deals} - apart)


def without_deals(problem: Problem, ids: Collection[str]) -> World:
    """These deals off the table."""
    name = "without " + next(iter(ids)) if len(ids) == 1 else "without any deal"
    must = {d.id for d in problem.deals if not d.optional and d.id not in ids}
    return _world(problem, name, must, {d.id for d in problem.deals if d.id not in ids})


def variant(problem: Problem, world: World) -> Problem:
    """The request of a world: deals not on offer are gone, those that must be signed are no longer optional."""
    deals = tuple(
        d.model_copy(
            update={
                "optional": d.id not in world.must,
                "exclusive_with": tuple(x for x in d.exclusive_with if x in world.may),
            }
        )
        for d in problem.deals
        if d.id in world.may
    )
    return problem.model_copy(update={"deals": deals})


def locked(problem: Problem, world: World) -> str:
    """Why a world is empty before any search: a policy locks orders on a lease that is not on offer."""
    for policy in problem.policies:
        if isinstance(policy, Lock) and policy.order is not None and policy.order.terms not in {"own", *world.may}:
            o = policy.order
            return f"a policy locks {o.units} {o.block} at {o.site} in {o.month} on lease {o.terms}"
    return ""
