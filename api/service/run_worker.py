"""A worker's process: ``python -m api.service.run_worker``, settings from the environment."""

from __future__ import annotations

import argparse
import os
import sys

from api.service.jobs.log import log_to_stderr
from api.service.parent import die_with_parent
from api.service.serve import told
from api.service.settings import read


def main() -> int:
    """Returns the exit code."""
    if supervisor := os.environ.get("GIGASITE_SUPERVISOR"):
        die_with_parent(int(supervisor))
    parser = argparse.ArgumentParser()
    parser.add_argument("--id")
    try:
        settings = read(worker_id=parser.parse_args().id)
        from api.service.jobs.worker import run_worker

        log_to_stderr(settings.log_level)
        return run_worker(settings)
    except Exception as error:
        return told(error)


if __name__ == "__main__":
    sys.exit(main())
