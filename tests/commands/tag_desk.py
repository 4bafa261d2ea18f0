"""A reader on a desk: an emulated module on a pty, in a thread of its own, with tags before it."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from typing import Self

from simulator.modules.field import FixedField
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, serve_pty
from simulator.modules.tag import Tag
from tests.support.loop_thread import LoopThread

FACTORY = bytes.fromhex("E28011606000020000000001")
TID = bytes.fromhex("E2801160200000010000ABCD")
LOCK_EPC = 0b10 << 4 << 10 | 0b10 << 4  # Gen2 Lock: the EPC may be written with the password only
TAG = [sys.executable, "-m", "edge.cli", "tag"]


def factory_tag(**more: int) -> Tag:
    return Tag(FACTORY, tid=TID, **more)


class CuttingTag(Tag):
    """A tag that takes a write, and whose reader's cable comes off with it."""

    __slots__ = ("desk",)

    desk: "TagDesk"

    def write(self, bank: int, word: int, data: bytes, secured: bool) -> None:
        super().write(bank, word, data, secured)
        self.desk.unplug()


class TagDesk:
    """The module and its tags; `reader` is what `--reader` takes."""

    def __init__(self, family: str, tags: Sequence[Tag]) -> None:
        self._family = family
        self._tags = list(tags)
        self._thread = LoopThread("desk")
        self._port: PtyPort | None = None
        self._plugged = True

    @property
    def reader(self) -> str:
        return f"{self._family},{self.path}"

    @property
    def path(self) -> str:
        assert self._port is not None
        return self._port.address

    def unplug(self) -> None:
        """Take the reader away soon; may be called from the module's own doing."""
        self._loop.call_soon_threadsafe(self._close)

    def __enter__(self) -> Self:
        self._thread.__enter__()
        self._thread.call(self._serve())
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()
        self._thread.__exit__()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        rng = random.Random(5)
        self._port = serve_pty(EmulatedModule(self._family, FixedField(self._tags, rng), rng=rng))

    def _close(self) -> None:
        if self._plugged and self._port is not None:
            self._plugged = False
            self._port.close()


def tag(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `rollcall tag`."""
    return subprocess.run(
        [*TAG, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
