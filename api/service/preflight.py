"""What would keep the service from starting at all, found before any of its processes is: its port, and its folder."""

from __future__ import annotations

import asyncio
import errno
import os

from api.service.settings import Settings, SettingsError

MOST_PORT = 65_535
SQLITE = b"SQLite format 3\x00"


def check(settings: Settings) -> None:
    """Raises SettingsError, which names what cannot be used and what to do instead."""
    make_folder(settings)
    if settings.is_sqlite:
        _database_file(settings)
    _port(settings)


def make_folder(settings: Settings) -> None:
    """The folder that everything is kept in, made where it is missing. Raises SettingsError for one that cannot be used."""
    data = settings.data
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise _unusable(settings, "there is a file of that name, or on the way to it") from None
    except OSError as error:
        raise _unusable(settings, f"it cannot be made ({error.strerror})") from None
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise _unusable(settings, "it may not be written to")


def _unusable(settings: Settings, why: str) -> SettingsError:
    return SettingsError(
        f"the service cannot keep its data in {settings.data}: {why}; name another folder with --data or GIGASITE_DATA"
    )


def _database_file(settings: Settings) -> None:
    file = settings.data / "jobs.sqlite"
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(SQLITE))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(settings, f"jobs.sqlite in it cannot be read ({error.strerror})") from None
    if begins not in (b"", SQLITE):
        raise _unusable(settings, "jobs.sqlite in it is no SQLite file")


def _port(settings: Settings) -> None:
    host, port = settings.host, settings.port
    if not 1 <= port <= MOST_PORT:
        raise SettingsError(
            f"port {port} does not exist; choose one from 1024 to {MOST_PORT} with --port or GIGASITE_PORT"
        )
    try:
        asyncio.run(_bound(host, port))
    except OSError as error:
        raise SettingsError(_why_not(error, host, port)) from None


async def _bound(host: str, port: int) -> None:
    """Take the address just as the API's process will, without listening, and let it go."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(asyncio.Protocol, host, port, start_serving=False)
    server.close()
    await server.wait_closed()


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {port} of {host} is in use by another program; "
                "stop it, or choose another port with --port or GIGASITE_PORT"
            )
        case errno.EACCES | errno.EPERM:
            return (
                f"port {port} of {host} may not be opened by this user; "
                "choose one from 1024 on with --port or GIGASITE_PORT"
            )
    return (
        f"{host} is no address of this machine ({_plainly(error)}); "
        "choose one with --host or GIGASITE_HOST, such as 127.0.0.1"
    )


def _plainly(error: OSError) -> str:
    """The system's own words (asyncio wraps them; a name that cannot be resolved has a number of another list)."""
    known = error.errno is not None and error.errno > 0
    return os.strerror(error.errno) if known else str(error.strerror or error)


def address(settings: Settings) -> str:
    """Where the service answers, as a browser takes it."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
