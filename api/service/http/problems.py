"""What can be wrong with a call, as RFC 9457 problem documents: one table, one exception, one way to the wire.

No text of another library's exception, no traceback and no path of this machine is ever put into one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
OGC = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
MOST_FAULTS = 500


class Kind(NamedTuple):
    """One kind of problem: its HTTP status, its title and what to do about it."""

    status: int
    title: str
    advice: str
    uri: str = ""


KINDS: dict[str, Kind] = {
    "bad-request": Kind(400, "The call cannot be understood", "read the detail and the faults"),
    "bad-json": Kind(400, "The body cannot be read", "send one JSON object (or YAML mapping) as UTF-8"),
    "bad-cursor": Kind(400, "Unknown cursor", "take cursors from the `next` links only"),
    "bad-parameter": Kind(400, "A parameter cannot be used", "see the faults, each with the parameter's name"),
    "host-not-allowed": Kind(400, "This host name is not served", "without API keys only localhost is answered"),
    "key-required": Kind(401, "An API key is required", "send Authorization: Bearer KEY"),
    "not-permitted": Kind(403, "This key may not do that", "ask for a key with the scope that the detail names"),
    "not-found": Kind(404, "There is no such thing here", "see GET /, which links to everything there is"),
    "no-such-process": Kind(404, "No such process", "see GET /processes", OGC + "no-such-process"),
    "no-such-job": Kind(404, "No such job", "see GET /jobs", OGC + "no-such-job"),
    "no-such-dataset": Kind(404, "No such dataset", "see GET /datasets"),
    "result-not-ready": Kind(404, "The result is not ready", "ask for the job's status first", OGC + "result-not-ready"),
    "no-plan": Kind(404, "The result holds no plan", "its plan.json says why"),
    "method-not-allowed": Kind(405, "This address does not do that", "see the Allow header"),
    "not-acceptable": Kind(406, "No format that was asked for exists", "see the detail for those that do"),
    "body-too-slow": Kind(408, "The body came too slowly", "send it again over a better connection"),
    "dataset-in-use": Kind(409, "The dataset is in use", "wait for, or dismiss, the jobs that use it"),
    "gone": Kind(410, "What this is made from has been deleted", "submit the request again"),
    "body-too-large": Kind(413, "The body is too large", "upload the sites as a dataset, or screen them first"),
    "unsupported-media-type": Kind(415, "This content type is not read", "set the Content-Type that the detail names"),
    "request-refused": Kind(422, "The request cannot be planned as written", "correct every fault and send it again"),
    "limit": Kind(422, "A limit of this service is exceeded", "see the faults, each with the limit's name"),
    "upload-refused": Kind(422, "The file cannot be taken", "see the detail"),
    "idempotency-conflict": Kind(422, "The Idempotency-Key was used with another body", "use a new key"),
    "check-too-long": Kind(422, "Checking the request took too long", "simplify the geometries"),
    "job-failed": Kind(422, "The job failed", "see the detail"),
    "too-many-jobs": Kind(429, "Too many unfinished jobs", "wait as Retry-After says"),
    "too-many-streams": Kind(429, "Too many open event streams", "close some, or ask for the status instead"),
    "headers-too-large": Kind(431, "The headers are too large", "send fewer or shorter headers"),
    "internal": Kind(500, "Something failed here", "it was logged; tell the operator the request id"),
    "unavailable": Kind(503, "The service cannot do that just now", "try again as Retry-After says"),
}  # fmt: skip


class Problem(Exception):
    """Raised anywhere below a route; :mod:`.errors` turns it into the answer."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        faults: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.faults = kind, detail, tuple(faults)
        self.headers, self.more = dict(headers or {}), more


def document(problem: Problem, request_id: str) -> dict[str, Any]:
    """The problem document."""
    kind = KINDS[problem.kind]
    out: dict[str, Any] = {
        "type": kind.uri or f"/problems/{problem.kind}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail or kind.advice,
        "request_id": request_id,
    }
    if problem.faults:
        out["faults"] = [dict(fault) for fault in problem.faults[:MOST_FAULTS]]
    return out | problem.more


def response(problem: Problem, request_id: str) -> JSONResponse:
    """The answer on the wire."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    status = KINDS[problem.kind].status
    return JSONResponse(document(problem, request_id), status, headers=headers, media_type=MEDIA_TYPE)


def fault(pointer: str, message: str, hint: str = "", **more: Any) -> dict[str, Any]:
    """One fault at an RFC 6901 pointer, in the form of :meth:`planner.errors.Fault.as_dict`."""
    path = pointer.strip("/").replace("/", ".") or "request"
    return {"path": path, "pointer": pointer, "severity": "error", "message": message, "hint": hint, **more}
