"""A job as OGC API - Processes writes it (``statusInfo``), with what a planner wants to know beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.service.http.formats import FORMATS
from api.service.jobs.interface import Job

PROCESSES = "http://www.opengis.net/def/rel/ogc/1.0/"


def stamp(at: datetime | None) -> str | None:
    """RFC 3339, UTC, milliseconds."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status_info(job: Job) -> dict[str, Any]:
    """What is known of a job. Keys that mean nothing (yet) are left out."""
    fields: dict[str, Any] = {
        "processID": job.process,
        "type": "process",
        "jobID": job.id,
        "status": job.status,
        "message": job.message or None,
        "created": stamp(job.created),
        "started": stamp(job.started),
        "finished": stamp(job.finished),
        "updated": stamp(job.updated),
        "expires": stamp(job.expires),
        "progress": job.progress,
        "name": job.name or None,
        "queue_position": job.queue_position,
        "objective_name": job.objective_name,
        "objective_sense": job.objective_sense,
        "objective_unit": job.objective_unit,
        "incumbent": job.incumbent,
        "bound": job.bound,
        "gap": job.gap,
        "stopping": job.stopping or None,
        "attempt": job.attempt or None,
        "stopped": job.stopped,
        "holds": job.holds,
        "request_sha256": job.request_hash or None,
    }
    out = {name: value for name, value in fields.items() if value is not None}
    if job.error is not None:
        out["error"] = {"code": job.error.code, "message": job.error.message, "faults": list(job.error.faults)}
    out["links"] = links(job)
    return out


def links(job: Job) -> list[dict[str, str]]:
    """Where to go from here."""
    at = f"/jobs/{job.id}"
    out = [
        link(at, "self", "application/json", "this job"),
        link(f"{at}/events", "monitor", "text/event-stream", "news of the search as it comes"),
    ]
    if job.holds is not None:
        out += [
            link(f"{at}/results?f={name}", PROCESSES + "results", format.media_type, format.what)
            for name, format in FORMATS.items()
            if job.holds == "plan" or not format.needs_plan
        ]
    if job.holds == "plan":
        out.append(link("/ogc/collections", "data", "application/json", "its layers, for QGIS and ArcGIS"))
    return out


def link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """A link as OGC writes it."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}
