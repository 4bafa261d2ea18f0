"""Whatever an M100 says while it polls is taken without allocating.

On CPython there is nothing to measure and the test only runs through.
"""

import asyncio
import gc

from drivers.m100.driver import M100
from drivers.m100.frames import AA_DD, BB_7E

from tests.firmware.fakes import FakeClock, ScriptedModule, notice, response


class Counting:
    def __init__(self):
        self.count = 0

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.count += 1


def _stream(framing):
    parts = [notice(bytes([0x34] * size), -50, framing=framing) for size in (0, 2, 12, 31 * 2)]
    parts.append(response(0xFF, b"\x15", framing))
    parts.append(response(0xFF, b"\x20", framing))
    parts.append(response(0xB7, b"\x07\xd0", framing))  # to a command in between
    parts.append(notice(bytes(12), crc=0x1234, framing=framing))
    damaged = bytearray(notice(bytes(12), framing=framing))
    damaged[9] ^= 1
    return b"".join(parts) + bytes(damaged) + bytes([framing[0]] * 9) + notice(b"", framing=framing)


def _feed(driver, data, size):
    parser = driver._parser
    at = 0
    while at < len(data):
        view = parser.space()
        count = min(size, len(data) - at)
        for place in range(count):
            view[place] = data[at + place]
        parser.feed(count)
        at += count


def test_records_empty_rounds_and_noise_allocate_nothing():
    async def check():
        for framing in (BB_7E, AA_DD):
            sink = Counting()
            driver = M100(ScriptedModule(framing), [1], sink, FakeClock(1000))
            driver._parser.speak(framing)
            data = _stream(framing)
            for size in (1, 24, 97):
                _feed(driver, data, size)
                gc.collect()
                gc.disable()
                before = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
                _feed(driver, data, size)
                after = gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0
                gc.enable()
                assert after == before, (size, after - before)
            assert sink.count == 6 * 5
            assert driver.crc_errors >= 6 * 2

    asyncio.run(check())
