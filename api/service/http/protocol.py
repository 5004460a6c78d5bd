"""uvicorn's protocol with an end to heads: how large one gets and how long it takes, which uvicorn itself leaves open.

A caller who sends headers for ever would hold a connection for ever, and with the faster parser as much memory as he likes.
(Bodies are bounded in :mod:`.body`, idle connections by uvicorn's keep-alive.)
"""

from __future__ import annotations

import asyncio
from typing import Any

HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 64 * 1024
MOST_LEFT_OVER_BYTES = 16 * 2**20
"""What may still come of a body after its call was answered early; more ends the connection."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Bounded:
    """To stand before one of uvicorn's HTTP protocols."""

    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:
        """The first head is awaited from here."""
        super().connection_made(transport)  # type: ignore[misc]
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(HEAD_SECONDS, self._late)

    def data_received(self, data: bytes) -> None:
        """Bytes of a head or of a body; which, the parser knows when it has read them."""
        super().data_received(data)  # type: ignore[misc]
        if not self._awaits_head():
            self._forget()
            return
        self._head_bytes += len(data)
        if self._head_bytes > (MOST_HEAD_BYTES if self.cycle is None else MOST_LEFT_OVER_BYTES):
            self._end(LARGE)
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._forget()
        super().connection_lost(exc)  # type: ignore[misc]

    def _awaits_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _forget(self) -> None:
        self._head_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self._awaits_head():
            self._end(LATE)

    def _end(self, words: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None:
            self.transport.write(words)
        self.transport.close()


def protocol() -> type[asyncio.Protocol]:
    """The protocol on the faster parser where it is installed, else on the pure Python one."""
    base: Any
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as base
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as base
    return type("BoundedProtocol", (Bounded, base), {})
