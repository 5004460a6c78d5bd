"""Server-sent events of a job: ids, resumable, a heartbeat so that proxies keep the line, bounded in number."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from api.service.http.identity import Key
from api.service.http.problems import Problem
from api.service.http.service import Service
from api.service.http.status import stamp
from api.service.jobs.interface import JobEvent, JobsError

MOST_STREAMS = 1_000
HEARTBEAT_S = 15.0


def written(event: JobEvent) -> str:
    """One event on the wire. Its JSON has no line ends, whatever the texts in it."""
    if event.kind == "heartbeat":
        return ": still there\n\n"
    data = {"time": stamp(event.time), "attempt": event.attempt, **event.data}
    return f"id: {event.id}\nevent: {event.kind}\ndata: {json.dumps(data, allow_nan=False)}\n\n"


def stream(service: Service, key: Key, job_id: str, after: int) -> StreamingResponse:
    """All news above ``after`` until the job has finished. Raises Problem (too-many-streams)."""
    if service.metrics.streams >= MOST_STREAMS:
        words = f"{MOST_STREAMS} streams are open; ask GET /jobs/{job_id} instead"
        raise Problem("too-many-streams", words, headers={"Retry-After": "10"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(service, key, job_id, after), media_type="text/event-stream", headers=headers)


async def _lines(service: Service, key: Key, job_id: str, after: int) -> AsyncIterator[str]:
    service.metrics.streams += 1
    closing = asyncio.ensure_future(service.closing.wait())
    source = service.jobs.events(key.owner, job_id, after, HEARTBEAT_S)
    try:
        yield "retry: 2000\n\n"
        while True:
            step = asyncio.ensure_future(anext(source))
            await asyncio.wait({step, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not step.done():  # the service is going down: the client comes back with Last-Event-ID
                step.cancel()
                with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration, JobsError):
                    await step
                return
            try:
                yield written(step.result())
            except (StopAsyncIteration, JobsError):
                return
    finally:
        closing.cancel()
        service.metrics.streams -= 1
        await source.aclose()
