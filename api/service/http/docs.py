"""Pieces of the OpenAPI document that FastAPI cannot know: bodies read by us, answers by format, problems."""

from __future__ import annotations

from typing import Any, get_args

from api.service.http.formats import FORMATS
from api.service.http.problems import KINDS, MEDIA_TYPE
from api.service.http.submit import JSON_TYPES, YAML_TYPES
from api.service.http.workbook import WORKBOOK_TYPES
from api.service.jobs.interface import Status

Responses = dict[int | str, dict[str, Any]]

F = f"format, before any Accept header: {', '.join(FORMATS)}"
REF = "#/components/schemas/"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `faults` lists everything that is wrong, each with an RFC 6901 pointer into the body.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message", "severity"],
                "properties": {
                    "path": {"type": "string"},
                    "pointer": {"type": "string"},
                    "severity": {"enum": ["error", "warning"]},
                    "message": {"type": "string"},
                    "hint": {"type": "string"},
                    "limit": {"type": "string"},
                    "most": {"type": "number"},
                },
            },
        },
    },
}
LINK: dict[str, Any] = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
}
STATUS_INFO: dict[str, Any] = {
    "type": "object",
    "description": "OGC API - Processes statusInfo, and what is known of the search.",
    "required": ["jobID", "type", "status", "links"],
    "properties": {
        "jobID": {"type": "string"},
        "processID": {"type": "string"},
        "type": {"const": "process"},
        "status": {"enum": [*get_args(Status)]},
        "message": {"type": "string"},
        "created": {"type": "string", "format": "date-time"},
        "started": {"type": "string", "format": "date-time"},
        "finished": {"type": "string", "format": "date-time"},
        "updated": {"type": "string", "format": "date-time"},
        "expires": {"type": "string", "format": "date-time"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "name": {"type": "string"},
        "queue_position": {"type": "integer", "minimum": 1},
        "objective_name": {"type": "string"},
        "objective_sense": {"type": "string"},
        "objective_unit": {"type": "string"},
        "incumbent": {"type": "number", "description": "the best plan so far, in the objective's unit"},
        "bound": {"type": "number", "description": "no plan can be better than this"},
        "gap": {"type": "number", "description": "|incumbent - bound| / |incumbent|"},
        "stopping": {"type": "boolean"},
        "attempt": {"type": "integer"},
        "stopped": {"type": "string"},
        "holds": {"enum": ["plan", "no_plan"]},
        "request_sha256": {"type": "string"},
        "error": {"type": "object"},
        "links": {"type": "array", "items": {"$ref": REF + "Link"}},
    },
}
COMPONENTS: dict[str, dict[str, Any]] = {"Problem": PROBLEM, "Link": LINK, "StatusInfo": STATUS_INFO}

STATUS: dict[str, Any] = {"$ref": REF + "StatusInfo"}
JOB_LIST: dict[str, Any] = {
    "type": "object",
    "required": ["jobs", "links"],
    "properties": {
        "jobs": {"type": "array", "items": STATUS},
        "links": {"type": "array", "items": {"$ref": REF + "Link"}},
    },
}
OBJECT: dict[str, Any] = {"type": "object"}
PLANNING: dict[str, Any] = {
    "type": "object",
    "description": "A planning request; GET /schema gives its JSON Schema. Files are named as dataset:ID only.",
    "required": ["horizon", "blocks", "sites", "objective"],
}


def _content(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": schema}}


def problems(*statuses: int) -> Responses:
    """Problem documents for these statuses, and for whatever else 4xx and 5xx may come."""
    content = _content({"$ref": REF + "Problem"}, MEDIA_TYPE)
    out: Responses = {}
    for status in statuses:
        words = "; ".join(dict.fromkeys(k.title for k in KINDS.values() if k.status == status))
        out[status] = {"description": words or "A problem", "content": content}
    return out | {
        "4XX": {"description": "A problem of the call", "content": content},
        "5XX": {"description": "A problem here; 503 carries Retry-After", "content": content},
    }


def json(schema: dict[str, Any], *statuses: int, words: str = "As asked") -> Responses:
    """JSON, or problems."""
    return {200: {"description": words, "content": _content(schema)}, **problems(*statuses)}


def tagged(schema: dict[str, Any], *statuses: int) -> Responses:
    """JSON with an ETag."""
    return json(schema, *statuses) | {304: {"description": "You have it already (If-None-Match)"}}


def also(media_type: str) -> Responses:
    """JSON or text of another kind, with an ETag."""
    out = tagged(OBJECT)
    out[200]["content"][media_type] = {"schema": {"type": "string"}}
    return out


def only(media_type: str) -> Responses:
    """JSON of another name, with an ETag."""
    out = tagged(OBJECT)
    out[200]["content"] = {media_type: {"schema": OBJECT}}
    return out


def request_body(extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """A planning request as body: JSON, YAML or (not within an execute request) a workbook."""
    content = {media: {"schema": extra or PLANNING} for media in (*JSON_TYPES, *YAML_TYPES[:1])}
    if extra is None:
        content |= {media: {"schema": {"type": "string", "format": "binary"}} for media in WORKBOOK_TYPES}
    return {"requestBody": {"required": True, "content": content}, "parameters": [*HEADERS]}


def _header(name: str, words: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": words,
        "schema": {"type": "string", **schema},
    }


HEADERS = [
    _header("Prefer", "respond-async, wait=SECONDS (RFC 7240)", maxLength=100),
    _header("Idempotency-Key", "the same key brings the same job", pattern="^[!-~]{1,200}$"),
    _header("Cache-Control", "no-cache: solve again even where a plan of the same content is there", maxLength=100),
]


def submitted() -> Responses:
    """What submitting answers."""
    return {
        200: {
            "description": "A plan of the same content, or the job of this Idempotency-Key",
            "content": _content(STATUS),
        },
        201: {
            "description": "Accepted; from here on the job survives",
            "content": _content(STATUS),
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **problems(400, 401, 413, 415, 422, 429, 503),
    }


def _files() -> dict[str, Any]:
    out: dict[str, Any] = {}
    for format in FORMATS.values():
        if "json" in format.media_type:
            schema = {}
        elif format.media_type.startswith("text/"):
            schema = {"type": "string"}
        else:
            schema = {"type": "string", "format": "binary"}
        out[format.media_type] = {"schema": schema}
    return out


def results() -> Responses:
    """A result in any format."""
    return {
        200: {"description": "The result", "content": _files()},
        304: {"description": "You have it already (If-None-Match)"},
        **problems(404, 406, 410, 422),
    }


def plan() -> Responses:
    """A plan, or its job's status."""
    return results() | {
        202: {"description": "Not yet; Retry-After says when to ask again", "content": _content(STATUS)}
    }


def events() -> Responses:
    """A stream."""
    fields = {
        "data": {"type": "string"},
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer"},
    }
    content = {"text/event-stream": {"schema": {"type": "object", "properties": fields}}}
    return {200: {"description": "Server-sent events", "content": content}, **problems(404, 429)}


def upload() -> Responses:
    """An upload as it is kept."""
    content = {"application/geo+json": {"schema": OBJECT}, "text/csv": {"schema": {"type": "string"}}}
    return {200: {"description": "As it is kept", "content": content}, **problems(404)}


def text(media_type: str, *statuses: int) -> Responses:
    """Text of a kind."""
    return {
        200: {"description": "As asked", "content": {media_type: {"schema": {"type": "string"}}}},
        **problems(*statuses),
    }
