"""How the client talks: plain HTTP of the standard library, tried again where that cannot do harm."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TRIES = 5


class ServiceError(Exception):
    """The service refused; ``problem`` is its RFC 9457 document, ``faults`` everything that is wrong."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, dict(problem)
        self.faults: list[dict[str, Any]] = list(problem.get("faults", ()))
        lines = [f"{status} {problem.get('title', '')}: {problem.get('detail', '')}"]
        lines += [f"  {f.get('path', '')}: {f.get('message', '')}" for f in self.faults[:20]]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Answer:
    """One answer of the service."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """A service at an address, with an API key where it wants one."""

    def __init__(self, address: str = "http://127.0.0.1:8000", key: str | None = None, timeout_s: float = 60.0) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"an address begins with http:// or https://, got {address!r}")
        self._https, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._prefix, self._timeout_s = parts.path.rstrip("/"), timeout_s
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One call. A busy service (429, 503) and a broken line are tried again where that cannot do harm."""
        headers = dict(headers or {})
        safe = method in ("GET", "DELETE") or "Idempotency-Key" in headers or target.startswith("/requests/")
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer = self._once(method, target, body, headers)
            except (OSError, http.client.HTTPException):
                if last or not safe:
                    raise
                time.sleep(0.2 * 2**attempt)
                continue
            if answer.status not in (429, 503) or last:
                break
            time.sleep(min(float(answer.headers.get("retry-after", "1")), 10.0))
        if answer.status >= 400:
            raise ServiceError(answer.status, _problem(answer))
        return answer

    def stream(self, target: str, headers: Mapping[str, str]) -> Iterator[str]:
        """The lines of a stream, until it ends."""
        connection = self._connection()
        try:
            connection.request("GET", self._prefix + target, headers={**self._headers, **headers})
            response = connection.getresponse()
            if response.status >= 400:
                raise ServiceError(response.status, _problem(Answer(response.status, {}, response.read())))
            while line := response.readline():
                yield line.decode().rstrip("\n")
        finally:
            connection.close()

    def _once(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = self._connection()
        try:
            connection.request(method, self._prefix + target, body=body, headers={**self._headers, **headers})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=self._timeout_s)


def _problem(answer: Answer) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    return (
        found
        if isinstance(found, dict)
        else {"title": "no problem document", "detail": answer.body[:200].decode("utf-8", "replace")}
    )
