"""Clerks: what becomes of one that was ended in the middle of a long answer."""

from __future__ import annotations

import asyncio
import sys

from api.service.http.clerk.pool import Clerk, Clerks

TALKER = "import sys, time; sys.stdout.write('x' * 1_000_000); sys.stdout.flush(); time.sleep(60)"


def test_one_that_is_ended_in_mid_answer_does_not_hold_up_the_end() -> None:
    """asyncio stops reading when its buffer is full, and sees no end of a process before the pipe is empty."""

    async def run() -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", TALKER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        await process.stdout.readexactly(4)
        await asyncio.sleep(0.3)
        pool, clerk = Clerks(1), Clerk(process)
        pool._all.add(clerk)
        clerk.dismiss()
        pool._forget_later(clerk)
        await asyncio.wait_for(pool.close(), 10)
        assert process.returncode is not None

    asyncio.run(run())
