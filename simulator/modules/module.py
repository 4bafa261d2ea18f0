"""One emulated reader module: a family's state machine behind its UART, on a given clock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

from simulator.modules import m100, m100_frames, m100_settings
from simulator.modules.faults import NO_FAULTS, Faults
from simulator.modules.field import TagField
from simulator.modules.line import Sent, UartLine
from simulator.modules.quirks import parse_quirks


class UnknownFamily(ValueError):
    """A module family that has no emulator."""


class Core(Protocol):
    """What a family implements: bytes and time in, frames out on the line it was made with."""

    @property
    def next_due_s(self) -> float | None:
        """When `advance` has something to do; None while idle, so that idling costs nothing."""

    def power_up(self, at_s: float) -> None:
        """Begin with power."""

    def receive(self, data: bytes, at_s: float) -> None:
        """Take bytes from the host."""

    def advance(self, at_s: float) -> None:
        """Do what is due by `at_s`."""


@dataclass
class Stats:
    """What a test counts. A notice counts once all its bytes were handed to a client's transport,
    undamaged; what left while nobody was connected is `unheard_frames`."""

    notices_sent: int = 0
    frames_sent: int = 0
    bytes_sent: int = 0
    damaged_frames: int = 0
    unheard_frames: int = 0
    overrun_frames: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the counters by name."""
        return asdict(self)


class EmulatedModule:
    """A module of `family` that hears the tags of `tags` on its antenna.

    `clock` gives monotonic seconds, the same for all modules that share tags; `rng` decides slots,
    hopping and faults. `quirks` are names from `quirks_of(family)`, each `NAME` or `NAME=NUMBER`.
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
        antenna: int = 1,
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
        self._quirks = parse_quirks(quirks, quirks_of(family), family)
        self._tags = tags
        self._antenna = antenna
        self._clock = clock
        self._rng = rng if rng is not None else random.Random()
        self._rate_hz = rate_hz
        self._start_baud = baud or _FAMILIES[family].baud(self._quirks)
        self._line = UartLine(self._start_baud, self._rng, faults, pacing=pacing)
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
        self._core = _FAMILIES[self.family].make(
            self._line,
            self._tags,
            self._antenna,
            self._rng,
            self._quirks,
            self._rate_hz,
        )
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
        self.stats.damaged_frames = self._line.damaged_frames


def families() -> list[str]:
    """Return the names of the families that can be emulated."""
    return list(_FAMILIES)


def quirks_of(family: str) -> Mapping[str, str]:
    """Return the family's quirks with a description each; raises `UnknownFamily`."""
    if family not in _FAMILIES:
        raise UnknownFamily(f"no emulator for family {family!r}; known are {', '.join(_FAMILIES)}")
    return _FAMILIES[family].quirks


@dataclass(frozen=True)
class _Family:
    quirks: Mapping[str, str]
    baud: Callable[[Mapping[str, float]], int]
    make: Callable[
        [UartLine, TagField, int, random.Random, Mapping[str, float], float | None],
        Core,
    ]


def _m100(framing: m100_frames.Framing, demodulator: str) -> _Family:
    def make(
        line: UartLine,
        tags: TagField,
        antenna: int,
        rng: random.Random,
        quirks: Mapping[str, float],
        rate_hz: float | None,
    ) -> Core:
        settings = m100_settings.Settings(demodulator=bytes.fromhex(demodulator))
        if "26dbm" in quirks:
            settings.hardware, settings.software = "M100 26dBm V1.0", "V1.0"
            settings.max_dbm, settings.extra_dbm = 26.0, 6.0
        if "auto-sleep" in quirks:
            settings.auto_sleep_minutes = int(quirks["auto-sleep"] or 1)
        if "mode-reply-12" in quirks:
            settings.select_reply_command = 0x12
        return m100.M100(framing, settings, line, tags, antenna, rng, quirks, rate_hz)

    return _Family(m100.QUIRKS, lambda quirks: 9600 if "baud-9600" in quirks else 115200, make)


_FAMILIES = {
    "m100": _m100(m100_frames.BB_7E, "030601b0"),
    "m100-aa": _m100(m100_frames.AA_DD, "020600b0"),  # as a real YPD-R200 answers F1
}
