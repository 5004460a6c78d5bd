"""Query parameters that an address does not know are a fault of the call: a slip in a name is not ignored silently."""

from __future__ import annotations

from fastapi import Depends, Request

from api.service.http.problems import Problem, fault
from api.service.http.text import shown


async def known_only(request: Request) -> None:
    """Refuse what the OpenAPI document does not name for this address. ``f=json``, which OGC clients send everywhere, may
    always stand where JSON is the answer anyway. Raises Problem (bad-parameter)."""
    given = [name for name, value in request.query_params.multi_items() if (name, value) != ("f", "json")]
    if not given:
        return
    known = _documented(request)
    unknown = [name for name in dict.fromkeys(given) if name not in known]
    if unknown:
        words = f"known here: {', '.join(known)}" if known else "this address has none"
        faults = [fault("", f"query parameter {shown(n)} is unknown", words, parameter=n[:100]) for n in unknown[:50]]
        raise Problem("bad-parameter", f"unknown parameter {shown(unknown[0])}; {words}", faults=faults)


def _documented(request: Request) -> list[str]:
    path = request.scope["route"].path
    operation = request.app.openapi()["paths"].get(path, {}).get(request.method.lower(), {})
    return [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]


KNOWN_ONLY = Depends(known_only)
"""For a router: all of its addresses."""
