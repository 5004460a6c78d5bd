"""Bodies: how much is read, how long it may take, and what counts as JSON.

:class:`BodyGuard` is pure ASGI and stands before everything else; :func:`parse_json` is strict where Python's json is
lenient: UTF-8 only, no NaN or Infinity, no number beyond 1e308, no doubled keys, no half characters, bounded depth.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.service.http.problems import Problem, response

BODY_SECONDS = 10.0
"""A body of a request has this long to arrive; an upload as long as 100 kB/s needs on top."""

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32_768
MOST_TARGET_BYTES = 8_192
LONGEST_NUMBER = 400

STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
BRACKETS = re.compile(r"[\[\]{}]")


class BodyGuard:
    """Refuses bodies that are too large or too slow, while they stream in."""

    def __init__(self, app: ASGIApp, most_bytes: int, most_upload_bytes: int, uploads: str = "/datasets") -> None:
        self.app, self.most, self.most_upload, self.uploads = app, most_bytes, most_upload_bytes, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap ``receive``; answer at once where the headers alone are too much."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most_upload if scope["path"] == self.uploads else self.most
        try:
            declared = _looked_at(scope, most)
        except Problem as problem:
            await response(problem, scope["state"]["request_id"])(scope, receive, send)
            return
        seconds = BODY_SECONDS + (declared if declared is not None else most) / 100_000 * (most > self.most)
        seen = 0
        until = asyncio.get_running_loop().time() + seconds
        ended = False

        async def guarded() -> Message:
            nonlocal seen, ended
            if ended:  # the body is complete: what comes now is the disconnect, which may take as long as it likes
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise Problem("body-too-slow", f"the body did not arrive within {seconds:.0f} s") from None
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                ended = not message.get("more_body", False)
                if seen > most:
                    raise _too_large(most)
            else:
                ended = True
            return message

        await self.app(scope, guarded, send)


def _looked_at(scope: Scope, most: int) -> int | None:
    """The declared length of the body; Problem where headers or address are beyond any use, or the body is compressed."""
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(k) + len(v) for k, v in headers) > MOST_HEADER_BYTES:
        raise Problem("headers-too-large", f"at most {MOST_HEADERS} headers and {MOST_HEADER_BYTES} bytes are read")
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MOST_TARGET_BYTES:
        raise Problem("headers-too-large", f"an address has at most {MOST_TARGET_BYTES} bytes")
    declared = None
    for name, value in headers:
        if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            words = "a body is read as it is, without Content-Encoding: send it uncompressed"
            raise Problem("unsupported-media-type", words, headers={"Accept-Encoding": "identity"})
        if name == b"content-length" and declared is None:
            declared = int(value) if value.isdigit() and len(value) < 20 else -1
            if declared > most:
                raise _too_large(most)
    return declared if declared is not None and declared >= 0 else None


def _too_large(most: int) -> Problem:
    return Problem("body-too-large", f"a body has at most {most:,} bytes here", limit="body bytes", most=most)


def parse_json(data: bytes, most_depth: int) -> Any:
    """The document in these bytes. Raises :class:`Problem` (bad-json) that says where and why it is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("bad-json", f"byte {error.start} is not UTF-8 text") from None
    if text.count("[") + text.count("{") > most_depth and (deepest := depth(text)) > most_depth:
        raise Problem("bad-json", f"nested {deepest} levels deep; at most {most_depth} are read", limit="depth")
    try:
        document = DECODER.decode(text)
    except json.JSONDecodeError as error:
        message = f"line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}"
        raise Problem("bad-json", message) from None
    except RecursionError:
        raise Problem("bad-json", "nested too deep") from None
    if "\\u" in text:
        _whole(document)
    return document


def depth(text: str) -> int:
    """The deepest nesting of brackets outside strings."""
    now = most = 0
    for sign in BRACKETS.findall(STRINGS.sub("", text)):
        if sign in "[{":
            now += 1
            if now > most:
                most = now
        else:
            now -= 1
    return most


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Problem("bad-json", f"key {ascii(key)[:60]} stands twice in one object")
            seen.add(key)
    return out


def _constant(text: str) -> float:
    raise Problem("bad-json", f"{text} is not a number in JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Problem("bad-json", f"number {text[:40]} is too large")
    return value


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Problem("bad-json", "an integer with thousands of digits is not a figure")
    return int(text)


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_constant, parse_float=_float, parse_int=_int)


def _whole(document: Any) -> None:
    """Half a surrogate pair can come by an escape; no file and no database holds it."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Problem("bad-json", "a text holds half a character (an unpaired \\ud800 to \\udfff)") from None
