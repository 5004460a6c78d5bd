"""``gigasite serve`` whole: API and worker as processes, started again when they die, gone when it stops."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from api.service.settings import Settings, to_env
from tests.service.jobs.crew import REQUEST, ROOT

PATIENCE_S = 120.0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A running service on SQLite, and where it answers."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = {**os.environ, **to_env(Settings(data=tmp_path / "data", port=port)), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "api", "serve"], env=env, stderr=subprocess.DEVNULL)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def ask(url: str, body: Any = None, method: str | None = None) -> Any:
    """The answer's JSON, or None while nobody answers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return {"status_code": error.code, **json.load(error)}
    except OSError:
        return None


def until(true: Callable[[], Any]) -> Any:
    """The first true answer."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing came true within {PATIENCE_S} s")


def child(process: subprocess.Popen[bytes], module: str) -> psutil.Process | None:
    """The service's API or worker."""
    for found in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.Error):
            if module in found.cmdline():
                return found
    return None


@pytest.mark.slow
def test_a_service_plans_survives_kills_and_stops(served: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = served
    until(lambda: (ask(f"{url}/readyz") or {}).get("status_code", 200) == 200 and ask(f"{url}/readyz"))
    job = ask(f"{url}/plans", REQUEST)
    job_id = job.get("jobID") or job["id"]
    for module in ("api.service.run_worker", "api.service.run_api"):
        victim = child(process, module)
        assert victim is not None
        victim.send_signal(signal.SIGKILL)
        until(lambda module=module, victim=victim: (p := child(process, module)) and p.pid != victim.pid)
    ended = until(lambda: (j := ask(f"{url}/jobs/{job_id}")) and j.get("status") == "successful" and j)
    assert ended["status"] == "successful"
    plan = ask(f"{url}/jobs/{job_id}/results?f=json")
    assert plan["status"]["holds"] == "plan" and plan["check"]["ok"]
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    psutil.wait_procs(family, timeout=5)
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
