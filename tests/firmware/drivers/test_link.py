"""A pause of ours costs no frame, and what a broken one left behind hides none."""

import asyncio

from drivers.link import Link
from drivers.m100.frames import BB_7E, M100Parser

from tests.firmware.fakes import FakeClock, notice

FRAME = notice(bytes(range(12)), -50, framing=BB_7E)
PAUSE_MS = 2_000  # a TLS handshake's arithmetic on a board


class Port:
    """Hands out pieces; before each a pause of so many milliseconds."""

    name, has_baud = "uart1", False

    def __init__(self, clock, pieces):
        self._clock = clock
        self._pieces = pieces

    async def open(self, baud):
        pass

    async def readinto(self, view):
        await asyncio.sleep(0)
        if not self._pieces:
            raise OSError("no more")
        pause_ms, data = self._pieces.pop(0)
        self._clock.ms += pause_ms
        view[: len(data)] = data
        return len(data)

    def close(self):
        pass


class Heard:
    def __init__(self, *pieces):
        self.frames = 0
        clock = FakeClock()
        self.parser = M100Parser(BB_7E, self)
        self._link = Link(Port(clock, list(pieces)), self.parser, clock)
        asyncio.run(self._listen())

    def frame(self, kind, command, start, length):
        self.frames += 1

    async def _listen(self):
        await self._link.open(115200)
        while self._link._pump_task and not self._link._pump_task.done():
            await asyncio.sleep(0)
        await self._link.close()


def test_a_frame_that_lies_half_read_through_a_pause_of_ours_is_whole():
    for cut in range(1, len(FRAME)):
        heard = Heard((0, FRAME[:cut]), (PAUSE_MS, FRAME[cut:] + FRAME[:cut]), (0, FRAME[cut:]))
        assert (heard.frames, heard.parser.resyncs) == (2, 0), cut


def test_behind_a_frame_that_broke_off_the_next_one_is_found_at_once():
    for cut in range(1, len(FRAME) - 1):
        heard = Heard((0, FRAME[:cut]), (PAUSE_MS, FRAME))
        assert heard.frames == 1, cut
