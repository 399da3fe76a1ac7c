"""Answers that run in tasks of their own, so that they end whoever listens; at a shutdown they are waited for."""

import asyncio
from collections.abc import Coroutine


class Running:
    """The answers of one kind that a process gives.

    Parameters
    ----------
    break_off_seconds
        How long those that are broken off at a shutdown may take to store what they said.
    """

    def __init__(self, break_off_seconds: float) -> None:
        self.break_off_seconds = break_off_seconds
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references to tasks

    def start(self, answering: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Begin to answer."""
        task = asyncio.create_task(answering)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, timeout_seconds: float) -> None:
        """Wait for running answers, then break off those that are left, which keeps what they said."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=timeout_seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=self.break_off_seconds)
