"""Where the work runs: threads of this process, processes of this machine, an existing Dask cluster.

Whoever has many independent pieces of work writes it once, as a :class:`~solvers.executors.work.Work`, and maps it over a
:class:`~solvers.executors.crew.Crew`. Results come in the order of the items, so that the answer is the same wherever they
were worked out.
"""

from __future__ import annotations

from collections.abc import Callable

from solvers.executors.crew import Crew
from solvers.executors.threads import Threads
from solvers.executors.where import HERE, Where
from solvers.executors.work import Work


def crew_of(where: Where, workers: int, tell: Callable[[str], None] = lambda _: None, *, ahead: int = 2) -> Crew:
    """``workers`` threads or processes, or however many threads the cluster has. Nothing is started before it is needed.

    ``tell`` hears of workers lost on the way. Raises :class:`planner.errors.SolverError` where the cluster cannot be had.
    """
    if where.kind == "processes":
        from solvers.executors.processes import Processes

        return Processes(workers, tell, ahead=ahead)
    if where.kind == "dask":
        from solvers.executors.cluster import Cluster

        return Cluster(where.address, workers, tell, ahead=ahead)
    return Threads(workers, ahead=ahead)


__all__ = ["HERE", "Crew", "Threads", "Where", "Work", "crew_of"]
