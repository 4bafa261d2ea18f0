"""A record of an M6e must cost no heap on its way from the port's bytes to the sink."""

import asyncio

from drivers.m6e.driver import M6e
from drivers.m6e.records import ANTENNA, COUNT, RSSI, TIMESTAMP

from tests.firmware.drivers.fake_m6e import (
    KEEP_ALIVE,
    TEMPERATURE,
    ScriptedM6e,
    record,
    reply,
    streamed,
)
from tests.firmware.fakes import FakeClock
from tests.firmware.test_memory import Nothing, allocated

EPCS = [bytes.fromhex("3414257BF4") + bytes([at] * 7) for at in range(20)]
HOT = reply(0x22, b"", 0x0504)


def feed(parser, data, size):
    at = 0
    while at < len(data):
        view = parser.space()
        count = min(size, len(data) - at)
        for place in range(count):
            view[place] = data[at + place]
        parser.feed(count)
        at += count


def check(driver, data):
    for size in (37, 1, 64):
        took = allocated(lambda size=size: feed(driver._parser, data, size))
        assert took in (None, 0), took


def test_reports_of_continuous_reading_allocate_nothing():
    async def work():
        driver = M6e(ScriptedM6e(), [1, 2, 3], Counting(), FakeClock(1000))
        driver._reports.expect()
        driver._reports.began(1000)
        reports = [
            streamed(epc, -40 - at, 1 + at % 3, 50 * at, xpc=b"\x00\x01" if at % 2 else b"")
            for at, epc in enumerate(EPCS)
        ]
        noise = [b"\x00\xff\x10", TEMPERATURE, HOT, streamed(EPCS[0], crc=0), KEEP_ALIVE]
        stream = bytearray(b"".join(reports + noise))
        check(driver, stream)
        assert driver._sink.count in (3 * len(EPCS), 6 * len(EPCS))  # measured runs are run twice

    asyncio.run(work())


def test_tags_fetched_from_the_buffer_allocate_nothing():
    async def work():
        driver = M6e(ScriptedM6e(), [1], Counting(), FakeClock(1000))
        flags = COUNT | RSSI | ANTENNA | TIMESTAMP
        head = bytes([flags >> 8, flags & 0xFF, 0, 7])
        fetched = bytearray(head + b"".join([b"\x02" + record(epc) for epc in EPCS[:7]]))
        driver._parser.buf[: len(fetched)] = fetched
        took = allocated(lambda: driver._reports.fetched(0, len(fetched), 1000))
        assert took in (None, 0), took
        assert driver._sink.count in (7, 14)

    asyncio.run(work())


class Counting(Nothing):
    def __init__(self):
        super().__init__()
        self.count = 0

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.count += 1
