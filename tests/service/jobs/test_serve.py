"""``gigasite serve`` whole: API and worker as processes, started again when they die, gone when it stops."""

from __future__ import annotations

import contextlib
import errno
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

from api.service import preflight, serve
from api.service.settings import Settings, SettingsError, to_env
from tests.service.jobs.crew import REQUEST, ROOT

PATIENCE_S = 120.0


@contextlib.contextmanager
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def refusal(capfd: pytest.CaptureFixture[str], settings: Settings) -> str:
    """The one line that ``serve`` ends with, exit code 2, before any of its processes is started."""
    before = psutil.Process().children()
    assert serve.serve(settings) == 2
    assert psutil.Process().children() == before
    (line,) = capfd.readouterr().err.splitlines()
    return line


def test_a_port_in_use_is_told_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with taken() as port:
        line = refusal(capfd, Settings(data=tmp_path / "data", port=port))
    assert line.startswith(f"gigasite: port {port} of 127.0.0.1 is in use") and "--port" in line


@pytest.mark.parametrize("port", [0, -1, 65_536, 99_999])
def test_a_port_that_does_not_exist_is_told_at_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], port: int
) -> None:
    assert f"port {port} does not exist" in refusal(capfd, Settings(data=tmp_path / "data", port=port))


def test_an_address_of_another_machine_is_told_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    line = refusal(capfd, Settings(data=tmp_path / "data", host="192.0.2.1"))  # reserved for documentation
    assert "192.0.2.1 is no address of this machine" in line and "--host" in line


def test_a_port_of_the_system_names_the_next_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def refused(host: str, port: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(preflight, "_bound", refused)
    with pytest.raises(SettingsError, match=r"port 80 .* may not be opened by this user; .*1024"):
        preflight.check(Settings(data=tmp_path / "data", port=80))


def test_data_that_is_no_folder_is_told_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    for data in (file, file / "below"):
        line = refusal(capfd, Settings(data=data))
        assert f"cannot keep its data in {data}: there is a file" in line and "--data" in line


def test_a_database_that_is_none_is_told_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "jobs.sqlite").write_text("not a database, but long enough to be one")
    assert "jobs.sqlite in it is no SQLite file" in refusal(capfd, Settings(data=tmp_path))


def test_a_child_that_never_comes_up_ends_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = serve.Child("api", ("-c", "raise SystemExit(3)"))
    monkeypatch.setattr(serve, "children_of", lambda settings: [broken])
    monkeypatch.setattr(serve, "LONGEST_WAIT_S", 0.1)
    assert serve.serve(Settings(data=tmp_path, port=free_port())) == 1
    lines = capfd.readouterr().err.splitlines()
    assert lines[1:-1] == ["gigasite: api ended (code 3), it is started again"] * (serve.MOST_QUICK - 1)
    assert "api ended 5 times in a row" in lines[-1] and "the service stops" in lines[-1]


def test_a_database_elsewhere_may_come_back(tmp_path: Path) -> None:
    child = serve.Child("worker 1", (), quick=serve.MOST_QUICK)
    there = Settings(data=tmp_path, database_url="postgresql://nobody@nowhere/none")
    assert serve._final(child, serve.EXIT_AGAIN, there) is None and child.quick == 0
    child.quick = serve.MOST_QUICK
    assert serve._final(child, serve.EXIT_AGAIN, Settings(data=tmp_path)) == 1


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A running service on SQLite, and where it answers."""
    port = free_port()
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
