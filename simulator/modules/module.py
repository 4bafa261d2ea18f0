"""One emulated reader module: a family's state machine behind its UART, on a given clock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence

from simulator.modules.core import Core, Surroundings
from simulator.modules.families import find_family
from simulator.modules.faults import NO_FAULTS, Faults
from simulator.modules.field import TagField
from simulator.modules.line import Sent, UartLine
from simulator.modules.quirks import parse_quirks
from simulator.modules.stats import Stats


class EmulatedModule:
    """A module of `family` that hears the tags of `tags` on its antennas.

    `antennas` are the field's numbers of the antennas at its ports, from port 1 on.
    `clock` gives monotonic seconds, the same for all modules that share tags; `rng` decides slots,
    hopping and faults. `quirks` are names of the family's, each `NAME` or `NAME=NUMBER`.
    `baud` is the one it starts with (the family's own when None); `rate_hz` reads a second instead
    of the air's own timing. Raises `UnknownFamily` or `UnknownQuirk`.

    The owner (`port.py`, or a test) gives it bytes with `receive`, looks when `next_due_s` says,
    takes what has left with `take`, and reports with `delivered` what became of it.
    """

    def __init__(
        self,
        family: str,
        tags: TagField,
        *,
        antennas: Sequence[int] = (1,),
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        quirks: Iterable[str] = (),
        faults: Faults = NO_FAULTS,
        baud: int | None = None,
        rate_hz: float | None = None,
        pacing: bool = True,
    ) -> None:
        self.family = family
        self.stats = Stats()
        self._clock = clock
        self._family = find_family(family)
        named = parse_quirks(quirks, self._family.quirks, family)
        chance = rng if rng is not None else random.Random()
        self._start_baud = baud or self._family.start_baud(named)
        self._line = UartLine(self._start_baud, chance, self.stats, faults, pacing=pacing)
        self._surroundings = Surroundings(
            self._line, tags, tuple(antennas), chance, named, rate_hz, self.stats
        )
        self._core: Core
        self.power_cycle()

    @property
    def baud(self) -> int:
        """The baud rate the module listens and speaks at now."""
        return self._line.baud

    @property
    def notices_sent(self) -> int:
        """Valid tag notices whose bytes were fully handed to a client's transport."""
        return self.stats.notices_sent

    @property
    def next_due_s(self) -> float | None:
        """When, on its clock, the module has something to do or to send; None while idle."""
        core_s, line_s = self._core.next_due_s, self._line.next_due_s
        if core_s is None or line_s is None:
            return core_s if line_s is None else line_s
        return min(core_s, line_s)

    def power_cycle(self) -> None:
        """Take the power away and give it back: every setting is the factory's again."""
        self._line.clear()
        self._line.baud = self._start_baud
        self._core = self._family.make(self._surroundings)
        self._core.power_up(self._clock())

    def now(self) -> float:
        """Return the time on the module's clock."""
        return self._clock()

    def receive(self, data: bytes) -> None:
        """Take bytes from the host, now."""
        self._core.receive(data, self._clock())

    def take(self) -> list[Sent]:
        """Do what is due and return the frames that have left by now."""
        at_s = self._clock()
        self._core.advance(at_s)
        return self._line.pop(at_s)

    def delivered(self, sent: Sent) -> None:
        """Note that a frame's bytes were all handed to the client's transport."""
        self.stats.frames_sent += 1
        self.stats.bytes_sent += len(sent.data)
        self.stats.notices_sent += sent.is_notice
