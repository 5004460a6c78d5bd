"""A worker whose children are :mod:`stub`: ``python stub_worker.py``, settings from the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

if __name__ == "__main__":
    from api.service.jobs.worker import run_worker
    from api.service.parent import die_with_parent
    from api.service.settings import read

    if supervisor := os.environ.get("GIGASITE_SUPERVISOR"):
        die_with_parent(int(supervisor))
    sys.exit(
        run_worker(
            read(), (sys.executable, "-S", "-E", str(HERE / "stub.py")), ready=lambda: print("ready", flush=True)
        )
    )
