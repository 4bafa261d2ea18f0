"""A module on a clock that the test moves, and the host's half of the M100 protocol."""

from __future__ import annotations

import random

from simulator.modules.field import FixedField
from simulator.modules.line import Sent
from simulator.modules.m100.frames import (
    BB_7E,
    COMMAND,
    NOTICE,
    RESPONSE,
    Frame,
    FrameParser,
    Framing,
)
from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag

MANUAL_EPC = bytes.fromhex("30751feb705c5904e3d50d70")  # the tag of the manual's samples


class Bench:
    """An emulated module over still tags, with a host that speaks to it in simulated time."""

    def __init__(
        self,
        *tags: Tag,
        family: str = "m100",
        framing: Framing = BB_7E,
        read_probability: float = 1.0,
        **options: object,
    ) -> None:
        rng = random.Random(7)
        self.now_s = 1000.0
        self.field = FixedField(tags, rng, read_probability=read_probability)
        options.setdefault("pacing", True)
        self.module = EmulatedModule(
            family, self.field, clock=lambda: self.now_s, rng=rng, **options
        )
        self.framing = framing
        self.parser = FrameParser(framing, types=(RESPONSE, NOTICE))

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

    def frames(self, seconds: float = 0.3) -> list[Frame]:
        """Return the frames that come within the time."""
        return self.parser.feed(b"".join(sent.data for sent in self.run(seconds)))

    def ask(self, command: int, params: bytes | str = b"", seconds: float = 0.3) -> list[Frame]:
        """Send a command; return the frames that answer it."""
        if isinstance(params, str):
            params = bytes.fromhex(params)
        self.send(self.framing.encode(Frame(COMMAND, command, params)))
        return self.frames(seconds)

    def answer(self, command: int, params: bytes | str = b"") -> Frame:
        """Send a command that has one answer; return it."""
        (frame,) = self.ask(command, params)
        return frame


def error(code: int, rest: bytes = b"") -> Frame:
    """Return an error response."""
    return Frame(RESPONSE, 0xFF, bytes((code,)) + rest)


def done(command: int) -> Frame:
    """Return the good answer that says nothing but 00."""
    return Frame(RESPONSE, command, b"\x00")
