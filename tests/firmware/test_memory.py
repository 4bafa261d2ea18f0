"""The way of a record from the port's bytes to the coalescer must allocate nothing.

On CPython there is nothing to measure and the tests only run through.
"""

import asyncio
import gc

from drivers.m100.driver import M100
from gateway.coalescer import Coalescer
from gateway.foreign import Filter
from gateway.intake import Intake

from tests.firmware.fakes import FakeClock, ScriptedModule, Sink, notice

EPCS = [bytes.fromhex("3414257BF4") + bytes([at] * 7) for at in range(20)]
FOREIGN = bytes.fromhex("E28011606000020000000001")


def allocated(work):
    """Bytes of heap that `work()` took, as the second of two runs; None where unknown."""
    if not hasattr(gc, "mem_alloc"):
        work()
        return None
    work()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    work()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


class Nothing(Sink):
    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        pass


def _driver(sink):
    driver = M100(ScriptedModule(), [1], sink, FakeClock(1000))
    stream = b"".join([notice(epc, -50) for epc in EPCS]) + notice(FOREIGN)
    bytes_in = bytearray(stream)
    return driver, bytes_in


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


def test_driver_and_filter_allocate_nothing_per_record():
    async def check():
        intake = Intake(Filter(["3414257BF4", "30"]), Nothing(), Nothing())
        intake._coalescer = _Counting()
        driver, data = _driver(intake)
        for size in (24, 1, 37):
            took = allocated(lambda size=size: _feed(driver, data, size))
            assert took in (None, 0), took
        assert intake.foreign * 21 == intake.reads
        assert intake._coalescer.count == intake.reads - intake.foreign

    asyncio.run(check())


def test_the_whole_path_into_the_coalescer_allocates_nothing_for_known_tags():
    async def check():
        intake = Intake(Filter(["3414257BF4"]), Coalescer(lambda *record: None), Nothing())
        driver, data = _driver(intake)
        _feed(driver, data, 24)
        took = allocated(lambda: _feed(driver, data, 24))
        assert took in (None, 0), took

    asyncio.run(check())


class _Counting:
    def __init__(self):
        self.count = 0

    def add(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.count += 1
