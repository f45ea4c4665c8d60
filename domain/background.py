"""Work that goes on beside what began it: held until it is done, and let go of at the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """The work that one owner began and does not wait for. For one event loop."""

    def __init__(self) -> None:
        # The loop itself holds tasks weakly: what nobody else holds may vanish before it is done.
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin work on the running loop. What it raises is told by the loop's own handler."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let go of what is under way, and wait until it is gone."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
