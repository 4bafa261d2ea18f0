"""A UHFReader on a clock that the test moves, and the host's half of its protocol."""

from __future__ import annotations

import random
from collections.abc import Sequence

from simulator.modules.field import FixedField, make_tags
from simulator.modules.line import Sent
from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag
from simulator.modules.uhfreader18.frames import BROADCAST, Command, Reply, read_replies

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(80)]


def school_tags(count: int) -> list[Tag]:
    return make_tags(count, random.Random(1), epcs=EPCS[:count])


class Reader:
    """An emulated reader over still tags, with a host that speaks to it in simulated time."""

    def __init__(self, *tags: Tag, read_probability: float = 1.0, **options: object) -> None:
        rng = random.Random(7)
        self.now_s = 1000.0
        self.field = FixedField(tags, rng, read_probability=read_probability)
        self.module = EmulatedModule(
            "uhfreader18", self.field, clock=lambda: self.now_s, rng=rng, **options
        )

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

    def send(self, data: bytes | str) -> None:
        """Send raw bytes (or hex)."""
        self.module.receive(bytes.fromhex(data) if isinstance(data, str) else data)

    def replies(self, seconds: float = 3.0) -> list[Reply]:
        """Return the frames that come within the time."""
        return read_replies(b"".join(sent.data for sent in self.run(seconds)))

    def ask(
        self, command: int, data: bytes | str = b"", *, address: int = BROADCAST, seconds: float = 3
    ) -> list[Reply]:
        """Send a command; return the frames that answer it."""
        if isinstance(data, str):
            data = bytes.fromhex(data)
        self.send(Command(address, command, data).encode())
        return self.replies(seconds)

    def answer(self, command: int, data: bytes | str = b"", **options: int) -> Reply:
        """Send a command that has one answer; return it."""
        (reply,) = self.ask(command, data, **options)
        return reply

    def good(self, command: int, data: bytes | str = b"") -> bytes:
        """Send a command that must succeed; return what its answer holds."""
        reply = self.answer(command, data)
        assert (reply.command, reply.status) == (command, 0)
        return reply.data


def epcs_18(replies: Sequence[Reply]) -> list[bytes]:
    """Return the EPCs of lists in the UHFReader18's form."""
    found = []
    for reply in replies:
        rest = reply.data[1:]
        for _ in range(reply.data[0] if reply.data else 0):
            found.append(rest[1 : 1 + rest[0]])
            rest = rest[1 + rest[0] :]
        assert not rest
    return found


def reads_288(replies: Sequence[Reply]) -> list[tuple[int, bytes, int]]:
    """Return antenna bit, EPC (with the TID behind it by FastID) and RSSI of newer lists."""
    found = []
    for reply in replies:
        if reply.status == 0x26:
            continue
        rest = reply.data[2:]
        for _ in range(reply.data[1]):
            size = rest[0] & 0x7F
            found.append((reply.data[0], rest[1 : 1 + size], rest[1 + size]))
            rest = rest[2 + size :]
        assert not rest
    return found


def pushed(replies: Sequence[Reply]) -> list[bytes]:
    """Return the EPCs of real-time frames."""
    return [r.data[2 : 2 + r.data[1]] for r in replies if (r.command, r.status) == (0xEE, 0)]
