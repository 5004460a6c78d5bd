"""The application behind a real uvicorn in a thread, on a free port of this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from api.service.http.app import create_app
from api.service.http.protocol import protocol
from api.service.jobs.memory import MemoryJobs
from api.service.settings import Settings


@contextlib.contextmanager
def served(data: Path, work: Any, **settings: Any) -> Iterator[str]:
    """The service's address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = create_app(
            Settings(data=data, port=port, log_level="ERROR", **settings), MemoryJobs(work, data / "jobs"), clerks=1
        )
        server = uvicorn.Server(
            uvicorn.Config(app, http=protocol(), log_level="error", lifespan="on", timeout_graceful_shutdown=5)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(20)
