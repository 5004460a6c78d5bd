"""Is this process alive, is the whole ready, and the counters."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api import __version__
from api.service.http import docs
from api.service.http.answers import no_store
from api.service.http.metrics import MEDIA_TYPE
from api.service.http.problems import Problem
from api.service.http.service import Here

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="This process answers", responses=docs.json(docs.OBJECT))
async def healthz() -> Response:
    """Nothing else is asked."""
    return no_store({"status": "ok", "version": __version__})


@router.get("/readyz", summary="Jobs can be accepted and run", responses=docs.json(docs.OBJECT, 503))
async def readyz(service: Here) -> Response:
    """The store commits and a worker lives; 503 otherwise."""
    health = await service.jobs.health()
    ready = health.database and health.workers > 0
    if not ready:
        words = "the job store cannot be written" if not health.database else "no worker process is alive"
        raise Problem(
            "unavailable", words, headers={"Retry-After": "5"}, database=health.database, workers=health.workers
        )
    return no_store({"status": "ready", "workers": health.workers})


@router.get("/metrics", summary="Counters for Prometheus", responses=docs.text("text/plain", 401, 403))
async def metrics(service: Here, request: Request) -> Response:
    """Of this process, and of all jobs. Where keys are used: with one of scope metrics."""
    if "metrics" not in service.identity.key_of(request.headers).scopes:
        raise Problem("not-permitted", "this key has not the scope metrics")
    health = await service.jobs.health()
    return PlainTextResponse(service.metrics.text(health), media_type=MEDIA_TYPE)
