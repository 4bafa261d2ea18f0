"""Two emulated M100 modules on ptys, in a thread of their own, with a known number of tags."""

import asyncio
import random
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from simulator.modules.field import FixedField, make_tags
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, serve_pty

T = TypeVar("T")

BAUD = 115200


class Modules:
    """Emulated modules that hear the same tags until `take_tags_away`."""

    def __init__(self, modules: int, tags: int, seed: int, prefix: str) -> None:
        self._rng = random.Random(seed)
        self._tags = make_tags(tags, self._rng, prefix=prefix)
        self.epcs = sorted(tag.epc.hex().upper() for tag in self._tags)
        self._fields = [FixedField(self._tags, self._rng) for _ in range(modules)]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="modules", daemon=True)
        self._ports: list[PtyPort] = []

    @property
    def paths(self) -> list[str]:
        """The ptys, one for each module."""
        return [port.address for port in self._ports]

    def take_tags_away(self) -> None:
        """From now on no tag answers."""

        async def empty() -> None:
            for field in self._fields:
                field.tags.clear()

        self._call(empty())

    def notices_sent(self) -> int:
        """Valid tag notices whose bytes the modules handed to their ptys whole."""

        async def total() -> int:
            return sum(port.module.stats.notices_sent for port in self._ports)

        return self._call(total())

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._serve())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        for field in self._fields:
            module = EmulatedModule("m100", field, rng=self._rng, baud=BAUD)
            self._ports.append(serve_pty(module))

    async def _close(self) -> None:
        for port in self._ports:
            port.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10.0)
