"""The documentation for people: the OpenAPI document as a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.service.http.app import create_app
from api.service.jobs.memory import MemoryJobs
from api.service.settings import Settings
from tests.service.http.conftest import stub


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[TestClient]:
    """A service that is called on another port than usual."""
    app = create_app(Settings(data=tmp_path), MemoryJobs(stub, tmp_path / "jobs"), clerks=1)
    with TestClient(app, base_url="http://localhost:8123") as api:
        yield api


def test_the_curl_lines_are_for_the_address_that_was_asked(elsewhere: TestClient) -> None:
    page = elsewhere.get("/docs").text
    assert "curl -s http://localhost:8123/jobs/JOBID\n" in page and "127.0.0.1:8000" not in page


def test_prose_has_code_and_no_back_quotes(elsewhere: TestClient) -> None:
    page = elsewhere.get("/docs").text
    assert "<code>Prefer: wait=5</code>" in page and "`" not in page


def test_lines_of_the_example_are_short(elsewhere: TestClient) -> None:
    """A window of 1,400 pixels shows about a hundred signs."""
    example = elsewhere.get("/docs").text.split("<pre>")[1].split("</pre>")[0]
    assert max(map(len, example.replace("&#x27;", "'").replace("&gt;", ">").splitlines())) <= 105
