"""Submitting a job, the same for every address that does: admit, answer from a finished plan, or queue; then wait a little."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

from fastapi import Request

from api.service.http.admission import admit
from api.service.http.body import parse_json
from api.service.http.clerk import ClerkDied, ClerksBusy, ClerkTooSlow
from api.service.http.identity import Key
from api.service.http.problems import Problem
from api.service.http.service import Service
from api.service.http.text import IDEMPOTENCY_KEY
from api.service.http.workbook import WORKBOOK_TYPES, read_workbook
from api.service.jobs.interface import TERMINAL, Job

JSON_TYPES = ("application/json", "application/geo+json")
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
MOST_YAML_BYTES = 1_000_000
YAML_SECONDS = 4.0


async def read_document(service: Service, request: Request) -> Any:
    """The body as a document: JSON, YAML as people write requests, or a workbook. Raises Problem.

    ``request.state.digest`` is of its bytes: what was sent before needs no second check.
    """
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media not in JSON_TYPES + YAML_TYPES + WORKBOOK_TYPES:
        detail = (
            "set Content-Type: application/json (curl: -H 'Content-Type: application/json'), application/yaml or, for a "
            f"workbook, {WORKBOOK_TYPES[0]}"
        )
        raise Problem("unsupported-media-type", detail)
    data = await request.body()
    if not data.strip():
        raise Problem("bad-json", "the body is empty")
    request.state.digest = hashlib.sha256(data).hexdigest()
    if media in JSON_TYPES:
        most = service.settings.max_json_depth
        if len(data) < 100_000:
            return parse_json(data, most)
        return await asyncio.to_thread(parse_json, data, most)
    if media in WORKBOOK_TYPES:
        return await read_workbook(service, data)
    if len(data) > MOST_YAML_BYTES:
        raise Problem("body-too-large", f"YAML is read up to {MOST_YAML_BYTES:,} bytes; send JSON instead")
    try:
        text = data.decode("utf-8-sig")
        found = await service.quick.do("read_yaml", YAML_SECONDS, text=text)
    except UnicodeDecodeError as error:
        raise Problem("bad-json", f"byte {error.start} is not UTF-8 text") from None
    except (ClerkTooSlow, ClerkDied):
        raise Problem("bad-json", "the YAML cannot be read in reasonable time; send JSON instead") from None
    except ClerksBusy:
        raise Problem("unavailable", headers={"Retry-After": "5"}) from None
    if "faults" in found:
        raise Problem("bad-json", "the YAML cannot be read", faults=found["faults"])
    return found["document"]


def preferences(request: Request) -> tuple[bool, float | None]:
    """``Prefer: respond-async, wait=5`` (RFC 7240) as (asynchronous, seconds to wait or None)."""
    asynchronous, wait = False, None
    for part in filter(None, request.headers.get("prefer", "")[:500].split(",")):
        name = part.strip().lower()
        asynchronous |= name == "respond-async"
        if found := re.fullmatch(r"wait\s*=\s*\"?(\d{1,6})\"?", name):
            wait = float(found[1])
    return asynchronous, wait


async def submit(
    service: Service, key: Key, request: Request, document: Any, process: str = "plan"
) -> tuple[Job, bool]:
    """Submit a document; the job, and whether it is new. Raises Problem or JobsError, and then nothing was accepted."""
    idempotency = request.headers.get("idempotency-key")
    if idempotency is not None and not IDEMPOTENCY_KEY.match(idempotency):
        raise Problem("bad-parameter", "an Idempotency-Key is 1 to 200 visible ASCII characters")
    admitted = await admit(service, key, document, request.state.digest)
    fresh = "no-cache" in request.headers.get("cache-control", "").lower()
    submitted = await service.jobs.submit(
        key.owner,
        admitted.document,
        process=process,
        idempotency_key=idempotency,
        content_hash=admitted.content_hash,
        base_dir=admitted.base_dir,
        reuse=not fresh,
        most_unfinished=key.max_jobs,
    )
    service.metrics.reused += submitted.reused
    service.metrics.submitted += submitted.is_new
    request.state.job_id = submitted.job.id
    return submitted.job, submitted.is_new


async def wait_for(service: Service, key: Key, job: Job, seconds: float) -> Job:
    """The job once it has finished, or as it is after so many seconds."""
    if seconds <= 0 or job.is_finished:
        return job

    async def ended() -> None:
        async for event in service.jobs.events(key.owner, job.id, heartbeat_s=1.0):
            if event.kind == "status" and event.data.get("status") in TERMINAL:
                return

    try:
        async with asyncio.timeout(seconds):
            await ended()
    except TimeoutError:
        pass
    return await service.jobs.get(key.owner, job.id)
