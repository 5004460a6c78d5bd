"""What the service can do: one line a process. Each is done in a child by ``module:function(Spec, Line)``."""

from __future__ import annotations

from typing import NamedTuple


class Process(NamedTuple):
    """``work`` is imported in the child only."""

    title: str
    work: str


PROCESSES: dict[str, Process] = {
    "plan": Process("Plan capacity: the best plan of a request, checked", "api.service.jobs.planning:work"),
}
