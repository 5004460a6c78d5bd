"""The outermost layer: a request id, the host's name, security headers, one log line and one count per answer.

Pure ASGI, so that streams pass through. It also is the last line of defence: whatever is raised below becomes a problem.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.service.http.logs import say
from api.service.http.metrics import Metrics
from api.service.http.problems import Problem, response

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
CSP = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Frame:
    """Wraps the whole app. ``local_only``: answer only calls to a local name, so that no web page that a browser on this
    machine shows can reach the service under a name of its own (DNS rebinding)."""

    def __init__(self, app: ASGIApp, metrics: Metrics, local_only: bool) -> None:
        self.app, self.metrics, self.local_only = app, metrics, local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0
        bare = scope["method"] == "HEAD"
        inner = {**scope, "method": "GET"} if bare else scope
        if bare:
            receive, send = headers_only(receive, send)

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message["headers"])
                names = {name.lower() for name, _ in headers}
                headers += [h for h in SECURITY if h[0] not in names]
                if b"content-security-policy" not in names:
                    headers.append((b"content-security-policy", CSP))
                headers.append((b"x-request-id", request_id.encode()))
                message = {**message, "headers": headers}
            await send(message)

        try:
            if self.local_only and not _is_local(scope):
                raise Problem("host-not-allowed", "call it as http://127.0.0.1 or http://localhost")
            await self.app(inner, receive, dressed)
        except Problem as problem:
            if status:
                raise
            await response(problem, request_id)(scope, receive, dressed)
        except Exception:
            say("unexpected error", logging.ERROR, exc_info=True, request_id=request_id)
            if not status:
                await response(Problem("internal"), request_id)(scope, receive, dressed)
        finally:
            self._note(inner, scope["method"], status, time.perf_counter() - began)

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", None) or getattr(scope.get("route"), "path", None) or "none"
        if scope["path"].startswith("/ogc/"):
            route = "/ogc" + route
        method = method if method in METHODS else "other"
        self.metrics.answered(method, route, status, seconds)
        state = scope["state"]
        say(
            "answered",
            request_id=state["request_id"],
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            owner=state.get("owner"),
            job_id=state.get("job_id"),
        )


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def headers_only(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """For HEAD: what GET would answer, its length too, but no body. Whoever would stream one is told that the caller has
    gone."""
    gone = asyncio.Event()

    async def send_start(message: Message) -> None:
        if gone.is_set():
            return
        await send(message)
        if message["type"] == "http.response.start":
            gone.set()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def receive_until_gone() -> Message:
        if gone.is_set():
            return {"type": "http.disconnect"}
        asked, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else {"type": "http.disconnect"}
        finally:
            for task in (asked, ended):
                task.cancel()

    return receive_until_gone, send_start


def _is_local(scope: Scope) -> bool:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return False
    host = hosts[0].decode("latin-1").lower()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    return name in LOCAL_NAMES
