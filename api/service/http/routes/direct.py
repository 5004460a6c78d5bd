"""Submissions once more, without FastAPI's machinery around a call (dependencies, exit stacks), which costs as much as all else.

The same functions answer; FastAPI's routes stay as the documentation, and for whatever else is asked of these addresses.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from api.service.http.parameters import known_only
from api.service.http.routes.plans import post_plan
from api.service.http.routes.processes import execute
from api.service.http.service import caller, of


async def plan(request: Request) -> Response:
    """``POST /plans``."""
    await known_only(request)
    return await post_plan(await of(request), await caller(request), request)


async def execution(request: Request) -> Response:
    """``POST /processes/{processID}/execution``."""
    await known_only(request)
    return await execute(await of(request), await caller(request), request, request.path_params["processID"])


class Direct(Route):
    """A route that tells its name to the log, as FastAPI's do."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route."""
        match, found = super().matches(scope)
        return match, {**found, "route": self} if match is Match.FULL else found


def routes() -> list[BaseRoute]:
    """To stand before all others."""
    return [
        Direct("/plans", plan, methods=["POST"], include_in_schema=False),
        Direct("/processes/{processID}/execution", execution, methods=["POST"], include_in_schema=False),
    ]
