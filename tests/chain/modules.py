"""Emulated modules on ptys, in a thread of their own, with a known number of tags."""

import random
from typing import Self

from simulator.modules.field import FixedField, make_tags
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, serve_pty
from tests.support.loop_thread import LoopThread

BAUD = 115200


class Modules:
    """Emulated modules that hear the same tags until `take_tags_away`."""

    def __init__(
        self,
        modules: int,
        tags: int,
        seed: int,
        prefix: str,
        *,
        family: str = "m100",
        baud: int = BAUD,
        rate_hz: float | None = None,
    ) -> None:
        """With a `rate_hz` each sends so many reads a second, not what the air allows."""
        self._family = family
        self._baud = baud
        self._rate_hz = rate_hz
        self._rng = random.Random(seed)
        self._tags = make_tags(tags, self._rng, prefix=prefix)
        self.epcs = sorted(tag.epc.hex().upper() for tag in self._tags)
        self._fields = [FixedField(self._tags, self._rng) for _ in range(modules)]
        self._thread = LoopThread("modules")
        self._ports: list[PtyPort] = []

    @property
    def paths(self) -> list[str]:
        """The ptys, one for each module."""
        return [port.address for port in self._ports]

    def take_tags_away(self) -> None:
        """From now on no tag answers."""
        self.hear_only(slice(0))

    def hear_only(self, some: slice) -> None:
        """From now on only these of its tags answer."""

        async def exchange() -> None:
            for field in self._fields:
                field.tags[:] = self._tags[some]

        self._thread.call(exchange())

    def notices_sent(self) -> int:
        """Valid tag notices whose bytes the modules handed to their ptys whole."""

        async def total() -> int:
            return sum(port.module.stats.notices_sent for port in self._ports)

        return self._thread.call(total())

    def __enter__(self) -> Self:
        self._thread.__enter__()
        self._thread.call(self._serve())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._close())
        self._thread.__exit__()

    async def _serve(self) -> None:
        for field in self._fields:
            module = EmulatedModule(
                self._family, field, rng=self._rng, baud=self._baud, rate_hz=self._rate_hz
            )
            self._ports.append(serve_pty(module))

    async def _close(self) -> None:
        for port in self._ports:
            port.close()
