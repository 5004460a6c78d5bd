"""Calls over plain sockets, with as little Python as there can be: the bytes are made before the clock runs."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def post(path: str, body: bytes, *headers: str) -> bytes:
    """A POST of JSON as it goes over the wire; the connection ends with its answer."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "Connection: close", *headers, "", ""]).encode() + body


def get(path: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


class Caller(asyncio.Protocol):
    """One connection: sends when told, and notes when the answer was whole."""

    def __init__(self, whole: bytes) -> None:
        self.whole, self.answer, self.seconds = whole, b"", 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to send."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self) -> None:
        """The clock runs from here."""
        self.began = time.perf_counter()
        self.transport.write(self.whole)

    def data_received(self, data: bytes) -> None:
        """Until as many bytes are there as the answer says that it has."""
        self.answer += data
        head, found, body = self.answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if found and length and len(body) >= int(length[1]) and not self.done.done():
            self.seconds = time.perf_counter() - self.began
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """An answer that broke off."""
        if not self.done.done():
            self.done.set_result(None)

    @property
    def status(self) -> int:
        """0: there was no whole answer."""
        return int(self.answer[9:12]) if self.seconds and self.answer[:5] == b"HTTP/" else 0


async def at_once(address: str, calls: Sequence[bytes]) -> list[Caller]:
    """All connections are opened first, then all calls are sent at once."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 80
    loop, callers = asyncio.get_running_loop(), []
    for whole in calls:
        _, caller = await loop.create_connection(lambda whole=whole: Caller(whole), host, port)  # type: ignore[misc]
        callers.append(caller)
    for caller in callers:
        caller.send()
    await asyncio.gather(*(caller.done for caller in callers))
    for caller in callers:
        caller.transport.close()
    return callers
