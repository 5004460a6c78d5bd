"""The API's process: ``python -m api.service.run_api``, settings from the environment. One event loop, no solving."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable

from api.service.parent import die_with_parent
from api.service.serve import told
from api.service.settings import Settings, read

SWITCH_S = 0.0005
"""The event loop lets go of the interpreter with every answer it sends, and would wait 5 ms (Python's default) until the thread
that writes jobs hands it back."""


async def _run(settings: Settings) -> None:
    import uvicorn

    from api.service.http.app import create_app
    from api.service.http.protocol import protocol
    from api.service.jobs import open_jobs

    jobs = await open_jobs(settings)
    gc.collect()
    gc.freeze()  # a thousand open calls make the collector run often; it need not look at all modules each time
    gc.set_threshold(20_000, 20, 20)
    try:
        config = uvicorn.Config(
            create_app(settings, jobs),
            host=settings.host,
            port=settings.port,
            http=protocol(),
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=2_000,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=64 * 1024,
        )
        await uvicorn.Server(config).serve()
    finally:
        await jobs.close()


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    found: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return found


def main() -> int:
    """Returns the exit code."""
    if supervisor := os.environ.get("GIGASITE_SUPERVISOR"):
        die_with_parent(int(supervisor))
    sys.setswitchinterval(SWITCH_S)
    try:
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(_run(read()))
    except Exception as error:
        return told(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
