"""A record of an A0 module is handed on without allocating; on CPython nothing is measured."""

import gc

from drivers.a0.driver import A0
from drivers.a0.frames import FAST_SWITCH, SESSION

from tests.firmware.drivers.a0_module import A0Module, end, record
from tests.firmware.fakes import FakeClock

EPCS = [bytes.fromhex("3414257BF4") + bytes([at] * 7) for at in range(20)]


class Counting:
    """A sink that keeps nothing."""

    def __init__(self):
        self.count = 0

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.count += 1


def allocated(work):
    """Bytes of heap that `work()` took, as the second of two runs; 0 where unknown."""
    work()
    if not hasattr(gc, "mem_alloc"):
        return 0
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    work()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def feed(parser, data, size):
    at = 0
    while at < len(data):
        view = parser.space()
        count = min(size, len(data) - at)
        for place in range(count):
            view[place] = data[at + place]
        parser.feed(count)
        at += count


def test_records_and_ends_allocate_nothing():
    for command in (SESSION, FAST_SWITCH):
        sink = Counting()
        driver = A0(A0Module(), [1, 2, 3, 4], sink, FakeClock(1000))
        driver._talk.address = 1
        driver._inventory._command, driver._inventory._ports = command, 0x0F
        stream = b"".join(record(epc, command, at % 4) for at, epc in enumerate(EPCS))
        stream += record(bytes(12), command) + record(EPCS[0], command, phase=b"\x01\x02")
        data = bytearray(
            stream + b"\x00" + bytes(5) + end(FAST_SWITCH if command == 0x8B else 0x8B)
        )
        for size in (24, 1, 37):
            took = allocated(lambda d=driver, data=data, size=size: feed(d._parser, data, size))
            assert took == 0, (took, size)
        assert sink.count % 21 == 0 and sink.count
        assert driver.zero_epcs * 21 == sink.count
