"""The API's process: ``python -m api.service.run_api``, settings from the environment. One event loop, no solving."""

from __future__ import annotations

import asyncio
import os
import sys

from sqlalchemy.exc import DBAPIError

from api.service.serve import EXIT_AGAIN, EXIT_SETTINGS, unreachable
from api.service.settings import Settings, SettingsError, read


async def _run(settings: Settings) -> None:
    import uvicorn

    from api.service.http.app import create_app
    from api.service.jobs import open_jobs

    jobs = await open_jobs(settings)
    try:
        config = uvicorn.Config(
            create_app(settings, jobs),
            host=settings.host,
            port=settings.port,
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


def main() -> int:
    """Returns the exit code."""
    from solvers.worker import die_with_parent

    if supervisor := os.environ.get("GIGASITE_SUPERVISOR"):
        die_with_parent(int(supervisor))
    try:
        asyncio.run(_run(read()))
    except SettingsError as error:
        print(f"gigasite: {error}", file=sys.stderr, flush=True)
        return EXIT_SETTINGS
    except DBAPIError as error:
        print(f"gigasite: {unreachable(error)}", file=sys.stderr, flush=True)
        return EXIT_AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main())
