"""One job from its start to its end: run its process, pass on what it tells, publish its result, write the one end.

What can happen to a start, and what follows:

==========================================  ==========================================================================
it tells a result                           published; the job ends ``successful`` (``dismissed`` when it was stopped)
it tells why it failed                      ``failed``
it was told to stop and did not in time     killed; the best point is priced, checked and written by a second process
it was killed or crashed with a point       the same, with a warning in the plan
it was killed or crashed with nothing       started again, at most ``settings.attempts`` times in all, then ``failed``
its worker was lost                         the next worker starts it anew, keeping the better of old and new; after
                                            ``settings.attempts`` losses it ends from the best point
its worker stops in good order              handed back, and that start does not count
==========================================  ==========================================================================
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.exc import DBAPIError

from api.service.jobs.attempt import Attempts, Begun, Fenced
from api.service.jobs.endings import error_text, of_result
from api.service.jobs.line import Spec
from api.service.jobs.notes import Notes
from api.service.jobs.results import Shelf
from api.service.jobs.runner import CHILD, Ended, Watch, run
from api.service.jobs.tables import inside
from api.service.settings import Settings

LOOK_S = 0.25
"""How often a running job's row is read (was it asked to stop?) and news are written."""
LOG = logging.getLogger("gigasite.jobs")


@dataclass
class Driver:
    """Drives the jobs of one worker process."""

    settings: Settings
    attempts: Attempts
    shelf: Shelf
    command: tuple[str, ...] = CHILD
    stopping: bool = False
    """The worker is ending: hand back what runs."""
    seen: dict[str, float] = field(default_factory=dict)
    """Jobs that are driven here, and when each was last looked after (monotonic clock): for the watchdog."""

    async def drive(self, job_id: str) -> str:
        """From wherever the job stands to its end. Returns how it ended, for DBOS's record."""
        self.seen[job_id] = time.monotonic()
        try:
            while True:
                begun = await asyncio.to_thread(self.attempts.begin, job_id)
                if begun is None:
                    return "over"
                LOG.info("job started", extra={"fields": {"job": job_id, "start": begun.number}})
                status = await self._start(begun)
                if status is not None:
                    LOG.info("job ended", extra={"fields": {"job": job_id, "status": status}})
                    return status
        except Fenced:
            LOG.warning("job went on elsewhere", extra={"fields": {"job": job_id}})
            return "fenced"
        finally:
            self.seen.pop(job_id, None)

    async def _start(self, begun: Begun) -> str | None:
        """One start. None: begin again."""
        if begun.losses >= self.settings.attempts:
            times = f"{begun.losses} times"
            if begun.point is None:
                return await self._fail(
                    begun, "lost", f"the process that worked on this job was lost {times} without a plan"
                )
            return await self._from_point(
                begun, f"the process that searched was lost {times}; this is its best plan", False
            )
        if begun.stopping:
            if begun.point is None:
                return await self._end(begun, "dismissed", {"message": "dismissed before it found a plan"})
            return await self._from_point(begun, "dismissed; this is the best plan that was found", True)
        ended = await self._child(begun, self._spec(begun))
        if ended.result is not None:
            return await self._publish(begun, ended.result, ended.asked == "dismissed")
        point = await asyncio.to_thread(self.attempts.point, begun.job)
        if ended.asked is not None:
            return await self._stopped(begun, ended.asked, point)
        code = None if ended.failure is None else ended.failure["code"]
        if ended.failure is not None and code != "SolverError" and not (code == "memory" and point is not None):
            return await self._fail(begun, **_words(ended.failure))
        LOG.warning("solve process lost", extra={"fields": {"job": begun.job, "code": ended.code, "said": ended.said}})
        if point is not None:
            note = "the search's process was lost; this is the best plan it had told until then"
            return await self._from_point(replace(begun, point=point), note, False)
        if begun.losses + 1 >= self.settings.attempts:
            if ended.failure is not None:
                return await self._fail(begun, **_words(ended.failure))
            return await self._fail(
                begun,
                "lost",
                f"the process of this job was lost {begun.losses + 1} times (exit code {ended.code}) without a plan",
            )
        return None

    def _spec(self, begun: Begun, finish: bool = False, note: str = "") -> Spec:
        return Spec(
            begun.process,
            begun.document,
            str(inside(self.settings, begun.base_dir)),
            str(self.shelf.draft(begun.job, begun.number)),
            self.settings.solve_memory_mb,
            self.settings.solve_limit_s,
            begun.point,
            finish,
            note,
        )

    async def _child(self, begun: Begun, spec: Spec) -> Ended:
        """Run the child, and meanwhile write its news and look whether it is to stop."""
        notes = Notes()
        watch = Watch(spec, notes.take)
        wall = 600.0 if spec.finish else 2 * self.settings.solve_limit_s + 600.0
        task = asyncio.create_task(run(watch, self.command, wall))
        try:
            while not task.done():
                await asyncio.wait([task], timeout=LOOK_S)
                await self._look(begun, watch, notes)
        except BaseException:
            watch.asked = "abandon"
            task.cancel()
            with contextlib.suppress(BaseException):
                await task
            raise
        await self._write(begun, notes, until_done=True)
        return task.result()

    async def _look(self, begun: Begun, watch: Watch, notes: Notes) -> None:
        self.seen[begun.job] = time.monotonic()
        if self.stopping:
            await asyncio.to_thread(self.attempts.release, begun.job, begun.number)
            watch.asked = "abandon"
            # Never to return: DBOS must keep this workflow as pending, for whoever comes next. The process ends soon.
            await asyncio.Event().wait()
        stop = await self._write(begun, notes)
        if stop and watch.asked is None and not watch.spec.finish:
            watch.asked = "dismissed"

    async def _write(self, begun: Begun, notes: Notes, until_done: bool = False) -> bool:
        """A database that is away for a moment costs nothing but delay: the news wait."""
        while True:
            news = notes.due(until_done)
            try:
                if news.is_empty:
                    return await asyncio.to_thread(self.attempts.look, begun.job, begun.number)
                stop = await asyncio.to_thread(self.attempts.write, begun.job, begun.number, news)
            except DBAPIError as error:
                notes.put_back(news)
                self.seen[begun.job] = time.monotonic()
                LOG.warning(
                    "the database does not answer: %s", type(error.orig).__name__, extra={"fields": {"job": begun.job}}
                )
                if not until_done:
                    return False
                await asyncio.sleep(1)
            else:
                return stop

    async def _stopped(self, begun: Begun, asked: str, point: dict[str, Any] | None) -> str:
        if asked == "dismissed":
            if point is None:
                return await self._end(begun, "dismissed", {"message": "dismissed before it found a plan"})
            return await self._from_point(replace(begun, point=point), "dismissed; this is the best plan found", True)
        if point is None:
            return await self._fail(begun, "time", "the job ran far beyond its time limit without a plan and was ended")
        note = "the search ran far beyond its time limit and was ended; this is its best plan"
        return await self._from_point(replace(begun, point=point), note, False)

    async def _from_point(self, begun: Begun, note: str, dismissed: bool) -> str:
        """Price, check and write the best point in a process of its own; twice tried, because that process may be lost, too."""
        for _ in range(2):
            ended = await self._child(begun, self._spec(begun, finish=True, note=note))
            if ended.result is not None:
                return await self._publish(begun, ended.result, dismissed, note)
            if ended.failure is not None:
                return await self._fail(begun, **_words(ended.failure))
        return await self._fail(begun, "lost", f"{note}, but the process that was to check and write it was lost twice")

    async def _publish(self, begun: Begun, result: dict[str, Any], dismissed: bool, note: str = "") -> str:
        folder = await asyncio.to_thread(self.shelf.publish, begun.job, begun.number)
        try:
            return await self._end(begun, *of_result(result, folder, dismissed, note))
        except Fenced:
            await asyncio.to_thread(self.shelf.drop, begun.job, begun.number)
            raise

    async def _fail(self, begun: Begun, code: str, message: str, faults: Any = ()) -> str:
        return await self._end(begun, "failed", {"message": message, "error": error_text(code, message, faults)})

    async def _end(self, begun: Begun, status: str, columns: dict[str, Any]) -> str:
        """Write the end, however long the database is away."""
        while True:
            try:
                await asyncio.to_thread(self.attempts.finish, begun.job, begun.number, status, columns)
                return status
            except DBAPIError as error:
                if self.stopping:
                    raise
                self.seen[begun.job] = time.monotonic()
                LOG.warning(
                    "the end cannot be written: %s", type(error.orig).__name__, extra={"fields": {"job": begun.job}}
                )
                await asyncio.sleep(1)


def _words(failure: dict[str, Any]) -> dict[str, Any]:
    return {key: failure[key] for key in ("code", "message", "faults")}
