"""One kind of work, written so that it can be done here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
J = TypeVar("J")
R = TypeVar("R")

Stop = Callable[[], bool]
"""Asked now and then; True means: end soon, with what there is."""


@dataclass(frozen=True)
class Work(Generic[T, J, R]):
    """``run`` is a function of a module, so that other processes know it; ``make`` says what of an item travels (arrays and
    plain values) when it is handed out. ``stop`` stays in this process: others have their own."""

    make: Callable[[T], J]
    run: Callable[[J, Stop], R]
    stop: Stop

    def __call__(self, item: T) -> R:
        """The same, done here."""
        return self.run(self.make(item), self.stop)
