"""What every route works with: settings, jobs, callers, clerks, datasets, counters. One record, made once per app."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from api.service.http.clerk import Clerks
from api.service.http.exports import Exports
from api.service.http.identity import Identity, Key
from api.service.http.metrics import Metrics
from api.service.http.problems import Problem
from api.service.http.uploads import Datasets
from api.service.jobs.interface import Jobs
from api.service.settings import Settings


@dataclass
class Service:
    """The parts, put together."""

    settings: Settings
    jobs: Jobs
    identity: Identity
    clerks: Clerks
    quick: Clerks
    """One more clerk for what needs no geometry: it is never behind a check that takes long."""
    datasets: Datasets
    exports: Exports
    metrics: Metrics
    checked: OrderedDict[tuple[str, str], dict[str, Any]] = field(default_factory=OrderedDict)
    """Requests that were checked lately, by the digest of the body and the folder of its files."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)


async def of(request: Request) -> Service:
    """The service that a request came to. A coroutine, as :func:`caller` is: FastAPI sends plain functions to a thread, and
    that way there and back costs more than all else of a submission."""
    found: Service = request.app.state.service
    return found


async def caller(request: Request) -> Key:
    """Whose call it is. Raises Problem (key-required)."""
    service: Service = request.app.state.service
    key = service.identity.key_of(request.headers)
    if "plan" not in key.scopes:
        raise Problem("not-permitted", "this key has not the scope plan")
    request.state.owner = key.owner
    return key


Here = Annotated[Service, Depends(of)]
Caller = Annotated[Key, Depends(caller)]
