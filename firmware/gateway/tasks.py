"""Long-running tasks with names: each is restarted when it fails, and its failure reported."""

import asyncio

_FIRST_S = 1
_MOST_S = 30
_WELL_MS = 60_000  # a task that ran so long starts again at once


class Tasks:
    """`report(name, error)` is called for each uncaught error of a task; `clock` has `up_ms()`."""

    def __init__(self, report, clock):
        self._report = report
        self._clock = clock
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
            began = self._clock.up_ms()
            try:
                await make()
                return
            except Exception as error:  # noqa: BLE001 - reported, whatever it is
                self._report(name, error)
            if self._clock.up_ms() - began >= _WELL_MS:
                pause = _FIRST_S
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MOST_S)


async def cancel(task):
    """Cancel a task and wait for its end."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
