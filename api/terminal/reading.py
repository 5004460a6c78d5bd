"""Reading a plan.json somebody hands over: anything may be in it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from planner.errors import Fault, RequestError
from planner.plan import Plan
from planner.problem.read import load_document


def plan(path: Path) -> Plan:
    """A plan from a file. Raises :class:`planner.errors.RequestError` with every fault."""
    document = load_document(path)
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        faults = [
            Fault((path.name, *(p for p in e["loc"])), f"not a gigasite plan: {e['msg']}") for e in error.errors()[:20]
        ]
        raise RequestError(faults) from None
