"""The choice of an executor. Not a part of the request: the plan is the same, and nobody names addresses in a request."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["threads", "processes", "dask"]
KINDS: tuple[Kind, ...] = ("threads", "processes", "dask")
ADDRESS = re.compile(r"[a-z]+://[^\s/]+")


@dataclass(frozen=True)
class Where:
    """``address`` is a Dask scheduler's (``tcp://host:8786``), of kind ``dask`` only."""

    kind: Kind = "threads"
    address: str = ""


HERE = Where()


def choose(kind: str | None, address: str | None) -> Where:
    """From what a person says; an address alone means Dask. Raises ValueError saying what is wrong and what to do."""
    named: Kind | None = next((k for k in KINDS if k == kind), None)
    if kind is not None and named is None:
        raise ValueError(f"there is no executor {kind!r}; known: {', '.join(KINDS)}")
    if address is not None and named not in (None, "dask"):
        raise ValueError(f"--cluster goes with the executor dask, not with {kind}")
    if address is None:
        if named == "dask":
            raise ValueError("the executor dask needs --cluster with its scheduler's address, such as tcp://host:8786")
        return Where(named or "threads")
    if not ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no address of a Dask scheduler, such as tcp://host:8786")
    if importlib.util.find_spec("distributed") is None:
        raise ValueError("Dask is not installed here; install the extra: pip install 'gigasite[cluster]'")
    return Where("dask", address)
