"""An M6e on a clock that the test moves, and the host's half of its protocol."""

from __future__ import annotations

import random

from simulator.modules.field import FixedField, make_tags
from simulator.modules.framing import FrameCutter
from simulator.modules.line import Sent
from simulator.modules.m6e.frames import (
    MAX_REPLY_DATA,
    REPLY_OVERHEAD,
    Command,
    Reply,
    is_intact,
    measure,
)
from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag

NANO_EPC = bytes.fromhex("e2005186010701870770c4c1")  # the tag of most captures
START = "0000 01 22 0000 05 07 22 10 001b 03e8 01ff"  # SparkFun's continuous read
STOP = "0000 02"
EPCS = [bytes.fromhex(f"3414257bf4000000000000{number:02x}") for number in range(100)]
LEVEL_DBM = -45.0  # near enough to be read at 5 dBm, which many hosts set


class ReplyParser(FrameCutter[Reply]):
    """Cuts what a module sends into replies."""

    def _measure(self, buffer: bytearray) -> int:
        return measure(buffer, MAX_REPLY_DATA, REPLY_OVERHEAD)

    def _read(self, frame: bytes) -> Reply | None:
        if not is_intact(frame):
            return None
        return Reply(frame[2], int.from_bytes(frame[3:5], "big"), frame[5:-2])


class M6eBench:
    """An emulated module over still tags, with a host that speaks to it in simulated time."""

    def __init__(self, *tags: Tag, read_probability: float = 1.0, **options: object) -> None:
        rng = random.Random(7)
        self.now_s = 1000.0
        self.field = FixedField(tags, rng, level_dbm=LEVEL_DBM, read_probability=read_probability)
        self.module = EmulatedModule(
            "m6e", self.field, clock=lambda: self.now_s, rng=rng, **options
        )
        self.parser = ReplyParser()

    def run(self, seconds: float) -> list[Sent]:
        """Let time pass; return what left the module."""
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

    def raw(self, data: bytes | str, seconds: float = 0.3) -> bytes:
        """Send raw bytes (or hex); return all that comes within the time."""
        self.send(data)
        return b"".join(sent.data for sent in self.run(seconds))

    def replies(self, seconds: float = 0.3) -> list[Reply]:
        """Return the replies that come within the time."""
        return self.parser.feed(b"".join(sent.data for sent in self.run(seconds)))

    def ask(self, opcode: int, data: bytes | str = b"", seconds: float = 0.3) -> list[Reply]:
        """Send a command; return the replies that come within the time."""
        data = bytes.fromhex(data) if isinstance(data, str) else data
        self.send(Command(opcode, data).encode())
        return self.replies(seconds)

    def answer(self, opcode: int, data: bytes | str = b"", seconds: float = 1.5) -> Reply:
        """Send a command that has one reply; return it."""
        (reply,) = self.ask(opcode, data, seconds)
        return reply

    def ready(self, power: int = 2000) -> M6eBench:
        """Set region and power, as every host does first."""
        assert self.answer(0x97, "0d").status == 0
        assert self.answer(0x92, power.to_bytes(2, "big")).status == 0
        return self


def tags_of(replies: list[Reply], fields: int = 16) -> list[bytes]:
    """Return the EPCs of streamed records with metadata that are so many bytes, as 01FF's."""
    return [
        reply.data[6 + fields + 4 : -2]
        for reply in replies
        if reply.opcode == 0x22 and len(reply.data) > 16
    ]


def school_tags(count: int) -> list[Tag]:
    """Return the tags of the first EPCs."""
    return make_tags(count, random.Random(1), epcs=EPCS[:count])


def streaming(*tags: Tag, **options: object) -> M6eBench:
    """A module that reads continuously, its read filter off."""
    bench = M6eBench(*tags, **options).ready()
    bench.answer(0x9A, "010c00", 0.1)
    assert bench.ask(0x2F, START, 0.002) == [Reply(0x2F)]
    return bench


def buffered(bench: M6eBench, flags: str = "0000") -> list[Reply]:
    """Fetch the buffer until it is empty; return the replies."""
    replies = []
    while (reply := bench.answer(0x29, flags + "00", 0.2)).data[3]:
        replies.append(reply)
    return replies


def epcs_in(replies: list[Reply]) -> list[bytes]:
    """Return the EPCs of buffered records of 96 bit without metadata."""
    return [
        reply.data[4 + 18 * place + 4 : 4 + 18 * place + 16]
        for reply in replies
        for place in range(reply.data[3])
    ]
