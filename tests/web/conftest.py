"""A browser on a service of this process; without Debian's Chromium and Playwright these tests say so and skip."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.service.http.conftest import client, finished, solve, tiny
from tests.service.http.live import served

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One service for all tests that do without a browser."""
    with client(tmp_path_factory.mktemp("web")) as api:
        yield api


@pytest.fixture(scope="session")
def plan_id(api: TestClient) -> str:
    """A finished plan of the tiny request."""
    job_id: str = api.post("/plans", json=tiny()).json()["jobID"]
    assert finished(api, job_id)["holds"] == "plan"
    return job_id


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with real solves behind a real socket."""
    with served(tmp_path_factory.mktemp("browser"), solve) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("no Playwright (pip install playwright): the page is not tried in a browser")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium (apt-get install chromium): the page is not tried in a browser")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def page(browser: Any, address: str, tmp_path: Path) -> Iterator[Any]:
    """The page, with its map drawn. Whatever fails in it, or asks for anything elsewhere, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True, bypass_csp=False)
    page = context.new_page()
    page.set_default_timeout(120_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and "422" not in m.text else None)
    page.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1:", "blob:", "data:")) else wrong.append(r.url)
    )
    page.goto(address)
    page.wait_for_selector("html[data-map]")
    yield page
    context.close()
    assert wrong == []
