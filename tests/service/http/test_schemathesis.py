"""Calls made up from the OpenAPI documents, with every check of schemathesis but one, for a bounded time.

``positive_data_acceptance`` is off: that a request is right (ids that exist, lives that an objective needs) no JSON Schema
can say. ``Idempotency-Key`` and other headers are made up, too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.client import Client
from tests.service.http.conftest import solve, tiny
from tests.service.http.live import served

pytest.importorskip("schemathesis")

CONFIG = """
[parameters]
"path.jobID" = "{job}"
"path.planID" = "{job}"
"path.datasetID" = "{dataset}"
"path.collectionId" = "{job}_timeline"
"path.featureId" = "abilene/2027-01"
"path.processID" = "plan"
"path.name" = "stargate"
"path.kind" = "limit"
"""


@pytest.mark.slow
@pytest.mark.parametrize("known_ids", [True, False], ids=["known ids", "any ids"])
@pytest.mark.parametrize("document", ["/openapi.json", "/ogc/api"])
def test_every_operation_keeps_its_word(document: str, known_ids: bool, tmp_path: Path) -> None:
    with served(tmp_path / "data", solve) as address:
        client = Client(address)
        job = client.submit(tiny()).follow(quiet=True).id
        (tmp_path / "sites.geojson").write_text(json.dumps(tiny()["sites"]))
        dataset = client.upload(tmp_path / "sites.geojson").removeprefix("dataset:")
        config = tmp_path / "schemathesis.toml"
        config.write_text(CONFIG.format(job=job, dataset=dataset) if known_ids else "")
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", address + document, "-n", "6",
            "--phases", "examples,coverage,fuzzing", "--exclude-checks", "positive_data_acceptance", "--no-color",
            "--max-response-time", "20", "--max-time", "30", "--generation-database", "none", "--seed", "7",
        ]  # fmt: skip
        run = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=tmp_path)
        tested = re.search(r"Tested: (\d+)", run.stdout)
        assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
        assert tested is not None and int(tested[1]) >= 6
