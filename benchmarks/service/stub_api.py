"""An API process without HTTP: one JSON object a line in, one a line out. It is there to be killed in the middle of accepting."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

OWNER = "faults"


async def main() -> None:
    """Answers ``{"submit": document, "key": ...}`` and ``{"dismiss": id}``, each in a task of its own."""
    from api.service.jobs import JobsError, open_jobs
    from api.service.settings import read

    jobs = await open_jobs(read())
    reader = asyncio.StreamReader(limit=2**22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(json.dumps({"ready": True}), flush=True)
    tasks = set()

    async def answer(asked: dict[str, object]) -> None:
        try:
            if "submit" in asked:
                done = await jobs.submit(OWNER, asked["submit"], idempotency_key=str(asked["key"]))  # type: ignore[arg-type]
                found: dict[str, object] = {"key": asked["key"], "id": done.job.id, "new": done.is_new}
            else:
                found = {"dismissed": (await jobs.dismiss(OWNER, str(asked["dismiss"]))).id}
        except JobsError as error:
            found = {"key": asked.get("key"), "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)

    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    await jobs.close()


if __name__ == "__main__":
    asyncio.run(main())
