"""``--executor`` and ``--cluster``: what runs the search, checked before anything is read."""

from __future__ import annotations

from planner.errors import Fault, RequestError
from solvers.executors.where import Where, choose


def where(executor: str | None, cluster: str | None) -> Where:
    """The choice. Raises RequestError (exit code 2) where there is no such thing, or Dask is not installed."""
    try:
        return choose(executor, cluster)
    except ValueError as error:
        raise RequestError([Fault(("--executor" if cluster is None else "--cluster",), str(error))]) from None
