"""``create_app(settings, jobs)``: the service's ASGI application, put together on one page."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import __version__
from api.service.http import docs, errors
from api.service.http.body import BodyGuard
from api.service.http.clerk import Clerks
from api.service.http.exports import Exports
from api.service.http.frame import Frame
from api.service.http.identity import Identity
from api.service.http.logs import LOG
from api.service.http.metrics import Metrics
from api.service.http.ogc import MOUNT, ogc_app
from api.service.http.routes import direct, routers
from api.service.http.service import Service
from api.service.http.uploads import Datasets
from api.service.http.uploads.convert import ready
from api.service.jobs.interface import Jobs
from api.service.logs import send
from api.service.settings import Settings

SWEEP_S = 3600.0
DESCRIPTION = (
    "Post a planning request, watch it solve, fetch the plan in the format you like. Jobs and processes follow OGC API - "
    "Processes, finished plans are layers by OGC API - Features under /ogc. Problems are RFC 9457 documents that list "
    "every fault at once."
)


def create_app(settings: Settings, jobs: Jobs, clerks: int | None = None) -> FastAPI:
    """The application. It closes neither ``jobs`` nor anything else that it was given.

    Raises SettingsError when it would be open to strangers without keys.
    """
    send(LOG, settings.log_level)
    service = _service(settings, jobs, clerks)
    app = FastAPI(
        title="Gigasite",
        version=__version__,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.service = service
    app.router.routes.extend(direct.routes())
    for router in routers():  # one flat list: a router within a router is looked through twice for every call
        app.router.routes.extend(router.routes)
    app.mount(MOUNT, ogc_app(service))
    errors.install(app)
    app.add_middleware(BodyGuard, most_bytes=settings.max_body_bytes, most_upload_bytes=settings.max_upload_bytes)
    app.add_middleware(Frame, metrics=service.metrics, local_only=not service.identity.needs_keys)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _service(settings: Settings, jobs: Jobs, clerks: int | None) -> Service:
    number = clerks if clerks is not None else max(1, min(4, (os.cpu_count() or 1)))
    pool = Clerks(number)
    data = settings.data.absolute()
    return Service(
        settings=settings,
        jobs=jobs,
        identity=Identity(settings),
        clerks=pool,
        quick=Clerks(1, first="warm_quick"),
        datasets=Datasets(data),
        exports=Exports(data / "exports", pool),
        metrics=Metrics(),
    )


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await asyncio.to_thread(service.datasets.ready)
    tasks = [
        asyncio.create_task(service.clerks.warm()),
        asyncio.create_task(_sweeping(service)),
        asyncio.create_task(ready()),
    ]
    try:
        yield
    finally:
        service.closing.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(service.clerks.close(), service.quick.close())


async def _sweeping(service: Service) -> None:
    """Now and then remove what can be written again, and uploads that no kept job can need."""
    while True:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(service.exports.sweep)
            await asyncio.to_thread(service.datasets.sweep, 2 * service.settings.keep_days)
        await asyncio.sleep(SWEEP_S)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        schemas.update(docs.COMPONENTS)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        _problems_for_validation(document)
        if app.state.service.identity.needs_keys:
            components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"key": []}]
        app.openapi_schema = document
    return app.openapi_schema


def _problems_for_validation(document: dict[str, Any]) -> None:
    """FastAPI documents its own 422 wherever there are parameters; ours is a problem document."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation.get("responses", {}).get("422", {})
            if "HTTPValidationError" in str(answer):
                operation["responses"]["422"] = docs.problems(422)[422]
