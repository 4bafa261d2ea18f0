"""An A0 reader on a clock that the test moves, and the host's half of its protocol."""

from __future__ import annotations

import random
from collections.abc import Sequence

from simulator.modules.a0.frames import Code, Frame, FrameParser
from simulator.modules.field import TagAnswer, TagField
from simulator.modules.line import Sent
from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag

LEVEL_DBM = -50.0
OK = b"\x10"


class StillField:
    """Tags heard always and at one level; `behind` maps an antenna to the tags it alone reaches."""

    def __init__(self, tags: Sequence[Tag], behind: dict[int, Sequence[Tag]] | None = None) -> None:
        self.tags = tags
        self.behind = behind or {}
        self.asked: list[tuple[int, float, float]] = []  # antenna, dBm, MHz

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        self.asked.append((antenna, power_dbm, frequency_mhz))
        return [TagAnswer(tag, LEVEL_DBM) for tag in self.behind.get(antenna, self.tags)]


class Bench:
    """An emulated reader over still tags, with a host that speaks to it in simulated time."""

    def __init__(
        self,
        *tags: Tag,
        field: TagField | None = None,
        antennas: Sequence[int] = (1, 2, 3, 4),
        address: int = 1,
        **options: object,
    ) -> None:
        rng = random.Random(7)
        self.now_s = 1000.0
        self.address = address
        self.field = field or StillField(tags)
        self.module = EmulatedModule(
            "a0",
            self.field,
            antennas=antennas,
            clock=lambda: self.now_s,
            rng=rng,
            **options,
        )
        self.parser = FrameParser()

    def run(self, seconds: float) -> list[Sent]:
        """Let time pass; return what left the reader."""
        end_s, sent = self.now_s + seconds, []
        while True:
            sent += self.module.take()
            due_s = self.module.next_due_s
            if due_s is None or due_s > end_s:
                self.now_s = end_s
                return sent + self.module.take()
            self.now_s = max(self.now_s, due_s)

    def send(self, command: int, data: str = "", *, address: int | None = None) -> None:
        """Send a command."""
        to = self.address if address is None else address
        self.module.receive(Frame(to, command, bytes.fromhex(data)).encode())

    def frames(self, seconds: float = 0.5) -> list[Frame]:
        """Return the frames that come within the time."""
        return self.parser.feed(b"".join(sent.data for sent in self.run(seconds)))

    def ask(self, command: int, data: str = "", seconds: float = 0.5) -> list[bytes]:
        """Send a command; return the data of the frames that answer it."""
        self.send(command, data)
        frames = self.frames(seconds)
        assert {(frame.address, frame.command) for frame in frames} <= {(self.address, command)}
        return [frame.data for frame in frames]

    def answer(self, command: int, data: str = "", seconds: float = 0.5) -> bytes:
        """Send a command that has one answer; return its data."""
        (answer,) = self.ask(command, data, seconds)
        return answer


def code(which: Code) -> bytes:
    """Return the data of a reply that is only a code."""
    return bytes((which,))


def epcs_of(records: Sequence[bytes], extra: int = 1) -> list[bytes]:
    """Return the EPCs in the records of a round, without its end frame (of 7 bytes).

    `extra` is how many bytes stand behind the EPC: 1, or 3 with phase.
    """
    return [data[3:-extra] for data in records if len(data) > 7]
