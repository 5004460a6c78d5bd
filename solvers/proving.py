"""The rigorous bound of a running search: multipliers come in, each is evaluated beside the search, the best proof is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from solvers.engines.form import Array, Form
from solvers.limits import derived_limits
from solvers.rigorous import Proof, rigorous_bound

NONE_TOLD = Proof(-math.inf, "no relaxation was solved")


class Prover:
    """Evaluates multipliers in a thread of this process, on the program that it compiled itself: what the solver process says
    is only trusted to be numbers."""

    def __init__(self, form: Form, name_of: Callable[[int], str] = str) -> None:
        self._form, self._name_of = form, name_of
        self._limits: tuple[Array, Array] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._waiting: list[Future[Proof]] = []

    def offer(self, y: Array) -> None:
        """Multipliers of the form's rows."""
        if len(y) == self._form.A.shape[0]:
            self._waiting.append(self._thread.submit(self._prove, y))

    def best(self) -> Proof:
        """The best of all offered, once the last is evaluated."""
        proofs = [waiting.result() for waiting in self._waiting]
        self._thread.shutdown()
        if not proofs:
            return NONE_TOLD
        found = max(proofs, key=lambda p: p.bound)
        if found.column is not None:
            found = replace(found, why=f"{found.why}: {self._name_of(found.column)}")
        return found

    def _prove(self, y: Array) -> Proof:
        try:
            if self._limits is None:
                self._limits = derived_limits(self._form)
        except MemoryError:  # a plan is not lost for want of a second proof
            return Proof(-math.inf, "no memory was left to evaluate it")
        return rigorous_bound(self._form, y, self._limits)
