"""The real API in a process of its own, with workers, for the time of a measurement."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

from api.service.jobs import tables
from api.service.settings import Settings, to_env
from benchmarks.service.load import ROOT, workers


@contextlib.contextmanager
def running(settings: Settings, crew: int = 1, real: bool = False) -> Iterator[tuple[Settings, str]]:
    """The settings with a free port in them, and the address that answers there."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        settings = replace(settings, port=s.getsockname()[1])
    tables.prepare(settings)
    env = {**os.environ, **to_env(settings), "GIGASITE_SUPERVISOR": str(os.getpid()), "PYTHONPATH": str(ROOT)}
    processes = workers(settings, crew, real=real)
    command = [sys.executable, "-m", "api.service.run_api"]
    processes.append(subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    try:
        until_ready(f"http://127.0.0.1:{settings.port}")
        yield settings, f"http://127.0.0.1:{settings.port}"
    finally:
        for process in processes:
            process.kill()
            process.wait()


def until_ready(url: str) -> None:
    """Waits until the API answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the API did not start within two minutes")
