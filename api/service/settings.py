"""The service's settings: from the environment (``GIGASITE_...``), then from the command line. One frozen record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from planner.errors import GigasiteError

DEFAULT_DATA = "gigasite-data"


class SettingsError(GigasiteError):
    """A setting that cannot be used; the text names the variable, the value and what would do."""


@dataclass(frozen=True)
class Settings:
    """Every field can be set by ``GIGASITE_`` and its name in capitals, for example ``GIGASITE_PORT``.

    ``data``: everything the service keeps (jobs, results, uploads); one folder, one volume. Default ``./gigasite-data``.
    ``database_url``: PostgreSQL (``postgresql://...``) for any number of API and worker processes; empty: SQLite in
    ``data``, with one worker process.
    """

    # where
    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path(DEFAULT_DATA)
    database_url: str = ""
    keys_file: Path | None = None
    # workers
    workers: int = 1
    """Worker processes that ``serve`` starts (0: none, they run elsewhere). SQLite allows one."""
    solves: int = 1
    """Solves that one worker process runs at once, each in a process of its own."""
    worker_id: str = ""
    """Name of this worker (``--id``); must be its own among those that live. Default: made up."""
    attempts: int = 3
    """How often a job is started anew after a worker was lost; then it ends from its last plan, or as failed."""
    # limits of one solve
    solve_memory_mb: int = 4096
    """Address space of a solve's process, and the most that a request may ask for its solver."""
    solve_limit_s: float = 3600.0
    """The longest ``solver.time_limit_s`` that a request may ask for."""
    # limits of the queue
    max_queue: int = 10_000
    max_jobs_per_owner: int = 2_000
    """Unfinished jobs of one owner."""
    # retention
    keep_days: float = 30.0
    """Finished jobs and their files are removed after this many days; 0 keeps them for good."""
    # limits of one call, for the HTTP layer
    max_body_bytes: int = 8 * 2**20
    max_upload_bytes: int = 64 * 2**20
    max_json_depth: int = 64
    max_sites: int = 2_000
    max_blocks: int = 200
    max_periods: int = 480
    max_variables: int = 1_000_000
    wait_s: float = 5.0
    """The longest that a call waits for a short solve before it answers 201."""
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        if self.is_sqlite and self.workers > 1:
            raise SettingsError(
                f"GIGASITE_WORKERS is {self.workers}, but the SQLite file has exactly one worker process; "
                "ask for 1 (more solves at once: GIGASITE_SOLVES), or set GIGASITE_DATABASE_URL to a PostgreSQL"
            )
        if not self.is_sqlite and not self.database_url.startswith(("postgresql://", "postgres://")):
            raise SettingsError("GIGASITE_DATABASE_URL must begin with postgresql://")
        for name, least in (
            ("workers", 0),
            ("solves", 1),
            ("attempts", 1),
            ("max_queue", 1),
            ("solve_memory_mb", 1024),
        ):
            if getattr(self, name) < least:
                raise SettingsError(f"GIGASITE_{name.upper()} is {getattr(self, name)}; it must be at least {least}")

    @property
    def is_sqlite(self) -> bool:
        """Jobs are kept in a file under ``data``."""
        return not self.database_url


def read(env: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings of the environment; ``overrides`` that are not None win. Raises SettingsError."""
    env = os.environ if env is None else env
    found: dict[str, Any] = {}
    for field in fields(Settings):
        text = env.get(f"GIGASITE_{field.name.upper()}")
        if text:
            found[field.name] = _parsed(field.name, str(field.type), text)
    found |= {name: value for name, value in overrides.items() if value is not None}
    return replace(Settings(), **found)


def _parsed(name: str, kind: str, text: str) -> Any:
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        raise SettingsError(f"GIGASITE_{name.upper()} is {text!r}; it must be a number") from None
    return Path(text) if "Path" in kind else text


def to_env(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process the same settings."""
    values = {f.name: getattr(settings, f.name) for f in fields(settings)}
    return {f"GIGASITE_{name.upper()}": str(value) for name, value in values.items() if value not in (None, "")}
