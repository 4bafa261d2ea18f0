"""Start the demo's processes in order, watch them, and stop them in order."""

import asyncio
from collections.abc import Callable, Sequence

from simulator.demo.child import Child

READY_S = 20.0  # broker and emulators are up in about two seconds; a loaded Pi takes longer
GRACE_S = 2.0  # all have stopped by then, or are ended: Ctrl-C is to take at most three seconds
RESTART_S = 2.0  # a gateway that ends is started again, as its watchdog would do on a board


class DemoError(Exception):
    """The demo cannot go on; its text says why in one line."""


class Supervisor:
    """Owns every process of the demo.

    `stages` are started one after another and stopped in the opposite order; within a stage all
    at once. A process of the last stage (a gateway) that ends is started again; the end of any
    other ends the demo. A gateway that is switched off stays off until it is switched on.
    """

    def __init__(self, stages: Sequence[Sequence[Child]], say: Callable[[str], None]) -> None:
        self._stages = stages
        self._say = say
        self.is_up = False
        self._powered = {child.name: asyncio.Event() for child in stages[-1]}
        for powered in self._powered.values():
            powered.set()

    @property
    def gateways(self) -> list[str]:
        """The processes that can be switched."""
        return list(self._powered)

    def is_on(self, gateway: str) -> bool:
        """Whether a gateway has power."""
        return self._powered[gateway].is_set()

    def switch(self, gateway: str, on: bool) -> None:
        """Pull a gateway's plug, so that it ends in the midst of what it does, or put it in."""
        if on:
            self._powered[gateway].set()
            return
        self._powered[gateway].clear()
        next(child for child in self._stages[-1] if child.name == gateway).kill()

    async def run(self, stop: asyncio.Event, ready: Callable[[Child], bool]) -> None:
        """Run until `stop` is set; `ready` tells whether a process is up.

        Raises:
            DemoError: a process that cannot be done without ended, or did not come up.
        """
        watchers: list[asyncio.Task[None]] = []
        try:
            for number, stage in enumerate(self._stages):
                last = number == len(self._stages) - 1
                for child in stage:
                    await child.start()
                    watch = self._keep(child) if last else self._must_live(child)
                    watchers.append(asyncio.create_task(watch, name=f"watch {child.name}"))
                if await self._wait_ready(stage, stop, watchers, ready):
                    return
            self.is_up = True
            await self._first(stop, watchers, None)
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            await self._stop_all()

    async def _wait_ready(
        self,
        stage: Sequence[Child],
        stop: asyncio.Event,
        watchers: Sequence[asyncio.Task[None]],
        ready: Callable[[Child], bool],
    ) -> bool:
        deadline = asyncio.get_running_loop().time() + READY_S
        while not all(ready(child) for child in stage):
            if asyncio.get_running_loop().time() > deadline:
                late = next(child for child in stage if not ready(child))
                raise DemoError(
                    f"{late.name} did not come up in {READY_S:.0f} s: {late.last_words()}"
                )
            if await self._first(stop, watchers, 0.05):
                return True
        return stop.is_set()

    async def _first(
        self, stop: asyncio.Event, watchers: Sequence[asyncio.Task[None]], timeout_s: float | None
    ) -> bool:
        """Wait for the stop or for a watcher's alarm; True when told to stop."""
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            done, _ = await asyncio.wait(
                [stopping, *watchers], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            stopping.cancel()
        for task in done:
            if task is not stopping:
                await task
        return stop.is_set()

    async def _must_live(self, child: Child) -> None:
        status = await child.ended()
        raise DemoError(f"{child.name} ended with status {status}: {child.last_words()}")

    async def _keep(self, child: Child) -> None:
        powered = self._powered[child.name]
        while True:
            status = await child.ended()
            if powered.is_set():
                words = child.last_words()
                self._say(f"{child.name} ended with status {status} ({words}); restarting")
                await asyncio.sleep(RESTART_S)
            await powered.wait()
            await child.start()

    async def _stop_all(self) -> None:
        deadline = asyncio.get_running_loop().time() + GRACE_S
        started = [[child for child in stage if child.running] for stage in self._stages]
        for stage in reversed(started):
            for child in stage:
                child.terminate()
            await _ended_by(stage, deadline)
        for stage in started:
            for child in stage:
                child.kill()
            await _ended_by(stage, None)


async def _ended_by(stage: Sequence[Child], deadline: float | None) -> None:
    ends = [asyncio.create_task(child.ended()) for child in stage if child.running]
    if ends:
        now = asyncio.get_running_loop().time()
        await asyncio.wait(ends, timeout=None if deadline is None else max(0.0, deadline - now))
        for end in ends:
            end.cancel()
