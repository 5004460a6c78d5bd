"""How we search: engines solve one program, strategies one request, studies many."""

from __future__ import annotations

from solvers.events import Event
from solvers.executors import HERE, Where
from solvers.search import plan

__all__ = ["HERE", "Event", "Where", "plan"]
