"""Long-running tasks with names: each is restarted when it fails, and its failure reported."""

import asyncio

_FIRST_S = 1
_MOST_S = 30


class Tasks:
    """`report(name, error)` is called for each uncaught error of a task."""

    def __init__(self, report):
        self._report = report
        self._running = []

    def start(self, name, make):
        """Run `make()`, a coroutine function; after an uncaught error again, ever more slowly."""
        self._running.append((name, asyncio.create_task(self._keep(name, make))))

    async def finished(self):
        """Wait until each has returned by itself."""
        while self._running:
            await self._running[0][1]
            self._running.pop(0)

    async def stop(self):
        """Cancel all, the last started first."""
        while self._running:
            _, task = self._running.pop()
            await cancel(task)

    async def _keep(self, name, make):
        pause = _FIRST_S
        while True:
            try:
                await make()
                return
            except Exception as error:  # noqa: BLE001 - reported, whatever it is
                self._report(name, error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MOST_S)


async def cancel(task):
    """Cancel a task and wait for its end."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
